// What a call says of itself, in the words that spans and metrics have.
import { formatRef, parseRef, VidtaskError, type Task, type TraceContext } from "@vidtask/core";

export type Call = {
  vendor: string;
  model?: string | undefined;
  ref?: string | undefined;
  state?: Task["state"] | undefined;
  /** Of the error, or of the task's failure; `_OTHER` for an error that is none of vidtask's. */
  errorType?: string | undefined;
  billed?: string | undefined;
  bytes?: number | undefined;
  status?: number | undefined;
};

export function callOf(about: TraceContext): Call {
  const { vendor, error, result } = about;
  const code = VidtaskError.isInstance(error) ? error.code : error === undefined ? undefined : "_OTHER";
  const billed = VidtaskError.isInstance(error) ? error.billed : undefined;
  const seen = typeof result === "object" ? result : undefined;
  const task = seen && "state" in seen ? seen : undefined;
  const failure = task?.state === "failed" ? task.failure : undefined;
  const given = VidtaskError.isInstance(error) ? (error.ref ?? about.task) : about.task;
  const ref = readRef(task ?? given);
  return {
    vendor,
    model: about.model ?? ref?.model,
    ref: ref && formatRef(ref),
    state: task?.state,
    errorType: code ?? failure?.code,
    billed: billed ?? failure?.billed,
    bytes: seen && "bytes" in seen ? seen.bytes : undefined,
    status: typeof result === "number" ? result : undefined,
  };
}

function readRef(value: unknown) {
  if (value === undefined) return undefined;
  try {
    return parseRef(value);
  } catch {
    return undefined;
  }
}
