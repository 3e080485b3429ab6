// What a person sees in a terminal, and what Ctrl-C does there.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { said, until, world } from "../test/program.ts";
import { CTRL_C, terminal } from "../test/terminal.ts";
import type { ModelLine } from "./lines.ts";

test("Ctrl-C stops waiting and prints the command that goes on; that command gets the video, and nothing is paid twice", async () => {
  const { cwd, emulator, quick } = await world({ clock: "manual" });
  const shown = terminal(["generate", "a waterfall", "-k", "row-1", ...quick], { cwd });
  await until(() => emulator.ledger.length === 1, shown.text);
  await emulator.clock.advance(150);
  await until(() => /processing · 0:0\d · takes 2:22–8:06/.test(shown.text()), shown.text);
  shown.press(CTRL_C);
  expect(await shown.ended).toBe(130);
  expect(shown.text()).toContain("stopped waiting; the task runs on");
  expect(shown.text()).not.toContain("paid:");
  const [, next = ""] = /go on: vidtask (.*)/.exec(shown.text()) ?? [];
  expect(next).toMatch(/^wait row-1 -o row-1\.mp4 --emulate=/);

  await emulator.clock.advance(1_000);
  const after = terminal([...next.trim().split(" "), "--poll", "100ms"], { cwd });
  expect(await after.ended).toBe(0);
  expect(after.text()).toContain("✔ saved row-1.mp4");
  expect(existsSync(join(cwd, "row-1.mp4"))).toBe(true);
  expect(emulator.ledger).toHaveLength(1);
});

test("Ctrl-C while the paid request is under way waits for its answer; the task is in the journal", async () => {
  const { cwd, emulator, quick, emulate } = await world();
  emulator.injectFault({ on: "submit", kind: "no-answer" });
  const shown = terminal(["generate", "a waterfall", "-k", "row-1", ...quick], { cwd });
  await until(() => emulator.ledger.length === 1, shown.text);
  shown.press(CTRL_C);
  await until(() => shown.text().includes("a paid request is under way"), shown.text);
  expect(shown.text()).toMatch(/go on: vidtask generate 'a waterfall' -k row-1/);
  expect(shown.text()).not.toContain("--key");
  shown.press(CTRL_C);
  expect(await shown.ended).toBe(130);
  expect((await said(["list", "--json", emulate], { cwd })).lines[0]).toMatchObject({
    key: "row-1",
    state: "sending",
  });
});

test("no line is wider than the terminal, and the cursor is given back", async () => {
  const { cwd, emulator, quick } = await world({ clock: "manual" });
  const shown = terminal(["generate", "x", "-k", "row-1", "-o", "a.mp4", ...quick], { cwd, columns: 30 });
  await until(() => emulator.ledger.length === 1, shown.text);
  await emulator.clock.advance(150);
  await until(() => shown.text().includes("processing"), shown.text);
  await emulator.clock.advance(1_000);
  expect(await shown.ended).toBe(0);
  const live = shown
    .text()
    .split("\n")
    .filter((line) => /processing/.test(line));
  expect(live.length).toBeGreaterThan(0);
  expect(live.filter((line) => line.length > 30)).toEqual([]);
  expect(shown.raw().lastIndexOf("\u001b[?25h")).toBeGreaterThan(shown.raw().lastIndexOf("\u001b[?25l"));
});

test.each([100, 40])("a table shows why a vendor cannot, whole, %i columns wide", async (columns) => {
  const { cwd } = await world();
  const shown = terminal(["compare", "x"], { cwd, columns });
  expect(await shown.ended).toBe(0);
  expect(shown.text().replace(/\s+/g, " ")).toContain(
    "cannot: image is required: an http(s) URL, a data: URL or a Blob",
  );
  expect(
    shown
      .text()
      .split("\n")
      .filter((line) => line.length > columns),
  ).toEqual([]);
});

test("one task by itself is one line without tabs", async () => {
  const { cwd, emulator, emulate } = await world();
  emulator.injectFault({ on: "submit", kind: "reset-after-accept" });
  await said(["submit", "x", "-k", "row-1", "--vendor", "apimodels", emulate], { cwd });
  const shown = terminal(["settle", "row-1", "lost", "--force", emulate], { cwd });
  expect(await shown.ended).toBe(0);
  expect(shown.text()).toMatch(/^row-1 · lost · apimodels kling-v2-6 · /m);
});

test("the models' table shows every field in a narrow terminal", async () => {
  const { cwd } = await world();
  const { lines } = await said(["models", "kling-2.6", "--json"], { cwd });
  const names = (lines as ModelLine[]).flatMap(({ fields }) => fields.map(({ name }) => name));
  expect(names.length).toBeGreaterThan(10);
  const shown = terminal(["models", "kling-2.6"], { cwd, columns: 60 });
  expect(await shown.ended).toBe(0);
  expect(names.filter((name) => !shown.text().includes(name))).toEqual([]);
});

test("NO_COLOR leaves all colour out, and a terminal has it otherwise", async () => {
  const { cwd } = await world();
  const coloured = terminal(["models"], { cwd });
  const plain = terminal(["models"], { cwd, env: { NO_COLOR: "1" } });
  await Promise.all([coloured.ended, plain.ended]);
  const colour = "\u001b[2m";
  expect([coloured.raw().includes(colour), plain.raw().includes(colour)]).toEqual([true, false]);
});
