import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createEmulator } from "@vidtask/emulator";
import { expect, test } from "vitest";
import { said, vidtask, world } from "../test/program.ts";

test("--emulate alone brings an emulator, which ends with the command", async () => {
  const { cwd } = await world();
  const words = ["generate", "a waterfall", "--vendor", "apixo", "--emulate", "-o", "clip.mp4", "--json"];
  const { code, lines } = await vidtask(words, { cwd });
  expect(code).toBe(0);
  expect(lines[0]).toMatchObject({ type: "accepted", vendor: "apixo" });
  expect(lines.at(-1)).toMatchObject({ type: "saved", file: "clip.mp4" });
  expect(readdirSync(cwd)).toEqual(["clip.mp4"]);
});

test("emulated tasks are in no journal of real ones, and gone with their emulator", async () => {
  const { cwd, server, emulate, quick } = await world();
  await said(["submit", "a waterfall", "-k", "row-1", ...quick.slice(0, 1)], { cwd });
  expect(existsSync(join(cwd, "journal.db"))).toBe(false);
  expect((await said(["list", "--json", emulate], { cwd })).lines).toMatchObject([{ key: "row-1" }, {}]);
  expect((await said(["list", "--json"], { cwd })).lines).toEqual([]);

  const { port } = new URL(server.url);
  await server.close();
  const next = await createEmulator().listen(Number(port));
  try {
    expect((await said(["list", "--json", emulate], { cwd })).lines).toEqual([]);
    expect(readdirSync(join(cwd, "emulated")).filter((file) => file.endsWith(".db"))).toHaveLength(1);
  } finally {
    await next.close();
  }
});

test("an emulator that was named and does not answer is said, not replaced", async () => {
  const { cwd, server, emulate } = await world();
  await server.close();
  const { code, err } = await said(["generate", "x", emulate], { cwd });
  expect(code).toBe(2);
  expect(err).toContain(`no emulator answers at ${server.url}`);
});
