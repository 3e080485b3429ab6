// Puts an emulator into a given state, for tests (the states of a contract), and shows what it would send then. Not part of
// the package's interface.
import { messageOf } from "./callbacks/message.ts";
import { partsOf, type Emulator } from "./emulator.ts";
import { resultUrl } from "./files/results.ts";
import { checkSettings, findVendor } from "./options.ts";
import type { State } from "./state/tasks.ts";
import type { Outage } from "./vendors/context.ts";
import type { Fields } from "./vendors/rules.ts";

export interface GivenState {
  vendor: string;
  /** US dollars that the account has left. */
  credits?: number;
  /** Every request meets the rate limit until `reset`. */
  rateLimited?: boolean;
  /** Every request to its API is answered with this, until `reset`. */
  outage?: Outage;
  /** Replaces the vendor's part of the option `accounts`, until `reset`. */
  settings?: object;
  /** A task that stays as it is, whatever the time. */
  task?: {
    taskId: string;
    model: string;
    /** In the vendor's words (`"success"`) or the emulator's (`"succeeded"`). */
    state: string;
    failCode?: string;
    failMsg?: string;
    /** @default the emulator's own result, which is there too. */
    resultUrl?: string;
    /** Wall-clock milliseconds. @default a minute before `completeTime` */
    createTime?: number;
    /** Wall-clock milliseconds. @default now */
    completeTime?: number;
  };
}

const STATES: readonly State[] = ["pending", "processing", "succeeded", "failed"];

/** Several may be planted one after the other; `emulator.reset()` clears them. */
export function setState(emulator: Emulator, given: GivenState): void {
  const { vendor: name, credits, rateLimited, outage, settings, task } = given;
  const { vendor, context } = partOf(emulator, name, "plant");
  const { account, clock, requests, store } = context;

  if (credits !== undefined) account.set(credits);
  if (rateLimited === true) requests.exhaust();
  if (rateLimited === false) requests.reset();
  if (outage !== undefined) context.outage = outage;
  if (settings !== undefined) context.settings = checkSettings(vendor, settings);
  if (!task) return;

  const pinned = vendor.states[task.state] ?? STATES.find((state) => state === task.state);
  if (!pinned)
    throw new RangeError(
      `plant: task.state is ${JSON.stringify(task.state)}; use one of ${Object.keys(vendor.states).join(", ")}`,
    );
  const endsAt = task.completeTime ?? Math.max(clock.now(), task.createTime ?? 0);
  const createdAt = task.createTime ?? endsAt - 60_000;
  store.put({
    id: task.taskId,
    model: task.model,
    createdAt,
    startsAt: createdAt,
    endsAt,
    pinned,
    failure:
      pinned === "failed"
        ? {
            ...(task.failCode !== undefined && { code: task.failCode }),
            ...(task.failMsg !== undefined && { message: task.failMsg }),
          }
        : undefined,
    usd: 0,
    resultUrl: task.resultUrl,
    clip: { prompt: "a planted task", duration: 5, aspectRatio: "16:9", sound: false },
  });
}

/**
 * The callback that tells of the end of a planted task, as it would be sent.
 *
 * @param request the body of the submit, which some vendors repeat.
 */
export function callbackOf(
  emulator: Emulator,
  { vendor: name, taskId, request }: { vendor: string; taskId: string; request?: Fields },
): Request {
  const { vendor, context } = partOf(emulator, name, "callbackOf");
  const task = context.store.get(taskId);
  const state = task && context.store.state(task);
  if (!task || (state !== "succeeded" && state !== "failed"))
    throw new RangeError(`callbackOf: no task ${JSON.stringify(taskId)} that has ended; plant one first`);
  const message = messageOf(vendor, "https://app.test/callback", {
    task,
    state,
    url: resultUrl("https://emulator.test", name, task),
    request: request ?? { model: task.model, prompt: task.clip.prompt },
    now: task.endsAt,
  });
  return new Request(message.url, { method: "POST", headers: message.headers, body: message.body });
}

function partOf(emulator: Emulator, name: string, where: string) {
  const parts = partsOf.get(emulator);
  if (!parts)
    throw new TypeError(`${where}: the first argument must be what createEmulator returned, not a copy of it`);
  return findVendor(name, parts, where);
}
