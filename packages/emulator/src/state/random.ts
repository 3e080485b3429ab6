// Everything the emulator draws: repeatable from a seed, and task numbers that never come back.

/** Pairs of a share of all cases, from 0 to 1, and the value that share stays below; straight lines between. */
export type Quantiles = readonly (readonly [share: number, value: number])[];

export interface Random {
  /** At least the first value, below the last. */
  draw(quantiles: Quantiles): number;
  /** A number below 100 000 000 that this source has not given before and will not give for as many calls. */
  serial(): number;
}

const SERIALS = 100_000_000;

/** @param seed any integer. The same seed draws the same numbers in the same order. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // A full-period linear congruence (increment odd and no multiple of 5, multiplier 1 modulo 20) visits
  // every number below 10^8 once before it repeats; all products stay below 2^53.
  let serial = (((seed % SERIALS) + SERIALS) * 7_919 + 12_345_678) % SERIALS;

  // 32 bits from a counter and two rounds of multiply and shift: plenty for drawing durations.
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };

  return {
    draw(quantiles) {
      const share = next();
      const end = quantiles.findIndex(([to]) => share < to);
      const [from, low] = quantiles[end - 1] ?? [0, 0];
      const [to, high] = quantiles[end] ?? [1, low];
      return low + ((share - from) / (to - from)) * (high - low);
    },
    serial() {
      const given = serial;
      serial = (serial * 48_271_021 + 12_345_679) % SERIALS;
      return given;
    },
  };
}
