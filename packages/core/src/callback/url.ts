// A client's `callback` option, and the URL that each submit sends.
import { aCallbackUrl } from "../context/client-options.ts";
import type { ClientContext } from "../context/context.ts";
import { secretsOf, type CallbackOptions } from "../context/options.ts";
import type { Issue } from "../task/issue.ts";
import { readTicket, signerOf, signTicket, TICKET_LIFE, type Signer, type Ticket } from "./token.ts";

type Wishes = { callback?: false | undefined; callbackUrl?: string | undefined };

/** The client's callback, where a submit with these options uses it. */
export const callbackOf = (context: ClientContext, wishes: Wishes): CallbackOptions | undefined =>
  wishes.callback === false || wishes.callbackUrl !== undefined ? undefined : context.callback();

/** What a plan shows in place of a signed URL, and what is wrong with a URL of the submit's own. */
export function planCallback(context: ClientContext, wishes: Wishes): { callbackUrl?: string; issues: Issue[] } {
  const callback = callbackOf(context, wishes);
  const { callbackUrl } = wishes;
  const issues: Issue[] = [];
  if (callback) return { callbackUrl: appended(callback.url, "signed-by-submit"), issues };
  if (callbackUrl === undefined) return { issues };
  aCallbackUrl(context.baseUrl())(callbackUrl, "callbackUrl", issues);
  return { callbackUrl, issues };
}

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

function appended(url: string, segment: string): string {
  const full = new URL(url);
  full.pathname = `${full.pathname.replace(/\/$/, "")}/${segment}`;
  return full.href;
}
