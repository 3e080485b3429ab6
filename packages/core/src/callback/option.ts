// A client's `callback` option, and what a plan shows of it.
import { aCallbackUrl } from "../context/client-options.ts";
import type { CallbackOptions } from "../context/options.ts";
import type { ClientSettings } from "../context/settings.ts";
import type { Issue } from "../task/issue.ts";

type Wishes = { callback?: false | undefined; callbackUrl?: string | undefined };

/** The client's callback, where a submit with these options uses it. */
export const callbackOf = (settings: ClientSettings, wishes: Wishes): CallbackOptions | undefined =>
  wishes.callback === false || wishes.callbackUrl !== undefined ? undefined : settings.callback();

/** What a plan shows in place of a signed URL, and what is wrong with a URL of the submit's own. */
export function planCallback(settings: ClientSettings, wishes: Wishes): { callbackUrl?: string; issues: Issue[] } {
  const callback = callbackOf(settings, wishes);
  const { callbackUrl } = wishes;
  const issues: Issue[] = [];
  if (callback) return { callbackUrl: appended(callback.url, "signed-by-submit"), issues };
  if (callbackUrl === undefined) return { issues };
  aCallbackUrl(settings.baseUrl())(callbackUrl, "callbackUrl", issues);
  return { callbackUrl, issues };
}

/** A callback URL with one more segment. */
export function appended(url: string, segment: string): string {
  const full = new URL(url);
  full.pathname = `${full.pathname.replace(/\/$/, "")}/${segment}`;
  return full.href;
}
