// The emulator's tarball as a user gets it: its program starts without the sources of the page, and serves it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { packedProject } from "../../../../.ci/pack.ts";

const project = process.env["VIDTASK_PACKED"] ?? (await packedProject()).folder;
const folder = join(project, "node_modules/@vidtask/emulator");

test("vidtask-emulator starts from the tarball, with its page built", async () => {
  expect(existsSync(join(folder, "page"))).toBe(false);
  const child = spawn(process.execPath, [join(folder, "dist/cli.js"), "--port", "0"]);
  onTestFinished(() => void child.kill());
  let text = "";
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.includes("APIMODELS_API_KEY=")) break;
  }
  const page = /page: (\S+)/.exec(text)?.[1] ?? "";
  for (const [file, least] of [
    ["page.js", 30_000],
    ["page.css", 3_000],
  ] as const) {
    const answer = await fetch(`${page}_emulator/${file}`);
    expect(answer.status).toBe(200);
    expect((await answer.text()).length).toBeGreaterThan(least);
  }
});
