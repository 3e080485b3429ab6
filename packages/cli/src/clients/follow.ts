// Waits for a task and saves its video: what `generate`, `wait` and `download` end with.
import { formatRef, type Task, type TaskRef, type VidtaskEvent } from "vidtask";
import { saveVideo } from "vidtask/node";
import { bytes } from "../output/format.ts";
import type { StateLine } from "../output/lines.ts";
import { withLine } from "../output/live.ts";
import type { Output } from "../output/output.ts";
import { stateText } from "../output/sentences.ts";
import type { Session } from "./session.ts";

export type Follow = {
  ref: TaskRef;
  key?: string | undefined;
  expected?: { minMs: number; maxMs: number } | undefined;
  signal: AbortSignal;
  waitTimeout?: number | undefined;
  poll?: number | undefined;
  /** Sees every event of the wait. */
  onEvent?: ((event: VidtaskEvent) => void) | undefined;
};

/** How long the program waits where nothing is said: overnight queues exist, and Ctrl-C ends it at any time. */
const WAIT = 2 * 3_600_000;

/** The task when it has succeeded. @throws what `wait` does */
export async function waitFor(session: Session, out: Output, follow: Follow): Promise<Task> {
  const { ref, key, expected, signal, waitTimeout = WAIT, poll } = follow;
  const since = ref.submittedAt === undefined ? undefined : Date.parse(ref.submittedAt);
  let line: StateLine = {
    type: "state",
    ...(key === undefined ? {} : { key }),
    ref: formatRef(ref),
    state: "pending",
    ...(expected ? { expected } : {}),
  };
  const now = (): StateLine => {
    const elapsed = since === undefined ? {} : { elapsedMs: Math.max(0, Math.round(session.clock.now() - since)) };
    return { ...line, ...elapsed };
  };
  return withLine(out, async (show) => {
    const tick = () => show(stateText(now()));
    tick();
    const timer = setInterval(tick, 250);
    let seen: string | undefined;
    const onEvent = (event: VidtaskEvent) => {
      if (follow.onEvent) return follow.onEvent(event);
      tellEvent(out, event);
      if (event.type !== "state" || event.task.state === "succeeded" || event.task.state === "failed") return;
      const { state, progress, queuePosition } = event.task;
      line = {
        ...line,
        state,
        ...(progress === undefined ? {} : { progress }),
        ...(queuePosition === undefined ? {} : { queuePosition }),
      };
      const what = JSON.stringify([state, progress, queuePosition]);
      if (what !== seen && out.kind !== "terminal") out.emit(now());
      seen = what;
    };
    try {
      const pollOptions = poll === undefined ? {} : { poll: { first: poll, interval: Math.max(1, poll) } };
      return await session.router.wait(ref, { signal, waitTimeout, onEvent, ...pollOptions });
    } finally {
      clearInterval(timer);
    }
  });
}

/** Puts the video into the file, whole or not at all, and says so. */
export async function save(
  session: Session,
  out: Output,
  {
    task,
    file,
    index,
    signal,
    key,
  }: { task: TaskRef; file: string; index?: number; signal: AbortSignal; key?: string },
): Promise<void> {
  const saved = await withLine(out, async (show) =>
    saveVideo(session.router, task, file, {
      signal,
      ...(index === undefined ? {} : { index }),
      onProgress: (done, total) =>
        show(`saving ${file} · ${bytes(done)}${total === undefined ? "" : ` of ${bytes(total)}`}`),
    }),
  );
  out.emit({ type: "saved", ...(key === undefined ? {} : { key }), ref: formatRef(task), file, bytes: saved.bytes });
}

/** What a user should know while it happens; retries and passing faults only with `--verbose`. */
export function tellEvent(out: Output, event: VidtaskEvent): void {
  const note = (level: "info" | "warning" | "alarm", message: string) => out.emit({ type: "note", level, message });
  switch (event.type) {
    case "warning":
      return note("warning", `${event.warning.about}: ${event.warning.message}`);
    case "alarm":
      return note("alarm", `${event.alarm}: ${event.message}`);
    case "route":
      return event.reason === "first choice"
        ? undefined
        : note("info", `${event.vendor} ${event.model}: ${event.reason}`);
    case "retry":
    case "fault":
      if (out.isVerbose)
        note("info", `${event.type} at ${event.phase}: ${String(event.error?.["message"] ?? event.status ?? "")}`);
      return undefined;
    default:
      return undefined;
  }
}
