// Cloudflare on this machine, for the suite beside it: the Worker's bundle in miniflare, bound as `wrangler.jsonc` says.
// It is a process of its own, because it is killed, and it does what its parent tells it.
import { dirname, join } from "node:path";
import { Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import type { Env } from "./client.ts";

export type HostOptions = { bundle: string; state: string; port: number; vars: { [name: string]: string } };
export type Call = { n: number; id: string; what: "create" | "restart" | "status" };

/** What miniflare's own test tools use: the sleeps of the instances to come are over at once. */
type Introspected = {
  unsafeStartIntrospection(): Promise<string>;
  unsafeSetIntrospectionOperations(session: string, operations: { type: "disableSleeps" }[]): Promise<void>;
};

const { bundle, state, port, vars } = JSON.parse(process.argv[2] ?? "") as HostOptions;
const { workerOptions } = unstable_getMiniflareWorkerOptions(join(import.meta.dirname, "wrangler.jsonc"));
const cloudflare = new Miniflare({
  ...workerOptions,
  modules: [{ type: "ESModule", path: bundle }],
  modulesRoot: dirname(bundle),
  bindings: vars,
  host: "127.0.0.1",
  port,
  cf: false, // nothing is fetched
  defaultPersistRoot: state,
});
const { VIDEOS } = await cloudflare.getBindings<Env & { VIDEOS: Introspected }>();
if (!vars["CALLBACK_URL"])
  await VIDEOS.unsafeSetIntrospectionOperations(await VIDEOS.unsafeStartIntrospection(), [{ type: "disableSleeps" }]);

process.on("message", async ({ n, id, what }: Call) => {
  try {
    if (what === "create") await VIDEOS.create({ id, params: { prompt: `number ${id}` } });
    const instance = await VIDEOS.get(id);
    if (what === "restart") await instance.restart();
    process.send?.({ n, answer: await instance.status() });
  } catch (error) {
    process.send?.({ n, error: `${String(error)} ${String((error as Error).cause)}` });
  }
});
process.send?.("ready");
