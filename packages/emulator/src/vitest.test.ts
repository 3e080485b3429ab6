import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect, vi } from "vitest";
import { client, textToVideo } from "./test/helpers.ts";
import { useEmulator } from "./vitest.ts";

const test = useEmulator();

describe("each test has an emulator of its own", () => {
  for (const run of ["first", "second"])
    test(`${run}: nothing of another test is there`, async ({ emulator }) => {
      expect(emulator.ledger).toEqual([]);
      expect(emulator.requests).toEqual([]);
      await client(emulator.for("apixo")).created(textToVideo);
      expect(emulator.ledger).toHaveLength(1);
    });

  test.concurrent("also of one that runs at the same time, with a clock of its own", async ({ emulator }) => {
    const start = emulator.clock.now();
    await emulator.clock.advance(60_000);
    expect(emulator.clock.now() - start).toBe(60_000);
  });
  test.concurrent("likewise", async ({ emulator }) => {
    const start = emulator.clock.now();
    await emulator.clock.advance(1_000);
    expect(emulator.clock.now() - start).toBe(1_000);
  });
});

const waits = (clock: { sleep(ms: number): Promise<void> }) => clock.sleep(60_000);

describe("the manual clock", () => {
  test("is moved by until and advance", async ({ emulator }) => {
    const { clock } = emulator.for("apixo");
    await emulator.clock.until(waits(clock));
    const waiting = waits(clock);
    await emulator.clock.advance(60_000);
    await waiting;
  });

  test("that nothing moves is named before the test's own time-out", async ({ emulator }) => {
    // On a busy machine both are late, and by as much.
    const timeOut = delay(4_500, "the test's own time-out");
    const first = Promise.race([waits(emulator.for("apixo").clock), timeOut]);
    await expect(first).rejects.toThrow(/await emulator\.clock\.until\(/);
  });

  test("of a scope and of a server is watched, too", async ({ emulator }) => {
    const server = await emulator.listen();
    const all = [emulator.scope("one").for("apixo"), server.for("apixo"), server.for("apixo", "one")];
    const ends = await Promise.allSettled(all.map(({ clock }) => waits(clock)));
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  });

  test("refuses fake timers by name, on either side", async ({ emulator }) => {
    vi.useFakeTimers();
    try {
      await expect(waits(emulator.for("apixo").clock)).rejects.toThrow(/fake timers are on/);
      await expect(emulator.clock.until(Promise.resolve())).rejects.toThrow(/fake timers are on/);
      await expect(emulator.clock.advance(1)).rejects.toThrow(/vi\.useRealTimers\(\)/);
    } finally {
      vi.useRealTimers();
    }
  });

  test("takes a false date", async ({ emulator }) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      await emulator.clock.until(waits(emulator.for("apixo").clock));
    } finally {
      vi.useRealTimers();
    }
  });
});

let url = "";
test("a server ends with its test: it runs in it", async ({ emulator }) => {
  ({ url } = await emulator.listen());
  expect((await fetch(`${url}/_emulator`)).status).toBe(200);
});
test("a server ends with its test: and after it no more", async () => {
  await expect(fetch(`${url}/_emulator`)).rejects.toThrow("fetch failed");
});

const real = useEmulator({ clock: { speed: 10 } });
real("a clock that moves by itself is waited for", async ({ emulator }) => {
  await emulator.for("apixo").clock.sleep(25_000);
});

const poor = useEmulator({ credits: 0 });
poor("options are those of createEmulator", async ({ emulator }) => {
  expect((await client(emulator.for("apixo")).submit(textToVideo)).body.message).toBe("Insufficient credits");
});

describe("in a run of Vitest", () => {
  const reports = join(import.meta.dirname, "../.reports"); // git ignores it
  mkdirSync(reports, { recursive: true });
  const folder = mkdtempSync(join(reports, "forgotten-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("a forgotten until is what the failed test says, in place of a time-out", { timeout: 60_000 }, async () => {
    writeFileSync(
      join(folder, "forgotten.test.ts"),
      `import { useEmulator } from "../../src/vitest.ts";
const test = useEmulator();
test("forgotten", async ({ emulator }) => { await emulator.for("apixo").clock.sleep(60_000); });
`,
    );
    writeFileSync(join(folder, "vitest.config.mjs"), "export default {};\n");
    const program = join(import.meta.dirname, "../../../node_modules/vitest/vitest.mjs");
    const child = spawn(process.execPath, [program, "run", "--root", folder, "--reporter", "default"], {
      env: { ...process.env, VITEST: undefined, NODE_ENV: undefined },
    });
    let text = "";
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    for await (const chunk of child.stdout) text += String(chunk);
    expect(text).toContain("nothing has moved it for 2 s");
    expect(text).not.toContain("timed out");
  });
});
