// A fetch that checks the addresses behind a result host's name before it connects. Core itself sees only the name.
import { lookup, type LookupAddress, type LookupOptions } from "node:dns";
import type { ClientContext } from "../context/context.ts";
import type { Send } from "../download/range.ts";
import { plainSend } from "../download/stream.ts";
import { isOwnHost, isPublicAddress, PRIVATE_ADDRESS } from "../http/hosts.ts";
import { nodeAgent } from "../submit/send.ts";

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** `dns.lookup`, without the addresses of private networks. */
export function publicLookup(hostname: string, options: LookupOptions, found: Found): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return found(error, []);
    const allowed = addresses.filter(({ address }) => isPublicAddress(address));
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
  // A fetch or a dispatcher of the user's own (a proxy, a mock) is left alone: it resolves names in its own way.
  const Agent = context.options.fetch ? undefined : await nodeAgent();
  if (Agent?.name !== "Agent") return { send: plain, close: () => {} };
  const dispatcher = new Agent({ connect: { lookup: publicLookup } });
  const guarded = { dispatcher }; // no option of fetch that its types know
  const base = new URL(context.baseUrl());
  return {
    send: (url, init) => plain(url, isOwnHost(url, base) ? init : { ...init, ...guarded }),
    close: () => void dispatcher.destroy().catch(() => {}),
  };
}
