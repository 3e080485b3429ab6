import type { Slots } from "@vidtask/core";
import { expect, test } from "vitest";

/** Declares the test. Not for a database inside this process, whose clock this is. */
export function describeClockAhead(open: () => { slots: Slots }): void {
  test("a caller whose clock is ahead takes no slot before its time", async () => {
    const account = crypto.randomUUID();
    const ask = (holder: string) => ({ account, holder, limit: 1, forMs: 60_000 });
    await open().slots.take(ask("a"));
    const { now } = Date;
    Date.now = () => now() + 600_000;
    const answer = await open()
      .slots.take(ask("b"))
      .finally(() => (Date.now = now));
    expect(answer.ok).toBe(false);
  });
}
