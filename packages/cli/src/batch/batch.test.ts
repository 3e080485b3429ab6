// A batch as its users run it: killed, started again, within a budget, and refused before it costs anything.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { csv, killedTwice, resultsIn } from "../test/batch.ts";
import { said, start, until, vidtask, world } from "../test/program.ts";
import { CTRL_C, terminal } from "../test/terminal.ts";

const posts = (requests: readonly { method: string }[]) => requests.filter(({ method }) => method === "POST");

test("30 rows over three vendors with faults, killed twice and started again: 30 files, 30 charges, one line each", async () => {
  await killedTwice({ rows: 30, concurrency: 6, kills: [5, 15], taskMs: 400 });
});

test("the budget is one for all vendors and all runs, and what it does not reach for is not paid", async () => {
  const { cwd, emulator, quick } = await world();
  const rows = Array.from({ length: 4 }, (_, index) => JSON.stringify({ id: index, prompt: "x", vendor: "apimodels" }));
  writeFileSync(join(cwd, "night.jsonl"), rows.join("\n"));
  const words = ["batch", "night.jsonl", "--budget", "0.04", "--concurrency", "1", ...quick, "--json"];
  const first = await vidtask(words, { cwd });
  expect(first.lines.at(-1)).toMatchObject({ states: { saved: 2, refused: 2 }, priceUsd: 0.0318 });
  expect(first.code).toBe(3);
  const second = await said(words, { cwd });
  expect(second.lines.at(-1)).toMatchObject({ states: { saved: 2, refused: 2 } });
  expect(emulator.ledger).toHaveLength(2);
  expect(resultsIn(join(cwd, "night")).map(({ id, state }) => [id, state])).toEqual([
    ["0", "saved"],
    ["1", "saved"],
    ["2", "refused"],
    ["3", "refused"],
  ]);
});

test("results in another folder know what is done, also where a kill has left the first line torn", async () => {
  const { cwd, quick } = await world();
  writeFileSync(join(cwd, "night.csv"), "id,prompt\na,x\n");
  writeFileSync(join(cwd, "r.jsonl"), '{"type":');
  const words = ["batch", "night.csv", "--results", "r.jsonl", ...quick];
  expect(await said(words, { cwd })).toMatchObject({ code: 0, out: expect.stringContaining("1 saved") });
  expect((await said(words, { cwd })).err).toContain("1 rows are done already");
});

test("a price of your own counts against the budget where no page prints one", async () => {
  const { cwd, quick } = await world();
  writeFileSync(join(cwd, "config.json"), JSON.stringify({ prices: { "apixo:kling-2-6": { perVideo: 0.3 } } }));
  writeFileSync(join(cwd, "night.csv"), "id,prompt,vendor\na,x,apixo\nb,x,apixo\n");
  const words = ["batch", "night.csv", "--budget", "0.5", "--config", "config.json", ...quick, "--json"];
  expect((await said(words, { cwd })).lines.at(-1)).toMatchObject({
    states: { saved: 1, refused: 1 },
    priceUsd: 0.3,
  });
});

test("a failed and an unknown row have their lines; neither is paid for again", async () => {
  const { cwd, emulator, quick } = await world();
  const prompts = ["[fail:CONTENT_MODERATION] x", "[fault:reset-after-accept] x", "x"];
  writeFileSync(
    join(cwd, "night.csv"),
    ["id,prompt", ...prompts.map((prompt, index) => `${index},${prompt}`)].join("\n"),
  );
  const words = ["batch", "night.csv", "--vendor", "apimodels", ...quick, "--json"];
  for (const run of [vidtask, said]) {
    const { code } = await run(words, { cwd });
    expect(code).toBe(4);
    expect(Object.fromEntries(resultsIn(join(cwd, "night")).map(({ id, state }) => [id, state]))).toEqual({
      0: "failed",
      1: "unknown",
      2: "saved",
    });
  }
  expect(emulator.ledger.filter(({ kind }) => kind === "charge")).toHaveLength(3);
});

test("two batches with the same ids are two; a second run of one at the same time is refused", async () => {
  const { cwd, emulator, quick } = await world({ clock: "manual" });
  for (const name of ["one", "two"]) writeFileSync(join(cwd, `${name}.csv`), `id,prompt\n1,${name}\n`);
  const one = start(["batch", "one.csv", ...quick, "--json"], { cwd });
  const two = start(["batch", "two.csv", ...quick, "--json"], { cwd });
  await until(() => emulator.ledger.length === 2);
  const third = await said(["batch", "one.csv", ...quick], { cwd });
  expect(third.code).toBe(2);
  expect(third.err).toContain("another vidtask batch is running");
  await emulator.clock.advance(1_000);
  expect([(await one.ended).code, (await two.ended).code]).toEqual([0, 0]);
  expect([...resultsIn(join(cwd, "one")), ...resultsIn(join(cwd, "two"))].map(({ key }) => key)).toEqual([
    "one/1",
    "two/1",
  ]);
});

test("the screen has the rows that run and no others; Ctrl-C leaves a line for each, and the same command goes on", async () => {
  const { cwd, emulator, quick } = await world({ clock: "manual" });
  writeFileSync(join(cwd, "night.csv"), csv(6));
  const words = ["batch", "night.csv", "--concurrency", "2", ...quick];
  const shown = terminal(words, { cwd, columns: 70 });
  await until(() => /0 of 6 saved · 2 under way/.test(shown.text()) && /r1 · p\w+/.test(shown.text()), shown.text);
  expect(shown.text()).not.toMatch(/r[2-5]/);
  expect(
    shown
      .text()
      .split("\n")
      .filter((line) => /under way|r\d/.test(line) && line.length > 70),
  ).toEqual([]);
  await until(() => emulator.ledger.length === 2);
  shown.press(CTRL_C);
  expect(await shown.ended).toBe(130);
  expect(shown.text()).toMatch(/go on: vidtask batch night\.csv/);
  expect(
    resultsIn(join(cwd, "night"))
      .map(({ state }) => state)
      .toSorted(),
  ).toEqual([...Array.from({ length: 4 }, () => "not-started"), "running", "running"]);
  const rest = vidtask(words.with(3, "6"), { cwd });
  await until(() => emulator.ledger.length === 6);
  await emulator.clock.advance(1_000);
  expect((await rest).code).toBe(0);
  expect(emulator.ledger).toHaveLength(6);
});

describe("wrong input is refused with its lines, before anything is paid", () => {
  test.each<[string, string, string[]]>([
    ["no id", "id,prompt\n,x\n", ["line 2: it has no id"]],
    [
      "an id twice in two spellings of é",
      "id,prompt\né,x\ne\u0301,y\n",
      ["line 3: the id e\u0301 is that of line 2, too"],
    ],
    ["an id twice", "id,prompt\na,x\nb,y\nA,z\n", ["line 4: the id A is that of line 2, too"]],
    [
      "a column that is none",
      "id,prompt,durtion\na,x,5\n",
      ['line 1: "durtion" is not a column: did you mean duration?'],
    ],
    ["no number", "id,prompt,duration\na,x,five\n", ['line 2: duration must be a number, not "five"']],
    ["no such duration", "id,prompt,duration\na,x,7\n", ["line 2: duration must be one of 5, 10, not 7"]],
    [
      "a model that is none",
      "id,prompt,model\na,x,kling-2.7\n",
      ['line 2: there is no model "kling-2.7"; Did you mean kling-2.6?'],
    ],
    [
      "a vendor that is none",
      "id,prompt,vendor\na,x,apix\n",
      ['line 2: there is no vendor "apix"; Did you mean apixo?'],
    ],
    ["a field too many", "id,prompt\na,x,y\n", ["line 2: it has 3 fields, but the first line has 2"]],
    ["an open quote", 'id,prompt\na,"x\n', ["line 2: Quote Not Closed"]],
    ["a file that is not there", "id,prompt,image,vendor\na,x,no.png,apimodels\n", ["line 2: image: there is no file"]],
    ["an id that is too long", `id,prompt\n${"a".repeat(70)},x\n`, ["line 2: the key night/aaa"]],
    [
      "an id with no room for its file's name",
      `id,prompt\n${"🎬".repeat(28)},x\n`,
      ["bytes in its name: a shorter id"],
    ],
    ["several", "id,prompt,duration\n,x,5\nb,y,no\n", ["line 2: it has no id", "line 3: duration must be a number"]],
  ])("%s", async (_, text, words) => {
    const { cwd, emulator, quick } = await world();
    writeFileSync(join(cwd, "night.csv"), text);
    const { code, err } = await said(["batch", "night.csv", ...quick], { cwd });
    for (const word of words) expect(err).toContain(word);
    expect(code).toBe(2);
    expect(posts(emulator.requests)).toEqual([]);
    expect(readdirSync(cwd)).not.toContain("night");
  });

  test.each([
    ["bytes that are no UTF-8", "night.csv", Buffer.from("id,prompt\na,caf\xe9\n", "latin1"), "night.csv is not UTF-8"],
    ["UTF-16", "night.csv", Buffer.from("\ufeffid,prompt\na,x\n", "utf16le"), "night.csv is not UTF-8"],
    ["half a character", "night.jsonl", Buffer.from('{"id":"a\\ud83d","prompt":"x"}'), "line 1: the id has control"],
  ])("%s", async (_, file, bytes, words) => {
    const { cwd, emulator, quick } = await world();
    writeFileSync(join(cwd, file), bytes);
    const { code, err } = await said(["batch", file, ...quick], { cwd });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(words) });
    expect(posts(emulator.requests)).toEqual([]);
  });

  test("what a file holds moves no cursor, and is cut", async () => {
    const { cwd, quick } = await world();
    writeFileSync(join(cwd, "night.csv"), `id,prompt,\u001B[2J${"x".repeat(5_000)}\na,x,y\n`);
    const { err } = await said(["batch", "night.csv", ...quick], { cwd });
    expect(err).toContain('line 1: "xxx');
    expect(err).not.toContain("\u001B");
    expect(err.length).toBeLessThan(1_000);
  });

  test.each([
    ["the rows themselves", "night.csv", "id,prompt\na,x\n"],
    ["rows of JSON", "other.jsonl", '{"id":"a","prompt":"x"}\n'],
    ["a blank line", "other.jsonl", "\n"],
  ])("a results file that holds %s, which stays", async (_, file, text) => {
    const { cwd, emulator, quick } = await world();
    writeFileSync(join(cwd, "night.csv"), "id,prompt\na,x\n");
    writeFileSync(join(cwd, file), text);
    const { code, err } = await said(["batch", "night.csv", "--results", file, ...quick], { cwd });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`${file} is there, and holds no results`) });
    expect(readFileSync(join(cwd, file), "utf8")).toBe(text);
    expect(posts(emulator.requests)).toEqual([]);
  });

  test("a row that was changed after it was paid for", async () => {
    const { cwd, quick } = await world();
    writeFileSync(join(cwd, "night.jsonl"), '{"id":"a","prompt":"x"}');
    await said(["batch", "night.jsonl", ...quick], { cwd });
    writeFileSync(join(cwd, "night.jsonl"), '{"id":"a","prompt":"y"}\nnot json\n');
    const { code, err } = await said(["batch", "night.jsonl", ...quick], { cwd });
    expect(err).toContain("line 1: its prompt is another than when it was submitted as night/a");
    expect(err).toContain("line 2: it is not a JSON object");
    expect(code).toBe(2);
  });
});
