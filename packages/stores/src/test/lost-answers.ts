// What a network does to the statements of one video, from its submit to its end, on a store: each of them in turn.
import { createAPIModels } from "@vidtask/apimodels";
import { VidtaskError, type Budget, type Journal, type Slots } from "@vidtask/core";
import { createEmulator } from "@vidtask/emulator";
import { expect, test } from "vitest";

/** `answer lost`: the statement is carried out, and its answer is an error. `not made`: it is an error and nothing else. */
const FAULTS = ["answer lost", "not made"] as const;

type Store = { journal: Journal; slots: Slots; budget: Budget };
/** Carries a statement out, or not, and says so or not. */
export type Wire = <T>(statement: () => Promise<T>) => Promise<T>;

const request = { model: "kling-v2-6", prompt: "a waterfall" } as const;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
let names = 0;

/** Makes a video whose n-th statement meets the fault. */
async function makeVideo(open: (wire: Wire) => Store, fault?: (typeof FAULTS)[number], n = 0) {
  const key = `video-${process.pid}-${names}`;
  const emulator = createEmulator({ clock: "real", vendors: ["apimodels"], taskMs: 1, seed: names++ });
  let statements = 0;
  const store = open(async (statement) => {
    if (++statements !== n) return statement();
    if (fault === "answer lost") await statement();
    throw new Error("the connection was lost");
  });
  const client = createAPIModels({
    ...emulator.for("apimodels"),
    account: key,
    journal: store.journal,
    limits: { concurrentTasks: 1, shared: store.slots },
    budget: { usd: 100, period: key, shared: store.budget },
  });
  let errors = 0;
  const submit = async () => {
    for (;;) {
      try {
        return await client.submit(request, { idempotencyKey: key, submitTimeout: 0 });
      } catch (error) {
        if (++errors > 20 || !VidtaskError.isInstance(error) || !error.retryable) throw error;
        await pause(50);
      }
    }
  };
  let task = await submit();
  while (task.state === "pending" || task.state === "processing") {
    await pause(10);
    task = await client.get(task);
  }
  await client.drain();
  return {
    key,
    task,
    statements,
    charges: emulator.ledger.filter(({ kind }) => kind === "charge").length,
    row: await store.journal.get(key),
    isFree: async () => (await store.slots.take({ account: key, holder: "next", limit: 1, forMs: 1 })).ok,
  };
}

/** Declares the tests; `open` gives a store all of whose statements go through the wire. */
export function describeLostAnswers(open: (wire: Wire) => Store): void {
  test.each(FAULTS)(
    "whichever statement of a video meets a fault (%s), it is charged once and found",
    { timeout: 120_000 },
    async (fault) => {
      await makeVideo(open); // what is looked at once has been
      const { statements: most } = await makeVideo(open);
      expect(most).toBeGreaterThan(5);
      for (let n = 1; n <= most; n++) {
        const { key, task, charges, row, isFree } = await makeVideo(open, fault, n);
        expect(charges, `statement ${n} of ${most}`).toBe(1);
        expect(row, `statement ${n} of ${most}`).toMatchObject({ key, ref: { id: task.id } });
        expect(row?.state, `statement ${n} of ${most}`).toMatch(/^(accepted|succeeded)$/); // an end is asked for again, whenever it is needed
        if (fault === "answer lost" && row?.state === "succeeded")
          expect(await isFree(), `statement ${n} of ${most}`).toBe(true);
      }
    },
  );
}
