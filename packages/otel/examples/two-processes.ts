// One task over two processes, as spans in text: `node two-processes.ts`. Against the emulator, so it costs nothing.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createEmulator } from "@vidtask/emulator";

/** Runs submit.ts, and when that has ended worker.ts; gives what each prints. */
export async function runBoth(): Promise<{ submit: string; worker: string }> {
  const folder = await mkdtemp(join(tmpdir(), "vidtask-otel-"));
  const emulator = createEmulator({ taskMs: 300 });
  const server = await emulator.listen();
  const env = {
    ...process.env,
    APIMODELS_BASE_URL: `${server.url}/api/v1`,
    APIMODELS_API_KEY: "sk_emulator_key_apimodels",
    JOURNAL: join(folder, "videos.sqlite"),
    FOLDER: folder,
    POLL_MS: "200",
  };
  const run = async (file: string) => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, file)], { env });
    return stdout.trim();
  };
  try {
    return { submit: await run("submit.ts"), worker: await run("worker.ts") };
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const { submit, worker } = await runBoth();
  console.log(`$ node submit.ts\n${submit}\n\n$ node worker.ts\n${worker}`);
}
