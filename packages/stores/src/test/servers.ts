// Starts real servers on free ports of this machine, with their data in a folder that goes with them.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Running = {
  port: number;
  folder: string;
  /** The one that runs now. */
  readonly process: ChildProcess;
  /** Ends the server, and keeps its data. */
  halt(): Promise<void>;
  /** Starts it anew on its port, with its data. */
  again(): Promise<void>;
  /** Ends it, and removes its data. */
  stop(): Promise<void>;
};

const HINT = "apt-get update && apt-get install -y postgresql redis-server";

/** A program, by name or among the versions of Debian's postgresql. @throws Error that says what to install */
export function programOf(name: string): string {
  const found = spawnSync("which", [name], { encoding: "utf8" }).stdout.trim();
  const path = found || globSync(`/usr/lib/postgresql/*/bin/${name}`).toSorted().at(-1);
  if (path && existsSync(path)) return path;
  throw new Error(`${name} is not installed, and this suite skips nothing: ${HINT}`);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function start(
  name: string,
  command: (port: number, folder: string) => { file: string; args: string[] },
): Promise<Running> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), `vidtask-${name}-`));
  chmodSync(folder, 0o777); // the server may run as another user
  const { file, args } = command(port, folder);
  let process: ChildProcess | undefined;
  let gone = Promise.resolve();
  async function halt(): Promise<void> {
    process?.kill(name === "postgres" ? "SIGINT" : "SIGTERM"); // after SIGTERM Postgres waits for its clients
    const late = setTimeout(() => process?.kill("SIGKILL"), 5_000);
    await gone;
    clearTimeout(late);
  }
  async function stop(): Promise<void> {
    await halt();
    rmSync(folder, { recursive: true, force: true });
  }
  async function again(): Promise<void> {
    const started = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    let isUp = false;
    for (const stream of [started.stdout, started.stderr])
      stream.on("data", (text) => {
        said = `${said}${text}`.slice(-2_000);
        isUp ||= /ready to accept (read-only )?connections/i.test(said); // what both say
      });
    let isGone = false;
    process = started;
    gone = new Promise<void>((resolve) => started.once("close", () => ((isGone = true), resolve())));
    for (const until = Date.now() + 30_000; !isUp;) {
      if (isGone || Date.now() > until) {
        await stop();
        throw new Error(`${name} did not start: ${said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await again();
  return {
    port,
    folder,
    get process() {
      return process as ChildProcess;
    },
    halt,
    again,
    stop,
  };
}

export const startRedis = (...more: string[]): Promise<Running> =>
  start("redis", (port, folder) => ({
    file: programOf("redis-server"),
    args: ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...more],
  }));

/** Postgres refuses to run as root: as root it is run by the user `nobody`. */
function asUser(file: string, args: string[]): { file: string; args: string[] } {
  if (process.getuid?.() !== 0) return { file, args };
  return { file: programOf("setpriv"), args: ["--reuid=65534", "--regid=65534", "--clear-groups", file, ...args] };
}

const startWith = (makeData: string[], settings: string[]): Promise<Running> =>
  start("postgres", (port, folder) => {
    const [program = "", ...args] = makeData;
    const data = join(folder, "data");
    const making = asUser(programOf(program), ["-D", data, ...args]);
    const made = spawnSync(making.file, making.args, { encoding: "utf8" });
    if (made.status !== 0) throw new Error(`${program} failed: ${made.stderr}`);
    const options = [`port=${port}`, "listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`, ...settings];
    return asUser(programOf("postgres"), ["-D", data, ...options.flatMap((option) => ["-c", option])]);
  });

export const startPostgres = (...settings: string[]): Promise<Running> =>
  startWith(["initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], settings);

/** One that follows a primary, until `SELECT pg_promote()`. */
export const startStandby = (primary: Running): Promise<Running> =>
  startWith(["pg_basebackup", "-h", "127.0.0.1", "-p", `${primary.port}`, "-U", "postgres", "-R", "-c", "fast"], []);
