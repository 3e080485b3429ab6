import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createEmulator } from "../emulator.ts";
import { control } from "../test/control-helpers.ts";
import { client, textToVideo } from "../test/helpers.ts";
import { run } from "./run.ts";

const PROGRAM = join(import.meta.dirname, "../cli.ts");
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

interface Program {
  child: ChildProcess;
  out(): string;
  err(): string;
  /** Its exit code. */
  ended: Promise<number | null>;
  /** Once it has printed its last line. */
  started: Promise<Record<string, string>>;
}

function start(args: readonly string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...process.env, ...env } });
  children.push(child);
  let [out, err] = ["", ""];
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const started = new Promise<Record<string, string>>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (out.endsWith("\n")) resolve(envOf(out));
    });
    child.once("close", () => reject(new Error(`it ended: ${err}`)));
  });
  started.catch(() => {});
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, out: () => out, err: () => err, ended, started };
}

/** The same in this process, for what ends by itself. */
async function runHere(args: readonly string[]) {
  const said = { out: "", err: "" };
  const write = (to: "out" | "err") => (text: string | Uint8Array) => Boolean((said[to] += String(text)));
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(write("out")),
    vi.spyOn(process.stderr, "write").mockImplementation(write("err")),
  ];
  try {
    return { code: await run(args, "1.2.3"), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** The lines of a .env file. */
const envOf = (text: string) =>
  Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]),
  );

describe("what it prints", () => {
  test("may go to a reader that has left", async () => {
    const { child, ended, err } = start(["--help"]);
    child.stdout?.destroy();
    expect([await ended, err()]).toEqual([0, ""]);
  });

  test("is a .env file with a base URL and a key of each vendor, and they work", async () => {
    const { out, started } = start(["--port", "0"]);
    const env = await started;
    expect(Object.keys(env)).toEqual(
      ["APIXO", "AIVIDEOAPI", "APIMODELS"].flatMap((name) => [`${name}_BASE_URL`, `${name}_API_KEY`]),
    );
    const calls = client({ apiKey: env["APIXO_API_KEY"] ?? "", baseUrl: env["APIXO_BASE_URL"] ?? "" });
    expect((await calls.balance()).body).toMatchObject({ code: 200, data: 100 });
    expect(out()).toMatch(/^# page: http:\/\/127\.0\.0\.1:\d+\/$/m);
  });

  test("has a vendor of a module of one's own, by --vendors", async () => {
    const module = join(import.meta.dirname, "../test/two-secrets.ts");
    const env = await start(["--port", "0", "--vendors", `apixo,${module}`]).started;
    expect(Object.keys(env)).toEqual(
      ["APIXO_BASE_URL", "APIXO_API_KEY"].concat(
        ["BASE_URL", "ACCESS_KEY", "SECRET_KEY"].map((word) => `TWO_SECRETS_${word}`),
      ),
    );
    expect((await fetch(`${env["TWO_SECRETS_BASE_URL"]}/videos/x`)).status).toBe(401);
  });

  test("has the token that drives it, or the one that was chosen", async () => {
    const { out, started } = start(["--port", "0"], { VIDTASK_EMULATOR_TOKEN: "0123456789abcdef" });
    const { APIXO_BASE_URL = "" } = await started;
    expect(out()).toContain("Bearer 0123456789abcdef");
    const server = { url: new URL(APIXO_BASE_URL).origin, token: "0123456789abcdef" };
    expect((await control(server).post("/reset")).status).toBe(200);
  });

  test("is nothing with --quiet", async () => {
    const { port } = new URL((await start(["--port", "0"]).started)["APIXO_BASE_URL"] ?? "");
    children.at(-1)?.kill("SIGTERM");
    await once(children.at(-1) as ChildProcess, "close");
    const { child, out, ended } = start(["--port", port, "--quiet"]);
    const isUp = async () => {
      for (;;) {
        const up = await fetch(`http://127.0.0.1:${port}/_emulator`).then(
          ({ ok }) => ok,
          () => false,
        );
        if (up) return true;
        await sleep(20);
      }
    };
    expect(await isUp()).toBe(true);
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(out()).toBe("");
  });

  test.each(["--help", "-h"])("says what there is with %s", async (flag) => {
    const { out, code } = await runHere([flag]);
    expect(code).toBe(0);
    for (const option of ["port", "vendors", "credits", "faults", "seed", "fast", "quiet", "version"])
      expect(out).toContain(`--${option}`);
  });

  test("says its version", async () => {
    const { out, ended } = start(["--version"]);
    expect(await ended).toBe(0);
    expect(out()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("options", () => {
  test("choose vendors, credits, seed and faults", async () => {
    const args = ["--port", "0", "--vendors", "apixo", "--credits", "7", "--seed", "5", "--faults", "submit:500=1"];
    const env = await start(args).started;
    expect(Object.keys(env)).toEqual(["APIXO_BASE_URL", "APIXO_API_KEY"]);
    const calls = client({ apiKey: env["APIXO_API_KEY"] ?? "", baseUrl: env["APIXO_BASE_URL"] ?? "" });
    expect((await calls.balance()).body.data).toBe(7);
    expect((await calls.submit(textToVideo)).status).toBe(500);
    const root = new URL(env["APIXO_BASE_URL"] ?? "").origin;
    expect(await (await fetch(`${root}/_emulator`)).json()).toMatchObject({ seed: 5 });
  });

  test("--fast: a task takes 2 s, and its dates are real", async () => {
    const env = await start(["--port", "0", "--fast"]).started;
    const calls = client({ apiKey: env["APIXO_API_KEY"] ?? "", baseUrl: env["APIXO_BASE_URL"] ?? "" });
    const before = Date.now();
    const id = await calls.created(textToVideo);
    const after = Date.now();
    let data: Record<string, unknown> = {};
    while (data["state"] !== "success") {
      await sleep(50);
      ({ data } = (await calls.status(id)).body);
    }
    const created = Number(data["createTime"]);
    expect(Number(data["completeTime"]) - created).toBe(2_000);
    expect(created).toBeGreaterThan(before - 100); // two processes may tell time a little apart
    expect(created).toBeLessThan(after + 100);
  });

  test.each<[string[], RegExp]>([
    [["--prot", "1"], /Unknown option '--prot'/],
    [["extra"], /Unexpected argument 'extra'/],
    [["--port", "abc"], /--port must be a number, not "abc"/],
    [["--port", "70000"], /port must be an integer from 0 to 65535/],
    [["--port", ""], /--port must be a number/],
    [["--vendors", "acme"], /no emulated vendor "acme"/],
    [["--vendors", "./none.js"], /--vendors: \.\/none\.js cannot be loaded/],
    [["--vendors", join(import.meta.dirname, "arguments.ts")], /arguments\.ts exports no vendor/],
    [["--credits=-1"], /credits must be US dollars from 0/],
    [["--seed", "1.5"], /seed must be an integer/],
    [["--faults", "nonsense"], /--faults must look like submit:503=0.1/],
    [["--faults", "submit:nonsense=1"], /there is no fault "nonsense"/],
    [["--faults", "submit:503=2"], /must be a number from 0 to 1/],
  ])("a wrong command line is refused by name, with exit code 2: %j", async (args, words) => {
    const { err, out, code } = await runHere(args);
    expect(code).toBe(2);
    expect(err).toMatch(words);
    expect(err).not.toContain("    at ");
    expect(out).toBe("");
  });

  test("the program ends with that code, and says no more", async () => {
    const { err, out, ended } = start(["--prot", "1"]);
    expect(await ended).toBe(2);
    expect(err()).toMatch(/^vidtask-emulator: Unknown option '--prot'.*\n.*--help lists the options\n$/);
    expect(out()).toBe("");
  });
});

test("a port in use is said in one line, with exit code 1", async () => {
  const other = await createEmulator().listen();
  const { port } = new URL(other.url);
  const { err, ended } = start(["--port", port]);
  expect(await ended).toBe(1);
  expect(err()).toBe(
    `vidtask-emulator: port ${port} is in use, perhaps by another emulator: stop that, or choose another with --port (0 takes a free one)\n`,
  );
  await other.close();
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s stops it, with an open page and an open request, with exit code 0",
  async (signal) => {
    const { child, err, started, ended } = start(["--port", "0", "--faults", "poll:no-answer=1"]);
    const env = await started;
    const calls = client({ apiKey: env["APIXO_API_KEY"] ?? "", baseUrl: env["APIXO_BASE_URL"] ?? "" });
    const events = await fetch(`${new URL(env["APIXO_BASE_URL"] ?? "").origin}/_emulator/events`);
    const id = await calls.created(textToVideo);
    const unanswered = calls.status(id).catch(() => "ended");
    child.kill(signal);
    expect(await ended).toBe(0);
    expect(await unanswered).toBe("ended");
    expect(err()).toBe("");
    await events.body?.cancel().catch(() => {});
  },
);
