// Every paid request that reached the emulator, and every charge, by key.
import { keyIn } from "@vidtask/bench/vendors";
import type { Emulator, RequestEntry } from "@vidtask/emulator";
import { partsOf } from "../../../emulator/src/emulator.ts";
import { ON_REUSED, REFUSED } from "./faults.ts";

export type Posts = {
  /** Takes what the emulator has logged since the last time: its log keeps the last 20 000 requests only. */
  take(): void;
  /** Those whose body was read, by key. */
  byKey(): Map<string, RequestEntry[]>;
  /** How often each fault hit a paid request, `none` among them. */
  faults(): Map<string, number>;
  /** Paid requests, and reads, that a fault hit because their connection had carried a request before. */
  reused(): { posts: number; gets: number };
  readonly gets: number;
  stop(): void;
};

const TAKE_EVERY_MS = 100;

export function collectPosts(emulator: Emulator): Posts {
  const posts: RequestEntry[] = [];
  const isReused = ({ fault }: RequestEntry) => ON_REUSED.has(fault);
  let [gets, reusedGets] = [0, 0];
  const take = () => {
    for (const entry of emulator.requests.splice(0))
      if (entry.method === "POST") posts.push(entry);
      else {
        gets++;
        if (isReused(entry)) reusedGets++;
      }
  };
  const timer = setInterval(take, TAKE_EVERY_MS);
  return {
    take,
    byKey() {
      take();
      const found = new Map<string, RequestEntry[]>();
      for (const entry of posts) {
        const key = keyIn(JSON.stringify(entry.body ?? ""));
        if (key !== undefined) found.set(key, [...(found.get(key) ?? []), entry]);
      }
      return found;
    },
    faults() {
      take();
      const counts = new Map<string, number>();
      for (const { fault = "none" } of posts) counts.set(fault, (counts.get(fault) ?? 0) + 1);
      return counts;
    },
    reused: () => ({ posts: posts.filter(isReused).length, gets: reusedGets }),
    get gets() {
      return gets;
    },
    stop: () => clearInterval(timer),
  };
}

/** Whether the client could know that this one made no task. */
export const isRefused = ({ fault }: RequestEntry): boolean => REFUSED.has(fault);

/** A task that was charged, and when, by the emulator's clock. */
export type Charge = { id: string; at: number };

/** All of them, by the key in their prompt. */
export function chargesByKey(emulator: Emulator): Map<string, Charge[]> {
  const tasks = new Map<string, { key: string; charge: Charge }>();
  for (const { name, context } of partsOf.get(emulator) ?? [])
    for (const { id, clip, createdAt } of context.store.all())
      tasks.set(`${name} ${id}`, { key: keyIn(clip.prompt) ?? "", charge: { id, at: createdAt } });
  const charges = new Map<string, Charge[]>();
  for (const { kind, vendor, taskId } of emulator.ledger) {
    if (kind !== "charge") continue;
    const task = tasks.get(`${vendor} ${taskId}`);
    if (!task) throw new Error(`the emulator charged ${taskId} and does not know it`);
    charges.set(task.key, [...(charges.get(task.key) ?? []), task.charge]);
  }
  return charges;
}
