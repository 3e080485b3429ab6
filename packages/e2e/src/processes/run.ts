// Runs one set-up on one Node, and compares what came of its submits with what the vendors read.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onInterrupt } from "@vidtask/bench/progress";
import { oneFile } from "../../../../.ci/one-file.ts";
import { scratchFolder } from "../scratch.ts";
import { makeCertificate, type Certificate } from "./certificate.ts";
import { STOPPING, TOLD, type Job, type Told } from "./job.ts";
import { startProxy } from "./proxy.ts";
import type { Given, Setup, Wanted, Way } from "./setup.ts";
import { outcomes, startVendor, type Outcome, type Vendor } from "./vendor.ts";

export type Cell = { outcome: Outcome; shown: string; wrong: readonly string[] };

/** `program`: submit-program.ts, as it is started. `libraries`: the folder that holds msw, nock and node-fetch. */
export type World = { program: string; certificate: Certificate; caFile: string; libraries: string };
export type NodeBinary = { binary: string; major: number };

/** What a set-up's row of the table holds. */
export async function runSetup(node: NodeBinary, setup: Setup, world: World): Promise<Cell[]> {
  const { program, certificate, caFile, libraries } = world;
  const way = typeof setup.way === "string" ? setup.way : setup.way(node.major);
  const chosen = setup.outcomes ?? outcomes;
  const vendors = await Promise.all(chosen.map((outcome) => startVendor(outcome, setup.tls && certificate)));
  const closed = await startVendor("closed");
  const log = await startLog();
  const proxy = setup.proxy && (await startProxy(setup.proxy, setup.tlsProxy && certificate));
  const video = setup.saves && (await startVideoHost(certificate));
  const folder = mkdtempSync(join(tmpdir(), "vidtask-processes-"));
  const given: Given = {
    videoUrl: video?.url ?? "",
    folder,
    closedUrl: closed.url,
    logUrl: log.url,
    proxyUrl: proxy?.url ?? "",
    ca: certificate.cert,
    libraries,
  };
  const at = ({ url, port }: Vendor) => (setup.host ? `https://${setup.host}:${port}` : url);
  const targets = chosen.map((outcome, index) => ({ outcome, baseUrl: `${at(vendors[index] as Vendor)}/api/v1` }));
  const env = { NO_PROXY: "", NODE_EXTRA_CA_CERTS: caFile, ...setup.env?.(given) };
  const told = await run([node.binary, program], setup, env, { setup: setup.name, given, targets });
  rmSync(folder, { recursive: true });
  await Promise.all([...vendors.map(({ close }) => close()), log.close(), proxy?.close(), video?.close()]);
  return chosen.map((outcome, index) => {
    const one = typeof told === "string" ? told : told.find((each) => each.outcome === outcome);
    return cellOf(setup, way, outcome, vendors[index] as Vendor, one ?? "told nothing");
  });
}

function cellOf(setup: Setup, way: Way, outcome: Outcome, vendor: Vendor, told: Told | string): Cell {
  if (typeof told === "string") return { outcome, shown: told, wrong: [told] };
  const { posts, direct } = vendor;
  const { ending, read, saved, alarms, attempts } = told;
  const wanted = setup.wanted ? [setup.wanted] : wantedOf(way, outcome);
  const isCutOff = setup.isCutOff || way === "refusing" || (outcome === "closed" && way !== "mock");
  const rules: [string, boolean][] = [
    [
      wanted.map((one) => `${one.ending}, ${one.posts} read`).join(" or "),
      wanted.some((one) => one.ending === ending && one.posts === Math.min(posts, way === "retry" ? 1 : 2)),
    ],
    ["no alarm", alarms.length === 0],
    [isCutOff ? "no read" : "a read", (read === "read") !== isCutOff],
    ["the way", direct === (way === "direct" ? posts : 0)],
    ["a video saved", !setup.saves || outcome !== "accepted" || saved === "saved"],
    ["nothing written by the one that was stopped", setup.stopMs === undefined || attempts === 2],
  ];
  const wrong = rules.flatMap(([rule, holds]) => (holds ? [] : [`wanted: ${rule}; it was ${ending}, ${posts} read`]));
  const more = [...(saved === undefined ? [] : [saved]), ...alarms];
  return { outcome, shown: [shortly(ending), posts, ...more].join(", "), wrong };
}

const shortly = (ending: string) =>
  ending
    .replace("ConnectionError no", "not sent")
    .replace("SubmitUnknownError ", "")
    .replace("VendorError no", "refused");

/** By the way that a paid request takes, and what the vendor does to it. */
function wantedOf(way: Way, outcome: Outcome): readonly Wanted[] {
  const task = { ending: "task", posts: 1 };
  const refused = { ending: "VendorError no", posts: 1 };
  const unknown = { ending: "SubmitUnknownError unknown", posts: 1 };
  const notSent = { ending: "ConnectionError no", posts: 0 };
  if (way === "mock") return [{ ...task, posts: 0 }];
  if (way === "refusing") return [notSent];
  switch (outcome) {
    case "accepted":
      return [task];
    case "103": // undici's retries take it for an answer
      return way === "retry" ? [task, unknown] : [task];
    case "100": // and undici itself takes that for a fault
      return way === "direct" ? [task] : [task, unknown];
    case "refused":
      return [refused];
    case "421": // undici sends again by itself, and says nothing of it
      return way === "direct" ? [refused] : [refused, { ...refused, posts: 2 }];
    case "reset":
    case "gone":
      return [unknown];
    case "closed":
      return way === "direct" || way === "custom" ? [notSent] : [{ ...unknown, posts: 0 }];
  }
}

const LONGEST_MS = 60_000;

function run(
  [binary, program]: readonly [string, string],
  setup: Setup,
  env: object,
  job: Job,
): Promise<Told[] | string> {
  const args = ["--no-warnings", ...(setup.args ?? []), program, JSON.stringify(job)];
  const inherited = Object.entries(process.env).filter(([name]) => !/^(node_|.*_proxy$|vitest)/i.test(name));
  const child = spawn(binary, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...Object.fromEntries(inherited), NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"], ...env },
  });
  const kill = () => void child.kill("SIGKILL");
  const forget = onInterrupt(kill);
  const tooLong = setTimeout(kill, LONGEST_MS);
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += String(chunk)));
  let told: Told[] | undefined;
  createInterface(child.stdout).on("line", (line) => {
    if (line === STOPPING) setTimeout(() => child.kill("SIGCONT"), setup.stopMs);
    if (line.startsWith(TOLD)) told = JSON.parse(line.slice(TOLD.length)) as Told[];
  });
  return new Promise((resolve) => {
    child.on("error", ({ message }) => resolve(message));
    child.on("close", (code, signal) => {
      clearTimeout(tooLong);
      forget();
      resolve(told ?? `ended with ${signal ?? code}: ${errors.trim().slice(-400)}`);
    });
  });
}

/** What all processes of a run are given. */
export async function openWorld(libraries: string): Promise<World & { close(): void }> {
  const scratch = scratchFolder();
  const caFile = scratch.file("ca.pem");
  const certificate = makeCertificate();
  writeFileSync(caFile, certificate.cert);
  const program = await oneFile(join(import.meta.dirname, "submit-program.ts"), ["undici-6", "undici-7", "undici-8"]);
  return { program, certificate, caFile, libraries, close: scratch.remove };
}

/** A host with an mp4, as short as one may be. */
async function startVideoHost(certificate: Certificate): Promise<{ url: string; close(): Promise<void> }> {
  const boxes = ["ftyp", "moov", "mdat"].map((type) => Buffer.from([0, 0, 0, 8, ...Buffer.from(type, "latin1")]));
  const server = createTlsServer(certificate, (_request, response) => {
    response.writeHead(200, { "content-type": "video/mp4", "content-length": 24 }).end(Buffer.concat(boxes));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://vendor.test:${(server.address() as AddressInfo).port}/video.mp4`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function startLog(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => void request.resume().on("end", () => response.end("{}")));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
