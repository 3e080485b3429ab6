// What an outsider gives a suite: the bodies that his vendor's pages show.

/** A body with the HTTP status, or the second call, that it comes with. */
type Example = { readonly answers: readonly Answered[] };
/** One answer of a vendor. */
export type Answered = { readonly status: number; readonly body: unknown };

/** What `withStatus` and `withNext` made; a body is anything else. */
const EXAMPLE = Symbol("example");
type Marked = Example & { readonly [EXAMPLE]: true };
const isMarked = (fixture: unknown): fixture is Marked =>
  typeof fixture === "object" && fixture !== null && EXAMPLE in fixture;

/**
 * Documented bodies. Each is a body, or a list of several that are all shown for it; a body that is a list itself stands in a
 * list. `withStatus` and `withNext` say more of a body. Where bodies name a model, it is that of the suite's request.
 */
export type VendorFixtures = {
  /** Of an accepted submit. */
  accepted: unknown;
  /** Of a task that has not ended: queued and running. */
  processing: unknown;
  /** Of a task with a video. Of a vendor that tells it in two calls: `withNext(status, result)`. */
  succeeded: unknown;
  /** Of a failed task. */
  failed: unknown;
  /** Of a submit that is refused, other than by a rate limit; under HTTP 400, where `withStatus` says no other. */
  refused: unknown;
  /** Of a spec with `callback`: what is sent when a task ends. Its task id is replaced by that of `accepted`. */
  callback?: unknown;
  /** Of a spec with `callback.challenge`: what tests the URL, and what has to be answered. */
  challenge?: { body: unknown; answer: unknown };
  /**
   * Of a spec with `find`: the answer that lists a task with this id, and echoes what your vendor echoes: the token of its
   * submit, or its callback URL.
   */
  find?: (task: { id: string; token: string; callbackUrl: string }) => unknown;
  /** Of a spec with `cancel`: the status of a cancelled task. @default that of a failed one */
  cancelled?: unknown;
  /** Of a spec with `upload`, where the suite's request has a file: the answer to `upload.call`. */
  upload?: unknown;
};

/** A documented body that comes with an HTTP status other than 200. */
export const withStatus = (status: number, body: unknown): unknown => marked([{ status, body }]);

/**
 * The body of a status that needs a second call, and the body of that; either may be `withStatus`: a result that is an error is
 * how some vendors tell that a task has failed.
 */
export const withNext = (status: unknown, next: unknown): unknown =>
  marked([...answersOf(status, 200), ...answersOf(next, 200)]);

const marked = (answers: readonly Answered[]): Marked => ({ answers, [EXAMPLE]: true });

const answersOf = (fixture: unknown, status: number): readonly Answered[] =>
  isMarked(fixture) ? fixture.answers : [{ status, body: fixture }];

/** The examples of a fixture, one or more: each the answers that a vendor gives one after the other. */
export function examplesOf(fixture: unknown, status = 200): [readonly Answered[], ...(readonly Answered[])[]] {
  const [first, ...others] = Array.isArray(fixture) ? (fixture as unknown[]) : [fixture];
  return [answersOf(first, status), ...others.map((other) => answersOf(other, status))];
}
