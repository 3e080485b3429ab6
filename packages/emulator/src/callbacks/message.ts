// What a callback says: the vendor's words, or a forger's.
import type { Callback, Told } from "../vendors/dialect-parts.ts";
import type { Fields } from "../vendors/rules.ts";
import type { Vendor } from "../vendors/vendor.ts";
import type { Message } from "./post.ts";

type Calling = Callback & Required<Pick<Callback, "delays" | "within" | "timeout" | "isDelivered">>;

const DEFAULTS = {
  delays: [0],
  within: Infinity,
  timeout: 30_000,
  isDelivered: (status: number) => status >= 200 && status < 300,
};

/** @throws TypeError for a vendor that calls nobody back; `addressOf` gives no address there */
export function callingOf({ name, callback }: Vendor): Calling {
  if (!callback) throw new TypeError(`${name} calls nobody back`);
  return { ...DEFAULTS, ...callback };
}

/** Signed with these secrets; a forger has others. */
export function messageOf(vendor: Vendor, url: string, told: Told, secrets = vendor.secrets): Message {
  const callback = callingOf(vendor);
  const { body, headers } = callback.message(told);
  const text = JSON.stringify(body);
  const signed = callback.sign?.(text, secrets, told.now);
  return { url, headers: { "content-type": "application/json", ...headers, ...signed }, body: text };
}

/** The message of a forger, who has none of the account's secrets. */
export function forgedMessage(vendor: Vendor, url: string, kind: string, told: Omit<Told, "state" | "url">): Message {
  const secrets = Object.fromEntries(Object.keys(vendor.secrets).map((name) => [name, `forged-${name}`]));
  return messageOf(vendor, url, forge(vendor, kind, told), secrets);
}

/** The vendor's own message with another body: its headers, its signature too, are those of the true one. */
export function tamperedMessage(vendor: Vendor, url: string, told: Told): Message {
  const { body } = messageOf(vendor, url, forge(vendor, "forged", told));
  return { ...messageOf(vendor, url, told), body };
}

/** What the vendor would say if the task had ended, which it has not. The result is on a host of the forger's. */
function forge(vendor: Vendor, kind: string, { task, request, now }: Omit<Told, "state" | "url">): Told {
  const url = `https://forged.example/${task.id}.mp4`;
  const ended = { ...task, endsAt: now };
  if (kind === "forged") return { task: { ...ended, failure: undefined }, state: "succeeded", url, request, now };
  const [code, message] = Object.entries(vendor.failCodes)[0] ?? [];
  const failure = { ...(code !== undefined && { code }), ...(message !== undefined && { message }) };
  return { task: { ...ended, failure }, state: "failed", url, request, now };
}

export const addressOf = ({ callback }: Vendor, request: Fields): string | undefined => {
  const url = callback?.urlOf(request);
  return typeof url === "string" && URL.canParse(url) ? url : undefined;
};
