// A client's `callback` option, and the URL that each submit sends.
import type { ClientContext } from "../context/context.ts";
import { secretsOf, type CallbackOptions } from "../context/options.ts";
import { issue, type Issue } from "../task/issue.ts";
import { readTicket, signerOf, signTicket, TICKET_LIFE, type Signer, type Ticket } from "./token.ts";

type Wishes = { callback?: false | undefined; callbackUrl?: string | undefined };

const MIN_SECRET = 32;
const URL_RULE = "an https URL (http only on loopback, when `baseUrl` is on loopback too)";

/** The client's callback, where a submit with these options uses it. */
export const callbackOf = (context: ClientContext, wishes: Wishes): CallbackOptions | undefined =>
  wishes.callback === false || wishes.callbackUrl !== undefined ? undefined : context.callback();

/** What a plan shows in place of a signed URL, and everything that is wrong with it. */
export function planCallback(context: ClientContext, wishes: Wishes): { callbackUrl?: string; issues: Issue[] } {
  const { callbackUrl } = wishes;
  const callback = callbackOf(context, wishes);
  if (callback) {
    const issues = callbackIssues(context, callback);
    return issues.length > 0 ? { issues } : { issues, callbackUrl: appended(callback.url, "signed-by-submit") };
  }
  if (callbackUrl === undefined) return { issues: [] };
  const isWrong = !isCallbackUrl(callbackUrl, context.baseUrl());
  return { callbackUrl, issues: isWrong ? [issue("callbackUrl", URL_RULE)] : [] };
}

/** Everything that is wrong with a client's callback; no issue shows a secret. */
export function callbackIssues(context: ClientContext, callback: CallbackOptions): Issue[] {
  const issues = secretIssues(callback);
  if (!isCallbackUrl(callback.url, context.baseUrl())) issues.push(issue("callback.url", URL_RULE));
  if (!context.adapter.callback)
    issues.push(issue("callback", `left out: the package of ${context.adapter.vendor} reads no callbacks`));
  return issues;
}

const secretIssues = (callback: CallbackOptions): Issue[] => {
  const secrets = secretsOf(callback);
  const isLong = (secret: unknown) =>
    typeof secret === "string" && new TextEncoder().encode(secret).length >= MIN_SECRET;
  return secrets.length > 0 && secrets.every(isLong)
    ? []
    : [issue("callback.secret", `at least ${MIN_SECRET} bytes, or a list of such secrets`)];
};

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

function isCallbackUrl(text: unknown, baseUrl: string): boolean {
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && isLoopback(url) && isLoopback(new URL(baseUrl));
}

const isLoopback = ({ hostname }: URL): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
