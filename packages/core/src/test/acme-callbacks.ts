// A vendor that exists only in core's own tests, its callbacks, and a receiver for them.
import type { Receiver } from "../callback/receiver.ts";
import type { VideoClient } from "../client/client.ts";
import { createReceiver } from "../client/functions.ts";
import type { ClientOptions } from "../context/options.ts";
import type { Journal } from "../journal/journal.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import type { FailedTask, SucceededTask } from "../task/task.ts";
import type { Seen, Step } from "../testing/stub-fetch.ts";
import type { StubbedClient } from "../testing/vendor-suite.ts";
import type { Adapter } from "../vendor-spec/spec.ts";
import { acmeClient, request } from "./acme.ts";

export const SECRET = "0123456789abcdef0123456789abcdef";
export const callback = { url: "https://app.test/cb", secret: SECRET };
export const durableJournal = (): Journal => ({ ...memoryJournal(), durable: true });

/** What a task is at the moment; a task that is not there is a 404. */
export type AcmeTasks = { [id: string]: object };

/** Answers a POST with the ids in this order, `undefined` with a reset after reading, and a GET with what `tasks` says. */
export function acmeAnswers(ids: readonly (string | undefined)[], tasks: AcmeTasks): Step {
  const left = [...ids];
  return ({ method, url }) => {
    if (method === "POST") {
      const id = left.shift();
      if (id !== undefined) return Response.json({ id });
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
      });
    }
    const task = tasks[url.split("/").at(-1) ?? ""];
    return task
      ? Response.json(task)
      : Response.json({ error: { code: "gone", message: "no such task" } }, { status: 404 });
  };
}

type Delivery = { key: string; task: SucceededTask | FailedTask };
export type AcmeReceiver = StubbedClient & {
  client: VideoClient;
  journal: Journal;
  receiver: Receiver;
  handled: Delivery[];
  /** The callback URLs of the submits, in their order. */
  urls: () => string[];
  gets: () => number;
  alarms: () => string[];
  /** Submits under a key, and resolves with the task or the error. */
  pay(key?: string): Promise<unknown>;
  /** The status that answers a callback of the first submit, or of another one. */
  callBack(url?: string): Promise<number>;
};

export function acmeReceiver(
  steps: Step | readonly Step[],
  options: ClientOptions & {
    onTask?: (task: SucceededTask | FailedTask, about: { idempotencyKey: string }) => unknown;
  } = {},
  change: Partial<Adapter> = {},
): AcmeReceiver {
  const { onTask, ...rest } = options;
  const journal = rest.journal ?? durableJournal();
  const stubbed = acmeClient([steps].flat() as Step[], { callback, ...rest, journal }, change);
  const handled: Delivery[] = [];
  const receiver = createReceiver({
    clients: [stubbed.client],
    onTask: onTask ?? ((task, { idempotencyKey: key }) => void handled.push({ key, task })),
  });
  const urls = () => stubbed.seen.filter(({ method }) => method === "POST").map(webhookOf);
  return {
    ...stubbed,
    journal,
    receiver,
    handled,
    urls,
    gets: () => stubbed.seen.filter(({ method }) => method === "GET").length,
    alarms: () => stubbed.events.flatMap((event) => (event.type === "alarm" ? [event.alarm] : [])),
    pay: (key = "k") => stubbed.client.submit(request, { idempotencyKey: key }).catch((error: unknown) => error),
    callBack: async (url = urls()[0]) => (await receiver.fetch(callbackTo(url))).status,
  };
}

const webhookOf = ({ body }: Seen): string => (JSON.parse(body) as { webhook: string }).webhook;

/** A callback; its body says that the task is done, with a video on a host of the sender's. */
export const callbackTo = (url: string | undefined, id = "t1", more: RequestInit = {}): Request =>
  new Request(url ?? "https://app.test/cb", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id, status: "done", url: "https://evil.test/v.mp4" }),
    ...more,
  });

export const DONE = { status: "done", url: "https://cdn.acme.test/v.mp4" };
export const FAILED = { status: "error", reason: "too dark" };
export const RUNNING = { status: "running" };
