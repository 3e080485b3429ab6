// Which starts belong to one call of `generateVideo`. With `n: 2` it starts twice, at the same time, with the same headers:
// under one key of the caller's that would be the same video twice. Two calls under one key are something else, and get
// the one task they name. The SDK tells a model neither `n` nor the call, but it looks for `doGenerate` once in each
// call, and starts, or asks for the webhook, before anything else can run.

export type OneCall = {
  /** How many starts it has, or how many webhooks it asked for. */
  starts: number;
};

export type Calls = {
  /** A call of `generateVideo` has begun. */
  begin(): void;
  /** The call that what runs now belongs to; nothing outside of `generateVideo`. */
  current(): OneCall | undefined;
  /** The call whose webhook has this URL. */
  ofWebhook(url: string): OneCall | undefined;
  /** Remembers the URL of a call's webhook, until its start asks for it. */
  remember(url: string, call: OneCall): void;
};

export function trackCalls(): Calls {
  let current: OneCall | undefined;
  const byWebhook = new Map<string, OneCall>();
  return {
    begin() {
      const call: OneCall = { starts: 0 };
      current = call;
      queueMicrotask(() => {
        if (current === call) current = undefined;
      });
    },
    current: () => current,
    ofWebhook(url) {
      const call = byWebhook.get(url);
      byWebhook.delete(url);
      return call;
    },
    remember(url, call) {
      byWebhook.set(url, call);
      const [oldest] = byWebhook.keys(); // of a start that never came
      if (byWebhook.size > 1_000 && oldest !== undefined) byWebhook.delete(oldest);
    },
  };
}
