// One question about a task, in one call or in two.
import type { ClientContext } from "../context/context.ts";
import { callVendor, type CallOptions } from "../http/call.ts";
import { ProtocolError } from "../task/errors.ts";
import type { Task, TaskRef } from "../task/task.ts";
import type { Next, TaskStatus } from "../vendor-spec/readings.ts";
import { isEndWord, isUnreadEnd, markUnreadableEnd } from "./unreadable-end.ts";

/** What the vendor says of a task, made a task by `toTask`. */
export async function askStatus(
  context: ClientContext,
  ref: TaskRef,
  options: Omit<CallOptions, "phase" | "asked" | "ref" | "readsErrors">,
  toTask: (found: TaskStatus) => Task,
): Promise<Task> {
  const { status } = context.adapter;
  let isUnreadable = false;
  const reading = <T>(body: unknown, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      isUnreadable ||= isUnreadEnd(body, error);
      throw error;
    }
  };
  const taskOf = (found: TaskStatus): Task => {
    isUnreadable = found.state === "succeeded" || isEndWord(found.state);
    return toTask(found);
  };
  const about = { ...options, phase: "poll" as const, asked: "status" as const, ref, readsErrors: status.errors };
  const readFirst = (body: unknown, httpStatus: number): Task | Next =>
    reading(body, () => {
      const found = status.read(body, ref, httpStatus);
      return isNext(found) ? found : taskOf(found);
    });
  try {
    const found = await callVendor(context, status.call(ref), about, readFirst, isVideo);
    if (!isNext(found)) return found;
    // Of the same question: no limit holds its second half back.
    const next = { ...about, asked: "next" as const, readsErrors: true, latest: context.clock.elapsed() };
    const readNext = (body: unknown, httpStatus: number): Task | undefined =>
      reading(body, () => {
        const said = found.read(body, httpStatus);
        return said && taskOf(said);
      });
    return await callVendor(context, found.call, next, readNext, isVideo);
  } catch (error) {
    if (isUnreadable && ProtocolError.isInstance(error)) markUnreadableEnd(error);
    throw error;
  }
}

// A video is there, whatever else an answer says.
const isVideo = (found: Task | Next): boolean => !isNext(found) && found.state === "succeeded";

const isNext = (found: TaskStatus | Task | Next): found is Next =>
  typeof found === "object" && found !== null && "call" in found;
