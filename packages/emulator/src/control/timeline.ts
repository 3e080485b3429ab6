// What happened to a task, in order.
import type { StoredTask } from "../state/tasks.ts";
import type { Part } from "../vendors/vendor.ts";
import type { World } from "../world.ts";

export interface Happening {
  at: number;
  kind: "submit" | "charge" | "processing" | "poll" | "download" | "callback" | "succeeded" | "failed" | "refund";
  /** In words. */
  text: string;
  /** Of `GET requests/<id>`. */
  requestId?: number;
  fault?: string;
}

export function timelineOf(world: World, { vendor, context }: Part, task: StoredTask): Happening[] {
  const state = context.store.state(task);
  const isRunning = state === "pending" || state === "processing";
  const seen: Happening[] = [];
  for (const { id, at, request, taskId } of world.wire.entries) {
    if (taskId !== task.id) continue;
    const answer = request.status === undefined ? "no answer" : `HTTP ${request.status}`;
    const path = request.path.split("?")[0] ?? "";
    const kind = request.method === "POST" ? "submit" : path.startsWith("/results/") ? "download" : "poll";
    const fault = request.fault === undefined ? {} : { fault: request.fault };
    seen.push({ at, kind, text: `${request.method} ${path}: ${answer}`, requestId: id, ...fault });
  }
  for (const { vendor: name, taskId, usd, kind } of world.ledger())
    if (taskId === task.id && name === vendor.name)
      seen.push({ at: kind === "charge" ? task.createdAt : task.endsAt, kind, text: `${usd} USD` });
  if (state !== "pending") seen.push({ at: task.startsAt, kind: "processing", text: "the vendor begins" });
  if (!isRunning)
    seen.push({
      at: task.endsAt,
      kind: state,
      text: state === "failed" ? (task.failure?.code ?? task.failure?.message ?? "no reason") : "the result is there",
    });
  for (const { taskId, at, attempt, url, status, error, fault } of world.callbacks.log) {
    if (taskId !== task.id) continue;
    const answer = status === undefined ? (error ?? "no answer yet") : `HTTP ${status}`;
    const what = attempt === 0 ? "forged" : `attempt ${attempt}`;
    seen.push({ at, kind: "callback", text: `${what}, to ${url}: ${answer}`, ...(fault !== undefined && { fault }) });
  }
  return seen.toSorted((a, b) => a.at - b.at || order(a) - order(b));
}

const ORDER: readonly Happening["kind"][] = [
  "submit",
  "charge",
  "processing",
  "succeeded",
  "failed",
  "refund",
  "callback",
  "poll",
  "download",
];
const order = ({ kind }: Happening): number => ORDER.indexOf(kind);
