// Answers that say that a task has ended, and not how: a success without a video, or a word for an end that the vendor's
// pages do not have. Asking again helps where the vendor is in the middle of something, and not for ever.

const END_WORD =
  /^(cancell?ed|expired|aborted|error|rejected|timeout|fail(ed|ure)?|success|succeeded|completed?|done|finished)$/i;

/** So many such answers in a row end a wait. */
export const UNREADABLE_ANSWERS = 3;

const marked = new WeakSet<object>();

/** True for the error of an answer that `markUnreadableEnd` was told of. */
export const saysUnreadableEnd = (error: unknown): boolean =>
  typeof error === "object" && error !== null && marked.has(error);

export function markUnreadableEnd(error: unknown): void {
  if (typeof error === "object" && error !== null) marked.add(error);
}

/** True for a word of an end that no task here has. */
export const isEndWord = (word: unknown): boolean => typeof word === "string" && END_WORD.test(word.trim());

/** Whether what an adapter could not read in a body, by the issues of its schema, is a word for an end. */
export function isUnreadEnd(body: unknown, thrown: unknown): boolean {
  const issues = (thrown as { issues?: unknown } | null | undefined)?.issues;
  return (
    Array.isArray(issues) &&
    issues.some((issue) => isEndWord(valueAt(body, (issue as { path?: unknown } | null)?.path)))
  );
}

function valueAt(body: unknown, path: unknown): unknown {
  let value = body;
  for (const part of Array.isArray(path) ? (path as unknown[]) : [])
    value =
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[String(part)] : undefined;
  return value;
}
