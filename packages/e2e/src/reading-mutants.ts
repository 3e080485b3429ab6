// Of the mutants of `unit-mutants.ts` those that read answers and videos too strictly, or not strictly enough.
import type { UnitMutant } from "./mutated-copy.ts";

const core = (...files: string[]) => ({ package: "core", files: files.map((file) => `src/${file}.test.ts`) });

export const readingMutants: { readonly [name: string]: UnitMutant } = {
  "body-makes-safe": {
    broken: "a body that says 429 makes a 504 safe to send again",
    patches: [
      { file: "core/src/submit/outcome.ts", from: `byStatus === "unknown" ? byStatus : said`, to: "said ?? byStatus" },
    ],
    tests: core("submit/outcome"),
  },
  "rounded-id": {
    broken: "a task id that is a large number loses its last digits",
    patches: [{ file: "core/src/http/json.ts", from: String.raw`/\d{16}/.test(text)`, to: "text.length < 0" }],
    tests: core("http/json", "submit/outcome", "callback/receiver"),
  },
  "gateway-ends": {
    broken: "a gateway's page ends a wait as a refused key",
    patches: [{ file: "core/src/http/refusal.ts", from: "!(isOwn && (code ===", to: "!((code ===" }],
    tests: core("poll/wait"),
  },
  "unread-end": {
    broken: "a wait for a cancelled task lasts until its deadline",
    patches: [
      { file: "core/src/poll/wait.ts", from: "if (unreadable >= UNREADABLE_ANSWERS)", to: "if (unreadable < 0)" },
    ],
    tests: core("poll/unreadable-end"),
  },
  "wait-unsaid": {
    broken: "a retry waits longer than its event says, and too long for its time-out",
    patches: [{ file: "core/src/submit/pay.ts", from: "backoff(tries), limiter.opensIn()", to: "backoff(tries)" }],
    tests: core("submit/rate-limited"),
  },
  "ranges-only": {
    broken: "a host that refuses ranges is not asked without one",
    patches: [
      {
        file: "core/src/download/range.ts",
        from: "return mayBeRange && !mustWait ?",
        to: "return mayBeRange && mustWait ?",
      },
    ],
    tests: core("node/save-video-odd-hosts"),
  },
  "open-end": {
    broken: "a video whose last box has no length is whole wherever it ends",
    patches: [
      {
        file: "core/src/download/mp4.ts",
        from: "if (next === Infinity) return isAnnounced;",
        to: "if (next === Infinity) return true;",
      },
    ],
    tests: core("download/mp4", "node/save-video-odd-hosts"),
  },
  "late-target": {
    broken: "that a video cannot be written is seen when all of it has come",
    patches: [
      { file: "core/src/node/save-video.ts", from: "await checkTarget(destination.path, target);", to: "" },
      {
        file: "core/src/node/save-video-target.ts",
        from: "return atTarget(checkPlace(target));",
        to: "return undefined;",
      },
    ],
    tests: core("node/save-video-target"),
  },
  "process-for-thread": {
    broken: "the lock of a thread that has ended is held for as long as its process lives",
    patches: [{ file: "core/src/node/save-video-lock.ts", from: "/task/${thread}/stat", to: "/stat" }],
    tests: core("node/save-video-processes"),
  },
};
