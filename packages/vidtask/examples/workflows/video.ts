import { createReceiver, step as look } from "@vidtask/apixo";
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from "cloudflare:workers";
import { NonRetryableError } from "cloudflare:workflows";
import { clientOf, instanceIdOf, keyOf, storeOf, type Env, type Video } from "./client.ts";

/** An instance has so many steps: none is spent on looking more often than this. */
const LEAST_MS = 30_000;

/** Makes the video of `env.VIDEOS.create({ id, params: { prompt } })`. */
export class MakeVideo extends WorkflowEntrypoint<Env> {
  override async run({ instanceId, payload }: WorkflowEvent<Video>, step: WorkflowStep): Promise<string> {
    const ask = { idempotencyKey: keyOf(instanceId), request: { model: "kling-2-6", prompt: payload.prompt } } as const;
    await step.do("tables", () => storeOf(this.env).migrate());
    for (let n = 1; ; n++) {
      const found = await step.do(`look ${n}`, async () => {
        const found = await look(clientOf(this.env), ask).catch((error: Error) => {
          throw new NonRetryableError(error.message); // refused: what can pass by itself is `again`
        });
        // How long is part of the answer, which is kept: an instance that is run again sleeps the same sleep.
        if ("again" in found) return { waitMs: Math.max(LEAST_MS, Date.parse(found.again) - Date.now()) };
        if ("unknown" in found) throw new NonRetryableError(found.unknown.message); // a person looks: `settleSubmit`
        if (found.done.state === "failed") throw new NonRetryableError(found.done.failure.message);
        return { url: found.done.videos[0].url };
      });
      if ("url" in found) return found.url;
      const { waitMs: timeout } = found;
      if (!this.env.CALLBACK_URL) await step.sleep(`wait ${n}`, timeout);
      else await step.waitForEvent(`wait ${n}`, { type: "ended", timeout }).catch(() => {}); // its callback, or time
    }
  }
}

export default {
  /** Answers the vendor's callbacks, if there is a CALLBACK_URL: each wakes its instance. */
  fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    const onTask = async (_task: object, { idempotencyKey }: { idempotencyKey: string }) => {
      const instance = await env.VIDEOS.get(instanceIdOf(idempotencyKey));
      await instance.sendEvent({ type: "ended", payload: {} }).catch(() => {}); // its time had come, and it has ended
    };
    return createReceiver({ clients: [clientOf(env)], onTask }).fetch(request, context);
  },
};
