// One SIGINT, SIGTERM or SIGHUP ends whatever waits, and what it waits for keeps no process; a reader that leaves changes nothing.
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { folder, OPEN, said, start, until, world } from "./test/program.ts";

/** A vendor that takes every request, and never answers. */
async function silentVendor() {
  let requests = 0;
  const server = createServer((socket) => {
    socket.on("error", () => {}).once("data", () => requests++);
    onTestFinished(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
  const env = { APIMODELS_API_KEY: "sk_emulator_key_apimodels", APIMODELS_BASE_URL: url };
  return { env, isAsked: () => requests > 0 };
}

test.each([["balance"], ["doctor"], ["status", "apimodels:kling-v2-6:cl1"], ["wait", "apimodels:kling-v2-6:cl1"]])(
  "a vendor that is silent: %s",
  async (...words) => {
    const { env, isAsked } = await silentVendor();
    const { child, ended, err } = start([...words, "--json"], { cwd: folder(), env });
    await until(isAsked, err);
    child.kill("SIGINT");
    const { code, lines } = await ended;
    expect(lines.at(-1)).toMatchObject({ type: "error", exitCode: 130, code: "aborted", message: /^stopped/ });
    expect(code).toBe(130);
  },
);

test("a vendor that is silent: list --refresh", async () => {
  const { cwd, emulator, emulate } = await world();
  await said(["submit", "x", "-k", "row-1", "--vendor", "apimodels", emulate], { cwd });
  emulator.injectFault({ on: "poll", kind: "no-answer", times: Infinity });
  const { child, ended, err } = start(["list", "--refresh", "--json", emulate], { cwd });
  await until(() => emulator.requests.some(({ method }) => method === "GET"), err);
  child.kill("SIGINT");
  const { code, lines } = await ended;
  expect(lines.at(-1)).toMatchObject({ type: "error", exitCode: 130, code: "aborted" });
  expect(code).toBe(130);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("a prompt that never comes: %s", async (signal) => {
  const { cwd, emulate } = await world();
  const { child, ended, err } = start(["generate", emulate], { cwd, input: OPEN });
  await until(() => err().includes("emulated by"), err);
  child.kill(signal);
  expect((await ended).code).toBe(130);
  expect(err()).toContain("vidtask: stopped");
});

describe.skipIf(process.platform === "win32")("a pipe to which nobody writes", () => {
  /** Without waiting it can be opened for writing only where there is a reader. */
  const isRead = (pipe: string): boolean => {
    try {
      const writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
      onTestFinished(() => closeSync(writer));
      return true;
    } catch {
      return false;
    }
  };

  test.each([
    ["batch", "pipe"],
    ["list", "--config", "pipe"],
  ])("%s %s", async (...words) => {
    const { cwd, emulate } = await world();
    execFileSync("mkfifo", [join(cwd, "pipe")]);
    const { child, ended, err } = start([...words, emulate], { cwd });
    await until(() => isRead(join(cwd, "pipe")), err);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
  });
});

test.each<[string[], number]>([
  [["--help"], 0],
  [["--version"], 0],
  [["models", "--help", "--json"], 0],
  [["models", "--json"], 0],
  [["generat", "--json"], 2],
])("%j to a reader that has left ends as ever", async (words, code) => {
  const { child, ended, err } = start(words, { cwd: folder() });
  child.stdout?.destroy();
  expect({ code: (await ended).code, err: err() }).toEqual({ code, err: "" });
});
