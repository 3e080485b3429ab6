// What a client does while its store fails, and afterwards. The emulated vendor's ledger is the judge.
import { createAPIModels } from "@vidtask/apimodels";
import { VidtaskError, type Budget, type Journal, type Slots, type Task } from "@vidtask/core";
import { createEmulator } from "@vidtask/emulator";
import { expect, onTestFinished } from "vitest";

export type Store = { journal: Journal; slots: Slots; budget: Budget };

export type Outage = {
  /** Fails from here on. */
  begin(): Promise<unknown> | unknown;
  /** What a refused submit says. Nothing, where it is no fault: then submits are made. */
  says?: string | RegExp;
  /** Works again. */
  end(): Promise<unknown> | unknown;
  /** Whether tasks that end meanwhile can be journaled: then nothing is said of it. @default false */
  writesEnds?: boolean | "maybe";
  /** Whether the limits cannot be asked either: then polls go on without them, and an alarm says so. @default false */
  isDown?: boolean;
};

const request = { model: "kling-v2-6", prompt: "a waterfall" } as const;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** An answer of a store that fell silent is awaited for so long, and read again for as long. */
const LONGEST_MS = 22_000;
let names = 0;

/** Two tasks run when the store fails; one more submit is refused meanwhile, and made when the store works again. */
export async function endure(
  store: Store,
  { begin, says, end, writesEnds = false, isDown = false }: Outage,
): Promise<string[]> {
  const name = `outage-${process.pid}-${names++}`;
  const emulator = createEmulator({ clock: "real", vendors: ["apimodels"], taskMs: 1, seed: names });
  const alarms: string[] = [];
  const client = createAPIModels({
    ...emulator.for("apimodels"),
    account: name,
    journal: store.journal,
    limits: { concurrentTasks: 3, requestsPerMinute: 6_000, shared: store.slots },
    budget: { usd: 100, period: name, shared: store.budget },
    onEvent: (event) => event.type === "alarm" && alarms.push(`${event.alarm}: ${event.message}`),
  });
  const charges = () => emulator.ledger.filter(({ kind }) => kind === "charge").length;
  const submit = (key: string) => client.submit(request, { idempotencyKey: `${name}-${key}`, submitTimeout: 0 });
  const soon = async <T>(work: Promise<T>): Promise<T> => {
    const started = performance.now();
    return work.finally(() => expect(performance.now() - started).toBeLessThan(LONGEST_MS));
  };
  const running: Task[] = [await submit("a"), await submit("b")];

  let isOver = false;
  onTestFinished(async () => {
    if (!isOver) await end(); // for the tests after this one
  });
  await begin();
  const refused = await soon(submit("late")).catch((error: unknown) => error);
  if (says === undefined) expect(refused).toMatchObject({ state: "pending" });
  else expect(refused).toMatchObject({ name: "JournalError", billed: "no", retryable: true });
  if (says !== undefined) expect((refused as Error).message).toMatch(says);
  for (const task of running) expect(await soon(client.get(task))).toMatchObject({ state: "succeeded" });
  expect(charges()).toBe(says === undefined ? 3 : 2);
  const said = [...alarms];
  const isAlarmed = said.some((alarm) => alarm.startsWith("journal_failed: the end of the task was not journaled"));
  if (writesEnds !== "maybe") expect(isAlarmed).toBe(!writesEnds);
  if (isDown)
    expect(said.some((alarm) => alarm.startsWith("limits_failed: a poll left by this client's own"))).toBe(true);

  await end();
  isOver = true;
  const late = await untilSubmitted(() => submit("late"));
  expect(charges()).toBe(3);
  for (const task of [...running, late]) {
    expect(await client.get(task)).toMatchObject({ state: "succeeded" });
    expect(await store.journal.findByTask(task)).toMatchObject({ state: "succeeded", ref: { id: task.id } });
  }
  await client.drain();
  expect(charges()).toBe(3);
  for (const holder of ["x", "y", "z"])
    expect(await store.slots.take({ account: name, holder, limit: 3, forMs: 1_000 })).toEqual({ ok: true });
  return said;
}

/** Submits again for as long as it is worth it: connections come back in their own time. */
async function untilSubmitted(submit: () => Promise<Task>): Promise<Task> {
  for (const until = Date.now() + 60_000; ;) {
    try {
      return await submit();
    } catch (error) {
      if (!VidtaskError.isInstance(error) || !error.retryable || Date.now() > until) throw error;
      await pause(200);
    }
  }
}
