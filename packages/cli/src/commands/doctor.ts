import { existsSync } from "node:fs";
import { membersOf } from "@vidtask/core/router";
import type { VideoClient } from "vidtask";
import { clientOf } from "../clients/clients.ts";
import type { CommandRun } from "../clients/run.ts";
import type { Session } from "../clients/session.ts";
import { canCheckMode } from "../config/config-file.ts";
import { readSettings } from "../config/settings.ts";
import { EXIT } from "../exit-codes.ts";
import { orStop } from "../interrupt.ts";
import { explain } from "../output/explain.ts";
import { usd } from "../output/format.ts";
import type { CheckLine } from "../output/lines.ts";
import { keyEnv, VENDORS, type Vendor } from "../vendors.ts";

type Found = Pick<CheckLine, "ok" | "message"> & { hint?: string };

/** Above it, dates of URLs and of tasks say something else here than at the vendor. */
const MOST_SKEW = 10_000;

/** Keys, clock, journal, reachability, and what every vendor answers for nothing. */
export const run: CommandRun = async ({ out, options, signal, open }) => {
  let isSound = true;
  const say = (name: string, found: Found) => {
    isSound &&= found.ok !== false;
    out.emit({ type: "check", name, ...found });
  };
  const settings = await orStop(signal, readSettings(options));
  say("configuration", configuration(settings.config));
  const isThere = options.emulate !== undefined || existsSync(settings.journal);
  if (!isThere) say("journal", { ok: true, message: `${settings.journal} will be made with the first task` });
  // Opening makes the file, so it is not opened before there is something in it.
  const session = isThere ? await open() : undefined;
  if (session) say("journal", await journal(session));
  for (const vendor of VENDORS) {
    const isKeyed = session?.emulated ? session.keyed.includes(vendor) : settings.keys[vendor] !== undefined;
    const from = session?.emulated ? session.emulated.url : settings.keys[vendor]?.from;
    if (!isKeyed) {
      say(`${vendor} key`, {
        ok: "unknown",
        message: "not set",
        hint: `Set ${keyEnv(vendor)}, or try it with --emulate.`,
      });
      continue;
    }
    say(`${vendor} key`, { ok: true, message: `set in ${from ?? "the environment"}` });
    const endpoint = session?.emulated?.for(vendor);
    const own = endpoint ?? { apiKey: settings.keys[vendor]?.key ?? "" };
    const client = clientOf(vendor, own);
    const there = await reach(client, endpoint?.baseUrl, signal);
    for (const [name, found] of there) say(`${vendor} ${name}`, found);
    if (there.get("reachability")?.ok !== true) continue;
    for (const [name, found] of await orStop(signal, probes(vendor, client, own))) say(`${vendor} ${name}`, found);
  }
  return isSound ? EXIT.done : EXIT.usage;
};

function configuration({ path, isThere }: { path: string; isThere: boolean }): Found {
  if (!isThere) return { ok: true, message: `there is no ${path}: keys come from the environment` };
  if (canCheckMode()) return { ok: true, message: `only you can read ${path}, or it holds no keys` };
  return { ok: "unknown", message: `whether others can read ${path} cannot be checked on Windows` };
}

async function journal({ journal: rows, journalPath }: Session): Promise<Found> {
  const counts = new Map<string, number>();
  for await (const { state, error } of rows.list()) {
    const name = error === undefined ? state : "damaged";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const known = [...counts].map(([state, count]) => `${count} ${state}`).join(", ") || "no task";
  const where = journalPath || "in memory";
  if (counts.has("damaged")) return { ok: false, message: `${where} has ${known}` };
  if (!counts.has("unknown")) return { ok: true, message: `${where} has ${known}` };
  return {
    ok: "unknown",
    message: `${where} has ${known}`,
    hint: "vidtask resume says what to do about unknown submits.",
  };
}

/** Any answer will do; its date tells how wrong the clock of this machine is. */
async function reach(client: VideoClient, given: string | undefined, signal: AbortSignal): Promise<Map<string, Found>> {
  const [member] = membersOf(client);
  const variable = `${client.vendor.toUpperCase()}_BASE_URL`;
  const baseUrl = given ?? (process.env[variable] || (member?.spec.baseUrl ?? ""));
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol))
    return new Map([["reachability", { ok: false, message: `${variable} is no http(s) URL` }]]);
  const { origin } = new URL(baseUrl);
  try {
    const started = Date.now();
    const answer = await fetch(origin, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    });
    const took = Date.now() - started;
    const date = Date.parse(answer.headers.get("date") ?? "");
    // The date has whole seconds, and was written somewhere on the way.
    const skew = Math.abs(started + took / 2 - (date + 500));
    const clock: Found = Number.isNaN(date)
      ? { ok: "unknown", message: "its answers have no date" }
      : skew > MOST_SKEW
        ? {
            ok: false,
            message: `this machine's clock is ${Math.round(skew / 1000)} s off the vendor's`,
            hint: "Set the clock of this machine.",
          }
        : { ok: true, message: "this machine's clock and the vendor's agree" };
    return new Map([
      ["reachability", { ok: true, message: `${origin} answers in ${took} ms` }],
      ["clock", clock],
    ]);
  } catch (error) {
    signal.throwIfAborted();
    const { cause, message } = error as Error & { cause?: { code?: string } };
    const hint = "Behind a proxy, set NODE_USE_ENV_PROXY=1 and HTTPS_PROXY.";
    return new Map([
      ["reachability", { ok: false, message: `${origin} does not answer (${cause?.code ?? message})`, hint }],
    ]);
  }
}

/** What the contract with each vendor has that costs nothing: the balance, an unknown task, an unknown key. */
async function probes(vendor: Vendor, client: VideoClient, own: object): Promise<[string, Found][]> {
  const [model = ""] = Object.keys(client.models);
  const unknownTask = { vendor, model, id: "00000000-0000-4000-8000-000000000000" };
  return [
    ["balance", await balance(client)],
    ["unknown task", await refused(() => client.get(unknownTask), ["not_found", "invalid_request", "unknown"])],
    [
      "unknown key",
      await refused(
        () => clientOf(vendor, { ...own, apiKey: "vidtask-doctor-no-key" }).balance?.(),
        ["unauthorized", "forbidden"],
      ),
    ],
  ];
}

async function balance(client: VideoClient): Promise<Found> {
  try {
    const found = await client.balance?.();
    if (found?.usd === undefined)
      return {
        ok: true,
        message: found?.credits === undefined ? "the vendor does not say" : `${found.credits} credits`,
      };
    return { ok: found.usd > 0 || "unknown", message: usd(found.usd) };
  } catch (error) {
    const { code, message } = explain(error);
    const hint = code === "unauthorized" || code === "forbidden" ? { hint: "The vendor does not know this key." } : {};
    return { ok: false, message: `${code}: ${message}`, ...hint };
  }
}

async function refused(ask: () => Promise<unknown> | undefined, codes: readonly string[]): Promise<Found> {
  try {
    await ask();
  } catch (error) {
    const { code, message } = explain(error);
    const isAsDocumented = codes.includes(code);
    return {
      ok: isAsDocumented,
      message: isAsDocumented ? `is refused as ${code}` : `is answered as ${code}: ${message}`,
    };
  }
  return { ok: false, message: "is not refused" };
}
