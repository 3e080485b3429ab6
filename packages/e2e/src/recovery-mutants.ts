// Of the mutants of `unit-mutants.ts` those of a submit whose answer was lost, and of a cancel: each frees a key, pays twice, or
// takes another's task.
import type { UnitMutant } from "./mutated-copy.ts";

const core = (...files: string[]) => ({ package: "core", files: files.map((file) => `src/${file}.test.ts`) });
const flows = { package: "e2e", files: ["src/nonesuch/flows.test.ts"] };

const FIND = "core/src/callback/find.ts";
const RESEND = "core/src/submit/resend.ts";
const CANCEL = "core/src/poll/cancel.ts";
/** Other bytes, another URL or other secrets are not noticed. */
const unnoticed = { file: RESEND, from: "post.hash !== row.postHash || isLate()", to: "isLate()" };

export const recoveryMutants: { readonly [name: string]: UnitMutant } = {
  "find-any-token": {
    broken: "any task with a token in a list is taken for the lost one",
    patches: [{ file: FIND, from: "token === row.token", to: "token != null" }],
    tests: core("callback/find"),
  },
  "find-any-url": {
    broken: "a callback URL that nobody signed is an echo",
    patches: [
      {
        file: FIND,
        from: "ticket?.key === key && ticket.model === model && ticket.attempt === attempt",
        to: "url !== ''",
      },
    ],
    tests: core("callback/find"),
  },
  "find-unconfirmed": {
    broken: "a task is bound that its status does not confirm",
    patches: [{ file: FIND, from: "if (!fits) continue;", to: "" }],
    tests: core("callback/find"),
  },
  "find-absence-frees": {
    broken: "a task that a list does not have is lost",
    patches: [
      {
        file: FIND,
        from: "return bound;",
        to: `if (!bound) await context.journal.update(key, row.version, { state: "lost" });\n    return bound;`,
      },
    ],
    tests: flows,
  },
  "find-one-of-two": {
    broken: "a second task of a key is told to nobody",
    patches: [
      { file: FIND, from: "if (bound) emit(doubleCharge(key, refOf(task), bound));", to: "if (bound) doubleCharge;" },
    ],
    tests: core("callback/find"),
  },
  "resend-new-token": {
    broken: "a second sending has a token of its own",
    patches: [unnoticed, { file: RESEND, from: "row.attempt, row.token,", to: `row.attempt, "f".repeat(32),` }],
    tests: flows,
  },
  "resend-new-url": {
    broken: "a second sending names another callback URL",
    patches: [unnoticed, { file: RESEND, from: "row.attempt, row.token,", to: "row.attempt + 1, row.token," }],
    tests: core("submit/resend"),
  },
  "resend-raises-attempt": {
    broken: "a second sending is another attempt",
    patches: [{ file: RESEND, from: "{ resentAt: isoTime(", to: "{ attempt: row.attempt + 1, resentAt: isoTime(" }],
    tests: core("submit/resend"),
  },
  "resend-refusal-frees": {
    broken: "what refuses a second sending frees the key",
    patches: [
      {
        file: "core/src/submit/finish.ts",
        from: `const id = outcome.kind === "unknown" ?`,
        to: `if (outcome.kind === "refused" || outcome.kind === "limited")
      await run.context.journal.update(row.key, row.version, { state: "lost" });
    const id = outcome.kind === "unknown" ?`,
      },
    ],
    tests: flows,
  },
  "resend-not-sent-frees": {
    broken: "a proof that a second sending never left frees the key",
    patches: [
      {
        file: "core/src/submit/finish.ts",
        from: `const id = outcome.kind === "unknown" ?`,
        to: `if (outcome.kind === "not-sent") await run.context.journal.update(row.key, row.version, { state: "lost" });
    const id = outcome.kind === "unknown" ?`,
      },
    ],
    tests: core("submit/resend"),
  },
  "resend-past-window": {
    broken: "a lost submit is sent again past the window",
    patches: [{ file: RESEND, from: "age() >= windowMs - LAST_MINUTE", to: "age() < 0" }],
    tests: flows,
  },
  "resend-last-minute": {
    broken: "a lost submit is sent again in the last minute of the window",
    patches: [{ file: RESEND, from: "LAST_MINUTE = 60_000", to: "LAST_MINUTE = 0" }],
    tests: core("submit/resend"),
  },
  "resend-other-secrets": {
    broken: "a process with other secrets sends a lost submit again",
    patches: [unnoticed],
    tests: flows,
  },
  "resend-two-at-once": {
    broken: "two processes that send a lost submit again at once raise an alarm",
    patches: [
      { file: "core/src/journal/rows.ts", from: "now.resentAt !== undefined) return;", to: "now.key === '') return;" },
    ],
    tests: core("submit/resend"),
  },
  "cancel-ended": {
    broken: "a cancel is sent to a task that has ended",
    patches: [{ file: CANCEL, from: "if (isTerminal(before)) return before;", to: "" }],
    tests: flows,
  },
  "cancel-frees": {
    broken: "a cancelled task frees its key",
    patches: [
      {
        file: CANCEL,
        from: "if (refusal && !isTerminal(after)) throw refusal;",
        to: `const held = await context.journal.findByTask(after);
  if (held) await context.journal.update(held.key, held.version, { state: "lost" });
  if (refusal && !isTerminal(after)) throw refusal;`,
      },
    ],
    tests: flows,
  },
  "cancel-believed": {
    broken: "a cancel that comes too late is believed to have stopped the task",
    patches: [{ file: CANCEL, from: "after = await ask();", to: "after = await destroyed(context, before);" }],
    tests: flows,
  },
};
