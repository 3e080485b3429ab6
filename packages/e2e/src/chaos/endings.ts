// How a call of `submit` may end.
import {
  AbortedError,
  ConnectionError,
  InvalidRequestError,
  JournalError,
  SubmitUnknownError,
  VendorError,
  VidtaskError,
  type Task,
} from "vidtask";

/** `gone`: the process that made the call died before it ended. */
export type Ending = { task: Task } | { error: VidtaskError } | { odd: string } | { gone: true };

/** `began`: by the emulator's clock. */
export type Call = { began: number; ending: Ending };

const ALLOWED = [AbortedError, ConnectionError, InvalidRequestError, JournalError, SubmitUnknownError, VendorError];

export async function endingOf(call: Promise<Task>): Promise<Ending> {
  try {
    return { task: await call };
  } catch (error) {
    if (!VidtaskError.isInstance(error)) return { odd: `threw ${String(error)}` };
    if (!ALLOWED.some((kind) => kind.isInstance(error))) return { odd: `ended in a ${error.name}: ${error.message}` };
    if (ConnectionError.isInstance(error) && error.billed !== "no")
      return { odd: `ended in a ConnectionError, billed ${error.billed}` };
    if (error.idempotencyKey === undefined) return { odd: `ended in a ${error.name} without the key` };
    return { error };
  }
}

/** How a wait must not end. */
export const oddEndOf = (wait: Promise<Task>): Promise<string | undefined> =>
  wait.then(
    () => undefined,
    (error: unknown) => (VidtaskError.isInstance(error) ? undefined : `threw ${String(error)}`),
  );

export function nameOf(ending: Ending): string {
  if ("task" in ending) return "task";
  if ("gone" in ending) return "process gone";
  return "odd" in ending ? "odd" : `${ending.error.name} (billed ${ending.error.billed})`;
}
