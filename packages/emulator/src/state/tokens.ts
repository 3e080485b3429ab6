// The tokens under which a vendor with an idempotent front takes a submit once.

/** A submit that was accepted under a token. */
export interface TakenToken {
  /** Of the request's body. */
  readonly hash: string;
  readonly taskId: string;
  /** Wall-clock milliseconds. */
  readonly at: number;
}

export interface Tokens {
  /** Notes that a request with this token has come; true when one came before, whatever became of it. */
  hasCome(token: string): boolean;
  /** The submit that was accepted under it. */
  get(owner: string, token: string): TakenToken | undefined;
  put(owner: string, token: string, taken: TakenToken): void;
  reset(): void;
}

/** The oldest go when there are more, so that a long-running emulator does not grow. */
const MAX_TOKENS = 100_000;

export function createTokens(): Tokens {
  const come = new Set<string>();
  const taken = new Map<string, TakenToken>();
  const bound = (kept: { readonly size: number; keys(): Iterable<string>; delete(key: string): boolean }) => {
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_TOKENS) break;
      kept.delete(oldest);
    }
  };
  return {
    hasCome(token) {
      if (come.has(token)) return true;
      come.add(token);
      bound(come);
      return false;
    },
    get: (owner, token) => taken.get(`${owner} ${token}`),
    put(owner, token, task) {
      taken.set(`${owner} ${token}`, task);
      bound(taken);
    },
    reset() {
      come.clear();
      taken.clear();
    },
  };
}
