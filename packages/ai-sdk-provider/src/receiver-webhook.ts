// A webhook for the SDK that is vidtask's own receiver: the vendor calls the client's `callback`, under its signature.

/** How a start knows it: never an address. */
const SCHEME = "vidtask-receiver:";

type Webhook = { url: string; received: Promise<{ headers: Record<string, string>; body: null }> };

/**
 * For `generateVideo({ webhook: receiverWebhook })` with a client that has a `callback`: the vendor calls the client's own
 * receiver (`createReceiver`, mounted wherever the program serves requests), and the call continues when the vendor's status
 * says that the task has ended. If a callback is lost, forged or received by another process, the call only takes longer: it
 * also polls the task, by the documented times of its model.
 */
export async function receiverWebhook(): Promise<Webhook> {
  const url = `${SCHEME}${crypto.randomUUID()}`;
  const received = new Promise<Awaited<Webhook["received"]>>((resolve, reject) => {
    waiting.set(url, { resolve: () => resolve({ headers: {}, body: null }), reject });
  });
  received.catch(() => {}); // the SDK may have given up
  const [oldest] = waiting.keys(); // of a start that never came
  if (waiting.size > 1_000 && oldest !== undefined) waiting.delete(oldest);
  return { url, received };
}

type Waiting = { resolve: () => void; reject: (error: unknown) => void };

const waiting = new Map<string, Waiting>();

export const isReceiver = (url: string | undefined): boolean => url?.startsWith(SCHEME) === true;

/** Lets the call that waits for this webhook go on when `ended` settles. */
export function settleWebhook(url: string, ended: Promise<unknown>): void {
  const call = waiting.get(url);
  waiting.delete(url);
  if (call) ended.then(call.resolve, call.reject);
}
