// Every curl example of the vendors' pages, as it stands there: only the host is another.
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEmulator, type Emulator, type EmulatorServer } from "../emulator.ts";

const fixtures = join(import.meta.dirname, "../../../../fixtures");
const examples = readdirSync(fixtures).flatMap((vendor) =>
  vendor.endsWith(".md")
    ? []
    : readFileSync(join(fixtures, vendor, "curl.txt"), "utf8")
        .trim()
        .split("\n\n")
        .map((command, index) => ({ vendor, command, name: `${vendor} ${index + 1}: ${command.split(" \\")[0]}` })),
);

let emulator: Emulator;
let server: EmulatorServer;
beforeAll(async () => {
  emulator = createEmulator({ clock: "manual" });
  server = await emulator.listen();
});
afterAll(() => server.close());

type Answer = Record<string, unknown> & { data?: Record<string, unknown> };

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

/** By curl itself where it is installed, else by what the command says. */
async function send(command: string): Promise<Answer> {
  if (!hasCurl) return await byFetch(command);
  const child = spawn("sh", ["-c", command.replace("curl ", "curl --silent --noproxy '*' ")]);
  let text = "";
  for await (const chunk of child.stdout) text += String(chunk);
  return JSON.parse(text) as Answer;
}

async function byFetch(command: string): Promise<Answer> {
  const url = /https?:\/\/[^\s"]+/.exec(command)?.[0].replace(/[{}]/g, "") ?? "";
  const headers = new Headers(
    [...command.matchAll(/-H "([^:]+): ([^"]+)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );
  const body = /-d '([^']*)'/.exec(command)?.[1];
  const response = await fetch(url, { headers, ...(body !== undefined && { method: "POST", body }) });
  return (await response.json()) as Answer;
}

const here = (command: string) =>
  command.replace(/https:\/\/(api\.apixo\.ai|api\.aivideoapi\.ai|apimodels\.app)/, server.url);

test("there are the seven of the pages", () => {
  expect(examples).toHaveLength(7);
});

describe.each(examples)("$name", ({ vendor, command }) => {
  const isSubmit = command.includes("-d '");
  test("works", async () => {
    const answer = await send(here(command));
    if (isSubmit) {
      expect(answer).toMatchObject({ code: 200, data: { taskId: expect.any(String) } });
      const taskId = answer.data?.["taskId"];
      expect(emulator.ledger.at(-1)).toMatchObject({ vendor, taskId, kind: "charge" });
    } else {
      expect(JSON.stringify(answer)).toMatch(/"(state|status)":"(success|completed)"/);
      expect(JSON.stringify(answer)).toContain(`${server.url}/results/${vendor}/`);
    }
    expect(emulator.requests.at(-1)).not.toHaveProperty("undocumented");
  });

  test("reads the same without curl", async () => {
    const answer = await byFetch(here(command));
    expect(answer).toMatchObject(isSubmit ? { code: 200 } : {});
    expect(answer).not.toHaveProperty("error");
  });

  test("needs the key that it names", async () => {
    const answer = await byFetch(here(command).replace(/Bearer [\w-]+/, "Bearer other"));
    expect(JSON.stringify(answer)).toMatch(/401|invalid_api_key/);
  });
});
