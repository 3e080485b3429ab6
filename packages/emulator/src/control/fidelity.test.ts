import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createEmulator } from "../emulator.ts";
import { client, textToVideo, urlOf } from "../test/helpers.ts";
import { vendors } from "../vendors/index.ts";

const fidelity = vendors.map(({ name: vendor, fidelity: rows }) => ({ vendor, rows }));

test("there is a table of each vendor, with what is documented, assumed and contradicted", () => {
  expect(fidelity.map(({ vendor }) => vendor)).toEqual(vendors.map(({ name }) => name));
  for (const { rows } of fidelity)
    expect(new Set(rows.map(({ mark }) => mark))).toEqual(new Set(["documented", "assumed", "contradicted"]));
});

test("VENDORS.md has every row", () => {
  const page = readFileSync(join(import.meta.dirname, "../../VENDORS.md"), "utf8").replaceAll(/\s+/g, " ");
  const missing = fidelity.flatMap(({ rows }) =>
    rows
      .map(({ what, mark, does, other }) => `| ${what} | ${mark} | ${does} | ${other ?? "none"} |`)
      .filter((row) => !page.includes(row)),
  );
  expect(missing).toEqual([]);
});

test("every switch that it names is there", () => {
  const named = fidelity.flatMap(({ rows }) =>
    rows.flatMap(({ other = "" }) => [...other.matchAll(/accounts\.(\w+)\.(\w+)/g)].map(([, ...path]) => path)),
  );
  for (const [vendor, setting = ""] of named)
    expect(Object.keys(vendors.find(({ name }) => name === vendor)?.settings ?? {})).toContain(setting);
  expect(named.length).toBeGreaterThan(5);
});

describe("the other reading", () => {
  test("APIXO: another price, a refund of a failed task, results of a day", async () => {
    const emulator = createEmulator({
      clock: "manual",
      accounts: { apixo: { priceUsd: 0.25, refundsFailed: true, resultLifeMs: 86_400_000 } },
    });
    const calls = client(emulator.for("apixo"));
    emulator.injectFault({ on: "submit", kind: "fail:CONTENT_VIOLATION" });
    await calls.created(textToVideo);
    const good = await calls.created(textToVideo);
    await emulator.clock.advance(100_000);
    expect(emulator.ledger.map(({ usd, kind }) => [usd, kind])).toEqual([
      [0.25, "charge"],
      [0.25, "charge"],
      [0.25, "refund"],
    ]);
    const url = urlOf(await calls.status(good));
    expect((await emulator.fetch(url, { method: "HEAD" })).status).toBe(200);
    await emulator.clock.advance(86_400_000);
    expect((await emulator.fetch(url, { method: "HEAD" })).status).toBe(404);
  });

  test.each<[string, object]>([
    ["priceUsd must be US dollars", { priceUsd: -1 }],
    ["refundsFailed must be true or false", { refundsFailed: 1 }],
    ["resultLifeMs must be milliseconds above 0", { resultLifeMs: 0 }],
  ])("a wrong one is refused: %s", (words, apixo) => {
    expect(() => createEmulator({ accounts: { apixo } })).toThrow(`accounts.apixo.${words}`);
  });

  test("a task's time of one's own is a number of milliseconds", () => {
    expect(() => createEmulator({ taskMs: -1 })).toThrow(/taskMs must be milliseconds, 0 or more/);
    expect(() => createEmulator({ taskMs: "1" as unknown as number })).toThrow(/taskMs must be a number/);
  });
});
