// The function as it is, run by Inngest's own test engine. Its sleeps are over at once.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InngestTestEngine } from "@inngest/test";
import { createEmulator } from "@vidtask/emulator";
import { expect, onTestFinished, test, vi } from "vitest";

test("a video by Inngest: a look, a sleep, a look; run again from the start it costs nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "vidtask-inngest-"));
  const emulator = createEmulator({ clock: "real", vendors: ["apixo"], taskMs: 1 });
  const listening = await emulator.listen();
  const { apiKey, baseUrl } = listening.for("apixo");
  vi.stubEnv("APIXO_API_KEY", apiKey);
  vi.stubEnv("APIXO_BASE_URL", baseUrl);
  vi.stubEnv("SUBMITS_DB", join(folder, "submits.db"));
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await listening.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { makeVideo } = await import("./video.ts");
  const run = async (id: string, prompt: string) => {
    // New ones each time: the engine keeps what steps return among them.
    const steps = [1, 2, 3].map((n) => ({ id: `wait ${n}`, handler: () => null }));
    const events = [{ name: "video/asked", data: { id, prompt } }];
    return new InngestTestEngine({ function: makeVideo, events, steps }).execute();
  };
  const { result, ctx } = await run("row-1", "a waterfall");
  expect(result).toMatch(/^http/);
  expect(ctx.step.sleepUntil).toHaveBeenCalled();
  const again = await run("row-1", "a waterfall");
  expect(again.result).toBe(result);
  const refused = await run("row-1", "another prompt");
  expect(refused.result).toBeUndefined();
  expect(emulator.ledger.filter(({ kind }) => kind === "charge")).toHaveLength(1);
});
