// `vidtask-emulator --fast` in one process, a client in another, and nothing between them but the file that is printed.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const here = import.meta.dirname;

test("from generate to the file in seconds, with the printed .env alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "vidtask-fast-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(here, "../../emulator/src/cli.ts");
  const emulator = spawn(process.execPath, [program, "--fast", "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void emulator.kill());
  let env = "";
  for await (const chunk of emulator.stdout) {
    env += String(chunk);
    if (/APIMODELS_API_KEY=.+\n/.test(env)) break;
  }
  writeFileSync(join(folder, ".env"), env);

  const argv = [
    `--env-file=${join(folder, ".env")}`,
    join(here, "with-env-file-program.ts"),
    join(folder, "video.mp4"),
  ];
  const own = Object.entries(process.env).filter(([name]) => !/^(APIXO|AIVIDEOAPI|APIMODELS)_/.test(name));
  const { stdout } = await promisify(execFile)(process.execPath, argv, { env: Object.fromEntries(own) });
  const { ms, bytes, made, took } = JSON.parse(stdout) as { ms: number; bytes: number; made: string; took: string };
  // 2 s for the task; the client's schedule asks for the first time 7 s after the submit. The rest is a busy machine's.
  expect(ms).toBeLessThan(45_000);
  expect(Date.parse(took) - Date.parse(made)).toBe(2_000);
  expect(Math.abs(Date.now() - Date.parse(took))).toBeLessThan(50_000);
  expect(readFileSync(join(folder, "video.mp4")).byteLength).toBe(bytes);
});
