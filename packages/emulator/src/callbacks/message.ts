// What a callback says: the vendor's words, or a forger's.
import type { Fields } from "../vendors/rules.ts";
import type { Told, Vendor } from "../vendors/vendor.ts";
import type { Message } from "./post.ts";

export function messageOf({ callback }: Vendor, url: string, told: Told): Message {
  const { body, headers } = callback.message(told);
  return { url, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

/** What the vendor would say if the task had ended, which it has not. The result is on a host of the forger's. */
export function forge(vendor: Vendor, kind: string, { task, request, now }: Omit<Told, "state" | "url">): Told {
  const url = `https://forged.example/${task.id}.mp4`;
  const ended = { ...task, endsAt: now };
  if (kind === "forged") return { task: { ...ended, failure: undefined }, state: "succeeded", url, request, now };
  const [code, message] = Object.entries(vendor.failCodes)[0] ?? [];
  const failure = { ...(code !== undefined && { code }), ...(message !== undefined && { message }) };
  return { task: { ...ended, failure }, state: "failed", url, request, now };
}

export const addressOf = ({ callback }: Vendor, request: Fields): string | undefined => {
  const url = callback.urlOf(request);
  return typeof url === "string" && URL.canParse(url) ? url : undefined;
};
