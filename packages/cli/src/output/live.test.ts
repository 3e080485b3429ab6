import { setImmediate } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { withScreen, type Work } from "./live.ts";
import { createOutput } from "./output.ts";

test.each(["plain", "terminal"] as const)(
  "%s: after work that throws no other is begun, and what runs is waited for before the error comes",
  async (kind) => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const done: string[] = [];
    const long: Work = async () => {
      for (let turn = 0; turn < 20; turn++) await setImmediate();
      done.push("long");
    };
    const work: Work[] = [long, () => Promise.reject(new Error("a fault")), async () => void done.push("after")];
    const shown = withScreen({ ...createOutput({}), kind }, work, { concurrency: 2 });
    await expect(shown).rejects.toThrow("a fault");
    expect(done).toEqual(["long"]);
  },
);
