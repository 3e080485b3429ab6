import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { delayOf, type EmulatorClock } from "./clock.ts";
import { createClock } from "./create-clock.ts";
import { createManualClock } from "./manual-clock.ts";
import { createExchanges, PATIENCE } from "./open-exchanges.ts";

const manual = () => createClock("manual", createExchanges());

describe("every clock", () => {
  test("guards its delays: none is negative, none is above what timers hold", () => {
    expect([-5, NaN, 0, 7.5, 2 ** 31, Infinity].map(delayOf)).toEqual([0, 0, 0, 7.5, 2 ** 30, 2 ** 30]);
  });

  test.each([
    ["real", "real"],
    ["accelerated", { speed: 50 }],
    ["manual", "manual"],
  ] as const)("%s: an abort ends a sleep at once, with the signal's reason", async (_, mode) => {
    const clock = createClock(mode, createExchanges());
    const reason = new Error("enough");
    await expect(clock.sleep(60_000_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const sleep = clock.sleep(60_000_000, controller.signal);
    controller.abort(reason);
    await expect(sleep).rejects.toBe(reason);
  });

  test.each(["real", { speed: 3 }, "manual"] as const)("%o: time cannot go back", async (mode) => {
    const clock = createClock(mode, createExchanges());
    await expect(clock.advance(-1)).rejects.toThrow(/advance: ms .* 0 or more.* never goes back/);
    await expect(clock.advance(NaN)).rejects.toThrow(RangeError);
  });

  test("an unknown clock or speed is refused with the field, the rule and a remedy", () => {
    expect(() => createClock("fast" as never, createExchanges())).toThrow(/clock must be "real", "manual" or/);
    expect(() => createClock({ speed: "2" } as never, createExchanges())).toThrow(TypeError);
    for (const speed of [0, -1, NaN, Infinity]) {
      expect(() => createClock({ speed }, createExchanges())).toThrow(/clock\.speed must be a finite number above 0/);
    }
  });
});

describe("the accelerated clock", () => {
  test("passes a minute in milliseconds, and never wakes a sleeper early", async () => {
    const clock = createClock({ speed: 10_000 }, createExchanges());
    const [wall, before] = [clock.now(), clock.elapsed()];
    await clock.sleep(60_000);
    expect(clock.elapsed() - before).toBeGreaterThanOrEqual(60_000);
    expect(clock.now() - wall).toBeGreaterThanOrEqual(59_999);
    await clock.advance(20_000);
    expect(clock.elapsed() - before).toBeGreaterThanOrEqual(80_000);
  });

  test("until just waits for the promise", async () => {
    await expect(createClock("real", createExchanges()).until(Promise.resolve(7))).resolves.toBe(7);
  });
});

describe("the manual clock", () => {
  test("starts at a fixed instant and stands still", async () => {
    const clock = manual();
    expect(new Date(clock.now()).toISOString()).toBe("2026-01-01T00:00:00.000Z");
    expect(clock.elapsed()).toBe(0);
    const woken = vi.fn<() => void>();
    void clock.sleep(1).then(woken);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(woken).not.toHaveBeenCalled();
    expect(clock.elapsed()).toBe(0);
  });

  test("advance moves from sleeper to sleeper and settles what became due between", async () => {
    const clock = manual();
    const seen: string[] = [];
    const loop = async (name: string, ms: number) => {
      for (;;) {
        await clock.sleep(ms);
        await crypto.subtle.digest("SHA-256", new Uint8Array(1000)); // another thread's work
        seen.push(`${name}@${clock.elapsed()}`);
      }
    };
    void loop("a", 40);
    void loop("b", 100);
    await clock.advance(130);
    expect(seen).toEqual(["a@40", "a@80", "b@100", "a@120"]);
    expect(clock.elapsed()).toBe(130);
  });

  test("work on other threads between two sleeps takes no time", async () => {
    const clock = manual();
    void clock.sleep(1_000_000);
    const work = async () => {
      await clock.sleep(10);
      // As many steps in a row as a client takes to sign and to hash, with nothing that the clock could see.
      for (let i = 0; i < 6; i++) await crypto.subtle.digest("SHA-256", new Uint8Array(300_000));
      await clock.sleep(10);
    };
    await clock.until(work());
    expect(clock.elapsed()).toBe(20);
  });

  test("several advances at once add up", async () => {
    const clock = manual();
    await Promise.all([clock.advance(10), clock.advance(20)]);
    expect(clock.elapsed()).toBe(30);
  });

  test("a sleep of nothing does not need time to move", async () => {
    const clock = manual();
    await clock.sleep(0);
    await clock.sleep(-3);
    expect(clock.elapsed()).toBe(0);
  });

  test("until goes as far as the promise needs and no further", async () => {
    const clock = manual();
    const wait = async () => {
      for (let i = 0; i < 12; i++) await clock.sleep(5_000);
      return "done";
    };
    void clock.sleep(3_600_000);
    await expect(clock.until(wait())).resolves.toBe("done");
    expect(clock.elapsed()).toBe(60_000);
  });

  test("until passes on a rejection", async () => {
    const clock = manual();
    const failing = clock.sleep(10).then(() => {
      throw new Error("no");
    });
    await expect(clock.until(failing)).rejects.toThrow("no");
  });

  test("one of two sleepers of the same moment can still stop the other", async () => {
    const clock = manual();
    const controller = new AbortController();
    const first = clock.sleep(10).then(() => controller.abort(new Error("beaten")));
    const second = clock.sleep(10, controller.signal);
    await Promise.all([expect(second).rejects.toThrow("beaten"), clock.advance(10), first]);
  });

  test("until and advance go on where a test has stopped `performance`", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const clock = createManualClock(createExchanges());
    await clock.until(clock.sleep(60_000));
    await clock.advance(60_000);
    expect(clock.elapsed()).toBe(120_000);
  });

  test("until says what it waited for instead of hanging", async () => {
    const clock = createManualClock(createExchanges(), 300);
    await expect(clock.until(new Promise(() => {}))).rejects.toThrow(
      /nothing can settle it: at 2026-01-01T00:00:00.000Z no timer of this clock is left, no exchange .* is open/,
    );
  });

  test("neither moves while an exchange is open", async () => {
    const exchanges = createExchanges();
    const clock = createClock("manual", exchanges);
    const exchange = exchanges.open("GET /slow");
    const late = vi.fn<() => void>();
    void clock.sleep(1).then(late);
    const advanced = clock.advance(5);
    const waited = clock.until(clock.sleep(3));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(clock.elapsed()).toBe(0);
    expect(late.mock.calls).toHaveLength(0);
    exchange.end();
    await Promise.all([advanced, waited]);
    expect(clock.elapsed()).toBe(5);
    expect(late.mock.calls).toHaveLength(1);
  });
});

/** A file that can be read only once something is written to it, as on a disk that takes its time. */
function slowFile(): { read: () => Promise<string>; write: () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), "vidtask-"));
  const file = join(folder, "pipe");
  execFileSync("mkfifo", [file]);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return { read: () => readFile(file, "utf8"), write: () => writeFile(file, "there") };
}

describe("the manual clock and a slow disk", () => {
  test("time stands still while a file is read, however long that takes", async () => {
    const file = slowFile();
    const exchanges = createExchanges();
    const clock = createClock("manual", exchanges);
    // As a callback that is told: time waits for its receiver only while anything happens.
    const exchange = exchanges.open("callback");
    exchange.release();
    const told = file.read().then(() => clock.elapsed());
    void told.finally(() => exchange.end());
    void clock.sleep(30_000);
    const advanced = clock.advance(60_000);
    await new Promise((resolve) => setTimeout(resolve, 1.5 * PATIENCE));
    await file.write();
    expect(await told).toBe(0);
    await advanced;
    expect(clock.elapsed()).toBe(60_000);
  });

  test("a pipe that nobody writes to does not stop it for ever", async () => {
    const file = slowFile();
    const clock = createManualClock(createExchanges(), 100);
    const read = file.read();
    for (let i = 0; i < 3; i++) await clock.advance(10);
    expect(clock.elapsed()).toBe(30);
    await file.write();
    await read;
  });
});

describe("the manual clock, whatever is slept", () => {
  const delays = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 });
  const programs = fc.array(delays, { minLength: 1, maxLength: 4 });

  const start = (clock: EmulatorClock, program: readonly number[][]) => {
    const wakes: { due: number; at: number }[] = [];
    const ends = program.map(async (sleeps) => {
      for (const ms of sleeps) {
        const due = clock.elapsed() + ms;
        await clock.sleep(ms);
        wakes.push({ due, at: clock.elapsed() });
      }
    });
    return { wakes, all: Promise.all(ends) };
  };

  test("every sleeper wakes exactly when due, and time never goes back", async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (program) => {
        const clock = manual();
        const { wakes, all } = start(clock, program);
        await clock.until(all);
        expect(wakes.every(({ due, at }) => due === at)).toBe(true);
        expect(wakes.map(({ at }) => at)).toEqual(wakes.map(({ at }) => at).toSorted((a, b) => a - b));
        expect(clock.elapsed()).toBe(Math.max(...program.map((sleeps) => sleeps.reduce((a, b) => a + b, 0))));
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test("advancing in pieces or at once shows the same", async () => {
    const pieces = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(programs, pieces, async (program, steps) => {
        const [stepped, whole] = [manual(), manual()];
        const [a, b] = [start(stepped, program), start(whole, program)];
        for (const ms of steps) await stepped.advance(ms);
        await whole.advance(steps.reduce((sum, ms) => sum + ms, 0));
        expect(stepped.elapsed()).toBe(whole.elapsed());
        const byTime = (wakes: typeof a.wakes) => wakes.map(({ at }) => at);
        expect(byTime(a.wakes)).toEqual(byTime(b.wakes));
      }),
      { numRuns: 20, seed: 2 },
    );
  });
});
