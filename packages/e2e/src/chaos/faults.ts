// What goes wrong at the vendor, and how often. Together they hit about every second submit and every third poll.
import type { Emulator, FaultOptions } from "@vidtask/emulator";

type Rare = Omit<FaultOptions, "on" | "times" | "probability"> & { probability: number };

// A redirect or a refusal that hides an accepted task is left out: those statuses are documented to mean "not accepted",
// and a client has nothing else to go by.
const ON_SUBMIT: readonly Rare[] = [
  { kind: "reset-before-read", probability: 0.025 },
  { kind: "idle-408", probability: 0.02 },
  { kind: "reset-after-accept", probability: 0.03 },
  { kind: "close-after-accept", probability: 0.03 },
  { kind: "listener-gone", probability: 0.0007 },
  { kind: "listener-gone", probability: 0.0003, accepted: false },
  { kind: "no-answer", probability: 0.004 },
  { kind: "no-answer", probability: 0.002, accepted: false },
  { kind: "cut", probability: 0.025 },
  { kind: "cut", probability: 0.01, at: 0.1 },
  { kind: "cut-no-length", probability: 0.025 },
  { kind: "cut-id", probability: 0.025 },
  { kind: "empty", probability: 0.02 },
  { kind: "empty", probability: 0.01, accepted: false },
  { kind: "html-200", probability: 0.02 },
  { kind: "html-502", probability: 0.01 },
  { kind: "html-502", probability: 0.01, accepted: true },
  { kind: "302", probability: 0.01 },
  { kind: "302", probability: 0.01, accepted: true },
  { kind: "307", probability: 0.025 },
  { kind: "421", probability: 0.02 },
  { kind: "404", probability: 0.01 },
  { kind: "429", probability: 0.03 },
  { kind: "429", probability: 0.02, retryAfter: 2 },
  { kind: "429", probability: 0.0005, retryAfter: 3_600 },
  { kind: "500", probability: 0.01 },
  { kind: "500", probability: 0.01, accepted: true },
  { kind: "502", probability: 0.01, accepted: true },
  { kind: "503", probability: 0.01 },
  { kind: "503", probability: 0.01, accepted: true },
  // Those never hit a client that sends its paid request on a fresh connection, and nearly always one that does not.
  { kind: "idle-close", probability: 0.5 },
  { kind: "reset-reused", probability: 1 },
];

const ON_GET: readonly Rare[] = [
  { kind: "reset-before-read", probability: 0.02 },
  { kind: "idle-close", probability: 0.02 },
  { kind: "idle-408", probability: 0.01 },
  { kind: "reset-after-accept", probability: 0.02 },
  { kind: "reset-reused", probability: 0.02 },
  { kind: "close-after-accept", probability: 0.01 },
  { kind: "no-answer", probability: 0.001 },
  { kind: "cut", probability: 0.02 },
  { kind: "cut-no-length", probability: 0.02 },
  { kind: "empty", probability: 0.02 },
  { kind: "html-200", probability: 0.02 },
  { kind: "html-502", probability: 0.02 },
  { kind: "302", probability: 0.01 },
  { kind: "307", probability: 0.01 },
  { kind: "404", probability: 0.02 },
  { kind: "421", probability: 0.01 },
  { kind: "429", probability: 0.01 },
  { kind: "429", probability: 0.002, retryAfter: 2 },
  { kind: "500", probability: 0.02 },
  { kind: "502", probability: 0.01 },
  { kind: "503", probability: 0.02, retryAfter: 1 },
  { kind: "unknown-state", probability: 0.02 },
];

/** On a connection that has carried a request before, and on no other. */
export const ON_REUSED: ReadonlySet<string | undefined> = new Set(["idle-close", "reset-reused"]);

/** What every long run must have met. */
export const PAID_FAULTS: readonly string[] = [...new Set(ON_SUBMIT.map(({ kind }) => kind))].filter(
  (kind) => !ON_REUSED.has(kind),
);

/** Answers that say "not accepted" and mean it; the request may be sent again, at once or by a later call. */
export const REFUSED: ReadonlySet<string | undefined> = new Set(["307", "421", "404", "429"]);

export function addFaults(emulator: Emulator, on: { submit?: boolean; poll?: boolean; except?: string }): void {
  const add = (place: "submit" | "poll", faults: readonly Rare[]) => {
    for (const fault of faults)
      if (fault.kind !== on.except) emulator.injectFault({ ...fault, on: place, times: Infinity });
  };
  if (on.submit) add("submit", ON_SUBMIT);
  if (on.poll) add("poll", ON_GET);
}
