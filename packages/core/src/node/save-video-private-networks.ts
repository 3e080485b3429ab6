// A fetch that checks the addresses behind a result host's name before it connects. Core itself sees only the name.
import { lookup, type LookupAddress, type LookupOptions } from "node:dns";
import * as util from "node:util";
import type { ClientContext } from "../context/context.ts";
import type { Send } from "../download/range.ts";
import { plainSend } from "../download/stream.ts";
import { isOwnHost, PRIVATE_ADDRESS } from "../http/hosts.ts";
import { isPublicAddress } from "../http/public-hosts.ts";
import { globalDispatcher, type OwnAgent } from "../submit/node-dispatcher.ts";
import { isOwnFetch } from "../submit/node-transport.ts";

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** `dns.lookup`, without the addresses of private networks. */
export function publicLookup(hostname: string, options: LookupOptions, found: Found): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return found(error, []);
    const allowed = addresses.filter(({ address }) => isPublicAddress(address, true));
    const [first] = allowed;
    if (options.all && first) return found(null, allowed);
    if (first) return found(null, first.address, first.family);
    const message = `the result host ${hostname} leads to a private address: see whether get() gives another URL`;
    found(Object.assign(new Error(message), { code: PRIVATE_ADDRESS }), []);
  });
}

/** The guarded send of one download. `close` gives its connections back. */
export async function guardedSend(context: ClientContext): Promise<{ send: Send; close: () => void }> {
  const plain = plainSend(context);
  const base = new URL(context.baseUrl());
  const agent = await ownAgent(context);
  if (!agent) return { send: plain, close: () => {} };
  const guarded = { dispatcher: agent }; // no option of fetch that its types know
  return {
    send: (url, init) => plain(url, isOwnHost(url, base) ? init : { ...init, ...guarded }),
    close: () => void agent.destroy().catch(() => {}),
  };
}

// A fetch or a dispatcher of the program's own is left alone: a proxy resolves names in its own way, and another agent
// would lose the CA or the `lookup` that it was given.
async function ownAgent({ options }: ClientContext): Promise<OwnAgent | undefined> {
  const send = options.fetch ?? fetch;
  if (!isOwnFetch(send)) return undefined;
  if (globalDispatcher(util).kind === "none") await send("data:,"); // the first one makes it
  const found = globalDispatcher(util);
  return found.kind === "agent" ? found.create({ connect: { lookup: publicLookup } }) : undefined;
}
