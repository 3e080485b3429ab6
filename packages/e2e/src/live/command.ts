import { parseArgs } from "node:util";
import type { Say } from "@vidtask/bench/progress";
import { membersOf } from "@vidtask/core/router";
import { createAIVideoAPI, createAPIModels, createApixo } from "vidtask";
import { checksOf } from "./checks.ts";
import { requestLine, show } from "./report.ts";
import { readContract, verifyLive } from "./run.ts";

const vendors = new Map(
  [createApixo(), createAIVideoAPI(), createAPIModels()]
    .flatMap((client) => membersOf(client))
    .map(({ spec }) => [spec.vendor, { keyEnv: spec.secrets["apiKey"] ?? "", baseUrl: spec.baseUrl }]),
);
const names = [...vendors.keys()];

const HELP = `npm run contracts:live -- --vendor ${names.join("|")}|all [--base-url URL] [--timeout SECONDS]

Verifies the committed contracts against the live vendors, as far as that costs nothing, with Pact's Verifier. A key comes
from ${[...vendors.values()].map(({ keyEnv }) => keyEnv).join(", ")}; without it the command only says what it would ask.

  asked with a wrong key   what the contract asks with an unknown key, and submits that lack a field
  asked with your key      reads only: the balance, and a task that does not exist
  never                    a submit with your key: it is written into GET requests only, and shown nowhere

  --base-url  another address than the documented one, for one vendor
  --timeout   how long one answer may take, 30 s when left out

Exit code 0: everything held, or nothing was asked; 1: something drifted; 2: wrong use; 3: no verdict, because the vendor
did not answer, was busy, or refused your key.
`;

class Misuse extends Error {}

export async function live(args: string[], { env, say }: { env: NodeJS.ProcessEnv; say: Say }): Promise<0 | 1 | 2 | 3> {
  try {
    const values = parsed(args);
    if (values.help) {
      say(HELP);
      return 0;
    }
    const { chosen, baseUrl, timeoutMs } = checked(values);
    const helds: (boolean | undefined)[] = [];
    for (const name of chosen) helds.push(...(await verifyVendor(name, { baseUrl, timeoutMs, env, say })));
    if (helds.includes(false)) return 1;
    return helds.includes(undefined) ? 3 : 0;
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    say(`${error.message}\n\n${HELP}`);
    return 2;
  }
}

function parsed(args: string[]) {
  try {
    const options = {
      vendor: { type: "string" },
      "base-url": { type: "string" },
      timeout: { type: "string", default: "30" },
      help: { type: "boolean", short: "h", default: false },
    } as const;
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Misuse((error as Error).message);
  }
}

function checked({ vendor, timeout, "base-url": url }: ReturnType<typeof parsed>) {
  const chosen = names.filter((name) => vendor === "all" || name === vendor);
  if (chosen.length === 0) throw new Misuse(`--vendor: one of ${names.join(", ")}, all`);
  if (url !== undefined && chosen.length > 1) throw new Misuse("--base-url: with one vendor only");
  if (url !== undefined && !isSafeUrl(url))
    throw new Misuse("--base-url: an https URL without user info, query and fragment (http only on loopback)");
  const seconds = Number(timeout);
  if (!(seconds > 0 && seconds <= 300)) throw new Misuse("--timeout: seconds, above 0 and at most 300");
  return { chosen, baseUrl: url?.replace(/\/+$/, ""), timeoutMs: seconds * 1000 };
}

function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return !(username || password || search || hash) && (protocol === "https:" || (protocol === "http:" && isLoopback));
}

type About = { baseUrl: string | undefined; timeoutMs: number; env: NodeJS.ProcessEnv; say: Say };

async function verifyVendor(name: string, { baseUrl, timeoutMs, env, say }: About): Promise<(boolean | undefined)[]> {
  const { keyEnv = "", baseUrl: documentedUrl = "" } = vendors.get(name) ?? {};
  const contract = readContract(name);
  const checks = checksOf(contract);
  const where = `${name} at ${baseUrl ?? documentedUrl}`;
  const left = contract.interactions.length - checks.length;
  const key = env[keyEnv];
  if (!key) {
    say(`${where}: ${keyEnv} is not set, so nothing was sent. With it, this would be asked:`);
    for (const check of checks) say(`  ${check.name} (${requestLine(check)})`);
    say(`The other ${left} interactions would need a state that cannot be set up there, or cost money.\n`);
    return [];
  }
  if (!/^[\x21-\x7e]+$/.test(key)) throw new Misuse(`${keyEnv}: visible ASCII without spaces`);
  say(`${where}: ${checks.length} interactions, ${left} others cannot be asked for nothing`);
  const live = { contract, documentedUrl, baseUrl: baseUrl ?? documentedUrl, key, keyEnv, timeoutMs };
  const verdicts = await verifyLive(live, (text) => say(`              ${text}`));
  for (const verdict of verdicts) say(show(verdict));
  const count = (held: boolean | undefined) => verdicts.filter((verdict) => verdict.held === held).length;
  say(`${count(true)} held, ${count(false)} drifted, ${count(undefined)} without a verdict\n`);
  return verdicts.map(({ held }) => held);
}
