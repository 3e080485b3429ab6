import { createApixo, step as look } from "@vidtask/apixo";
import { sqliteJournal } from "@vidtask/apixo/node";
import { Inngest, NonRetriableError } from "inngest";

const apixo = createApixo({ journal: sqliteJournal(process.env["SUBMITS_DB"] ?? "submits.db") }); // several machines: `sqlStore`
const inngest = new Inngest({ id: "studio" });
/** A function keeps at most 1,000 steps: none is spent on looking more often than this. */
const LEAST_MS = 30_000;

/** Makes the video of an event `video/asked` with `{ id, prompt }`. */
export const makeVideo = inngest.createFunction(
  { id: "make-video", triggers: [{ event: "video/asked" }] },
  async ({ event, step }) => {
    const { id, prompt } = event.data as { id: string; prompt: string };
    const ask = { idempotencyKey: `video:inngest:${id}`, request: { model: "kling-2-6", prompt } } as const;
    for (let n = 1; ; n++) {
      // What a step returns is kept as JSON, so errors are thrown inside of it.
      const found = await step.run(`look ${n}`, async () => {
        const found = await look(apixo, ask).catch((error: Error) => {
          throw new NonRetriableError(error.message); // refused: what can pass by itself is `again`
        });
        if ("again" in found) return { again: found.again };
        if ("unknown" in found) throw new NonRetriableError(found.unknown.message); // a person looks: `settleSubmit`
        if (found.done.state === "failed") throw new NonRetriableError(found.done.failure.message);
        return { url: found.done.videos[0].url };
      });
      if ("url" in found) return found.url;
      await step.sleepUntil(`wait ${n}`, new Date(Math.max(Date.parse(found.again), Date.now() + LEAST_MS)));
    }
  },
);
