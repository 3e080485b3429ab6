/** When to ask again for a slot: half as long again as one has waited, with jitter, so that many spread out. */
export type Patience = { next(account: string, holder: string): number; forget(account: string, holder: string): void };

const LEAST = 50;
const MOST = 5_000;
/** So many that wait are remembered; those that never came back go first. */
const KEPT = 10_000;

export function createPatience(): Patience {
  const since = new Map<string, number>();
  const nameOf = (account: string, holder: string) => JSON.stringify([account, holder]);
  return {
    next(account, holder) {
      const name = nameOf(account, holder);
      const now = performance.now();
      const first = since.get(name) ?? now;
      since.delete(name);
      since.set(name, first);
      const [oldest] = since.keys();
      if (since.size > KEPT && oldest !== undefined) since.delete(oldest);
      return Math.round(Math.min(Math.max(LEAST, (now - first) / 2), MOST) * (1 + Math.random() / 2));
    },
    forget: (account, holder) => void since.delete(nameOf(account, holder)),
  };
}
