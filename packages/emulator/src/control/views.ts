// What the control API shows of a scope. Times are wall-clock milliseconds of the emulator, money is in US dollars.
import type { CallbackEntry } from "../callbacks/log.ts";
import { shortened } from "../callbacks/log.ts";
import type { WaitingFault } from "../faults/schedule.ts";
import { resultUrl } from "../files/results.ts";
import type { LedgerEntry } from "../state/ledger.ts";
import { MASK } from "../state/masked-headers.ts";
import type { StoredTask } from "../state/tasks.ts";
import type { WireEntry } from "../state/wire-log.ts";
import { environmentOf } from "../vendors/environment.ts";
import { isObject } from "../vendors/rules.ts";
import type { Part, Vendor } from "../vendors/vendor.ts";
import type { World } from "../world.ts";

export interface TaskView {
  id: string;
  vendor: string;
  model: string;
  /** `pending`, `processing`, `succeeded` or `failed`. */
  state: string;
  prompt: string;
  /** Seconds. */
  duration: number;
  aspectRatio: string;
  sound: boolean;
  usd: number;
  createdAt: number;
  startsAt: number | null;
  /** When it ends or ended; null: never. */
  endsAt: number | null;
  failure: { code?: string; message?: string } | null;
  /** Once it has succeeded. */
  resultUrl: string | null;
  /** Its submit named a receiver for its callback. */
  hasReceiver: boolean;
}

const finite = (ms: number): number | null => (Number.isFinite(ms) ? ms : null);

export function taskView(world: World, { vendor, context }: Part, task: StoredTask, base: string): TaskView {
  const state = context.store.state(task);
  const { prompt, duration, aspectRatio, sound } = task.clip;
  return {
    id: task.id,
    vendor: vendor.name,
    model: task.model,
    state,
    prompt,
    duration,
    aspectRatio,
    sound,
    usd: task.usd,
    createdAt: task.createdAt,
    startsAt: finite(task.startsAt),
    endsAt: finite(task.endsAt),
    failure: state === "failed" ? { ...task.failure } : null,
    resultUrl: state === "succeeded" ? resultUrl(base, vendor.name, task) : null,
    hasReceiver: world.callbacks.hasReceiver(task.id),
  };
}

export function findTask({ parts }: World, id: string): { part: Part; task: StoredTask } | undefined {
  for (const part of parts) {
    const task = part.context.store.get(id);
    if (task) return { part, task };
  }
  return undefined;
}

/** A request without its bodies. */
export interface RequestView {
  id: number;
  at: number;
  /** Real milliseconds; null until the answer has left. */
  ms: number | null;
  vendor: string;
  method: string;
  path: string;
  status: number | null;
  fault: string | null;
  taskId: string | null;
  broken: string | null;
  undocumented: string[];
}

export function requestView({ id, at, ms, request, taskId, broken }: WireEntry): RequestView {
  return {
    id,
    at,
    ms: ms ?? null,
    vendor: request.vendor,
    method: request.method,
    path: request.path,
    status: request.status ?? null,
    fault: request.fault ?? null,
    taskId: taskId ?? null,
    broken: broken ?? null,
    undocumented: request.undocumented ?? [],
  };
}

export interface ExchangeView extends RequestView {
  requestHeaders: Readonly<Record<string, string>>;
  requestBody: unknown;
  responseHeaders: Readonly<Record<string, string>>;
  responseBody: string | null;
}

export function exchangeView(entry: WireEntry): ExchangeView {
  return {
    ...requestView(entry),
    requestHeaders: entry.requestHeaders,
    requestBody: withoutTokens(entry.request.body) ?? null,
    responseHeaders: entry.responseHeaders ?? {},
    responseBody: entry.responseBody ?? null,
  };
}

/** What is in a callback's URL may be a token; what looks like a key in a body is one that a caller put into the wrong place. */
function withoutTokens(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutTokens(one));
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutTokens(inner, key)]));
  if (typeof value !== "string") return value;
  if (/callback|webhook/i.test(name)) return URL.canParse(value) ? shortened(value) : MASK;
  return /(^|_)(api_?key|token|secret|authorization|password)$/i.test(name) ? MASK : value;
}

export interface CallbackView {
  id: number;
  vendor: string;
  taskId: string;
  url: string;
  attempt: number;
  at: number;
  status: number | null;
  error: string | null;
  fault: string | null;
}

const ids = new WeakMap<object, number>();
let lastId = 0;
const idOf = (entry: object): number => {
  const id = ids.get(entry) ?? ++lastId;
  ids.set(entry, id);
  return id;
};

export const callbackView = (entry: CallbackEntry): CallbackView => ({
  id: idOf(entry),
  vendor: entry.vendor,
  taskId: entry.taskId,
  url: entry.url,
  attempt: entry.attempt,
  at: entry.at,
  status: entry.status ?? null,
  error: entry.error ?? null,
  fault: entry.fault ?? null,
});

export type LedgerView = LedgerEntry & { id: number };
export const ledgerView = (entry: LedgerEntry): LedgerView => ({ id: idOf(entry), ...entry });

export interface BalanceView {
  vendor: string;
  usd: number;
  spentUsd: number;
}

export const balances = (world: World): BalanceView[] => {
  world.ledger();
  return world.parts.map(({ vendor, context: { account } }) => ({
    vendor: vendor.name,
    usd: account.balance(),
    spentUsd: account.spent(),
  }));
};

/** JSON has no Infinity: `times: null` is without end. */
export const faultView = ({ id, fault, left, wait }: WaitingFault) => ({
  id,
  ...fault,
  times: finite(fault.times ?? 1),
  left: finite(left),
  wait,
});
export type FaultView = ReturnType<typeof faultView>;

export interface ClockView {
  /** `real`, `manual`, or how many times as fast as real time. */
  mode: "real" | "manual" | number;
  now: number;
}

export const clockView = ({ options, clock }: World): ClockView => ({
  mode: typeof options.clock === "string" ? options.clock : options.clock.speed,
  now: clock.now(),
});

/** The last ones, the newest first. */
export const newest = <Entry>(all: readonly Entry[], limit: number): Entry[] => all.slice(-limit).toReversed();

/** How faithful each vendor is, where its dialect says so. */
export const fidelityView = ({ parts }: World) =>
  parts.flatMap(({ name, vendor: { fidelity: rows } }) => (rows.length > 0 ? [{ vendor: name, rows }] : []));

export const vendorView = (vendor: Vendor, base: string) => ({
  name: vendor.name,
  baseUrl: base + vendor.path,
  apiKey: vendor.secrets["apiKey"] ?? null,
  environment: environmentOf(vendor, base + vendor.path),
  failCodes: Object.keys(vendor.failCodes),
});
