// The signed URL that each submit sends.
import type { ClientContext } from "../context/context.ts";
import { secretsOf, type CallbackOptions } from "../context/options.ts";
import { appended } from "./option.ts";
import { readTicket, signerOf, signTicket, TICKET_LIFE, type Signer, type Ticket } from "./token.ts";

/** The URL of one POST. */
export async function signedUrl(
  { url, ...rest }: CallbackOptions,
  ticket: Omit<Ticket, "expiresAt">,
  now: number,
): Promise<string> {
  const [first] = secretsOf(rest);
  if (first === undefined) throw new TypeError("a callback without a secret"); // refused by the plan before
  return appended(url, await signTicket(await signerOf(first), { ...ticket, expiresAt: now + TICKET_LIFE }));
}

/** The ticket of a URL that this client, or one with the same secret, has sent. */
export async function ticketOf(context: ClientContext, url: string): Promise<Ticket | undefined> {
  const { clock, adapter } = context;
  const callback = context.callback();
  if (!callback) return undefined;
  const path = new URL(url).pathname.replace(/\/$/, ""); // proxies and frameworks like to add one slash
  const token = path.slice(path.lastIndexOf("/") + 1);
  const ticket = await readTicket(await signersOf(callback), token, clock.now());
  return ticket?.vendor === adapter.vendor ? ticket : undefined;
}

const ready = new WeakMap<CallbackOptions, Promise<Signer[]>>();

function signersOf(callback: CallbackOptions): Promise<Signer[]> {
  const found = ready.get(callback) ?? Promise.all(secretsOf(callback).map(signerOf));
  ready.set(callback, found);
  return found;
}
