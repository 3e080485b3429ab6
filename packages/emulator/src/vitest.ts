// For Vitest: an emulator of its own for each test, with the manual clock, that says what is wrong instead of hanging.
import { test as base, vi, type TestAPI } from "vitest";
import { createEmulator, type Emulator, type EmulatorServer } from "./emulator.ts";
import type { EmulatorOptions } from "./options.ts";
import type { EmulatorClock } from "./time/clock.ts";

// Taken before a test can put false timers into their place.
const { setTimeout, clearTimeout, setImmediate } = globalThis;

/** Real milliseconds for which a test may wait for a clock that nothing moves; below Vitest's own time-out of 5 s. */
const PATIENCE = 2_000;

/** What a test of `useEmulator` is given. */
export interface EmulatorFixture {
  /** Its own: tasks, ledger, faults and time are shared with no other test. Servers that it starts are closed at its end. */
  emulator: Emulator;
}

/**
 * Vitest's `test`, with an emulator for each test that asks for one: `const test = useEmulator()`, and then
 * `test("…", async ({ emulator }) => { … })`. The clock is manual by default. A test that waits for it without
 * `emulator.clock.until` or `advance` fails after 2 s by a message that says so, and so does one under fake timers.
 *
 * @param options as of `createEmulator`, for each emulator.
 */
export function useEmulator(options: EmulatorOptions = {}): TestAPI<EmulatorFixture> {
  return base.extend<EmulatorFixture>({
    // oxlint-disable-next-line no-empty-pattern -- Vitest reads from the pattern which fixtures this one needs
    emulator: async ({}, use) => {
      const { clock = "manual" } = options;
      const { emulator, end } = watched(createEmulator({ ...options, clock }), clock === "manual");
      await use(emulator);
      await end();
    },
  }) as TestAPI<EmulatorFixture>;
}

function watched(emulator: Emulator, isManual: boolean): { emulator: Emulator; end(): Promise<void> } {
  const servers: EmulatorServer[] = [];
  const clocks = new Map<EmulatorClock, EmulatorClock>();
  const clockOf = (clock: EmulatorClock): EmulatorClock => {
    const found = clocks.get(clock) ?? (isManual ? watchedClock(clock) : clock);
    clocks.set(clock, found);
    return found;
  };
  const own: Emulator = {
    ...emulator,
    get ledger() {
      return emulator.ledger;
    },
    clock: clockOf(emulator.clock),
    for: (vendor) => ({ ...emulator.for(vendor), clock: clockOf(emulator.clock) }),
    async listen(port, listenOptions) {
      const server = await emulator.listen(port, listenOptions);
      servers.push(server);
      return {
        ...server,
        for: (vendor, scope) => ({
          ...server.for(vendor, scope),
          clock: clockOf(scope === undefined ? emulator.clock : emulator.scope(scope).clock),
        }),
      };
    },
    scope(name) {
      const scope = emulator.scope(name);
      const clock = clockOf(scope.clock);
      return {
        ...scope,
        get ledger() {
          return scope.ledger;
        },
        clock,
        for: (vendor) => ({ ...scope.for(vendor), clock }),
      };
    },
  };
  return {
    emulator: own,
    async end() {
      await Promise.all(servers.map((server) => server.close()));
      emulator.reset();
    },
  };
}

function watchedClock(clock: EmulatorClock): EmulatorClock {
  let moves = 0;
  let moving = 0;
  const move = async <T>(run: () => Promise<T>): Promise<T> => {
    refuseFakeTimers();
    moves++;
    moving++;
    try {
      return await run();
    } finally {
      moving--;
    }
  };
  return {
    ...clock,
    advance: (ms) => move(() => clock.advance(ms)),
    until: (promise) => move(() => clock.until(promise)),
    async sleep(ms, signal) {
      refuseFakeTimers();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const forgotten = new Promise<never>((_, reject) => {
        const before = moves;
        const look = () => {
          if (moving === 0 && moves === before) reject(new Error(FORGOTTEN));
        };
        timer = setTimeout(look, PATIENCE);
      });
      try {
        await Promise.race([clock.sleep(ms, signal), forgotten]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

const FORGOTTEN = `The emulator's clock is manual, something waits for it, and nothing has moved it for ${PATIENCE / 1000} s. Wrap what is waited for: await emulator.clock.until(client.generate(…)), or let time pass with emulator.clock.advance(ms). useEmulator({ clock: "real" }) keeps real time.`;

/** With false timers in place of the real ones, the clock could never see that the program has come to rest. */
function refuseFakeTimers(): void {
  if (globalThis.setTimeout === setTimeout && globalThis.setImmediate === setImmediate) return;
  if (!vi.isFakeTimers()) return;
  throw new Error(
    "Vitest's fake timers are on, and the emulator's clock needs the real ones: call vi.useRealTimers(), and move time by emulator.clock instead. If only the date has to be false: vi.useFakeTimers({ toFake: [\"Date\"] }).",
  );
}
