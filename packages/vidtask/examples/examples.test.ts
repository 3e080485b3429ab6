// The programs beside this file run: the script against the emulator, the outsider's vendor through the suite.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Apixo from "@vidtask/apixo";
import { describeVendor } from "@vidtask/core/testing";
import { createEmulator } from "@vidtask/emulator";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createAcme } from "./09-vendor.ts";

const emulator = createEmulator({ clock: "manual" });

// The script makes its client without options; here it gets the emulator's.
vi.mock("@vidtask/apixo", async (original) => {
  const apixo = await original<typeof Apixo>();
  return { ...apixo, createApixo: () => apixo.createApixo(emulator.for("apixo")) };
});

test("01-script makes a video, saves it and pays once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vidtask-"));
  const cwd = process.cwd();
  process.chdir(folder);
  onTestFinished(async () => {
    process.chdir(cwd);
    await rm(folder, { recursive: true });
  });
  const log = vi.spyOn(console, "log").mockReturnValue();
  await emulator.clock.until(import("./01-script.ts"));
  const [bytes, expiresAt] = log.mock.calls[0] ?? [];
  expect((await readFile("waterfall.mp4")).byteLength).toBe(bytes);
  expect(Date.parse(String(expiresAt))).toBeGreaterThan(emulator.clock.now());
  expect(emulator.ledger).toHaveLength(1);
});

describe("09-vendor, written outside of this repository, conforms", () => {
  describeVendor(createAcme, {
    request: { model: "acme-1", prompt: "a waterfall", duration: 8 },
    fixtures: {
      accepted: { id: "acme_1", status: "queued" },
      processing: { id: "acme_1", status: "running" },
      succeeded: { id: "acme_1", status: "done", url: "https://cdn.acme.test/1.mp4" },
      failed: { id: "acme_1", status: "error", error: "the prompt is not allowed" },
      refused: { error: "no credits" },
    },
    test,
  });
});
