// `./node` of every package, as a bundler for browsers, one for Workers and Node itself resolve it.
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const entries = ["vidtask", "@vidtask/core", "@vidtask/apixo", "@vidtask/aivideoapi", "@vidtask/apimodels"];

/** What an import of each ends with: the names it gives, or its error. */
function imported(...conditions: string[]): string[] {
  const program = `for (const name of ${JSON.stringify(entries)})
    await import(name + "/node").then((all) => console.log(Object.keys(all).join(" ")), ({ message }) => console.log(message));`;
  const options = [
    ...conditions.map((name) => `--conditions=${name}`),
    "--no-warnings",
    "--input-type=module",
    "-e",
    program,
  ];
  const { stdout, stderr } = spawnSync(process.execPath, options, { cwd: import.meta.dirname, encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

test("for a browser it is an error that says that it is for servers", () => {
  const all = imported("browser");
  expect(all).toHaveLength(entries.length);
  for (const message of all) expect(message).toMatch(/^the entry `node` is for servers: /);
});

test.each([[[]], [["workerd", "worker", "browser"]]])("under the conditions %j it is itself", (conditions) => {
  expect(imported(...conditions)).toEqual(entries.map(() => "saveVideo sqliteJournal toNodeHandler"));
});
