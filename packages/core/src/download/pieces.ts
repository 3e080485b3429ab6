// The engine of every download: asks for the rest until the whole file is there, and hands it out in order.
import type { ClientContext } from "../client-context.ts";
import type { OnEvent } from "../events.ts";
import type { TaskRef } from "../task/task.ts";
import { readAhead } from "./ahead.ts";
import { askRange, type RangeAnswer, type Send } from "./answer.ts";
import { Fault } from "./fault.ts";
import { countFaults } from "./faults.ts";
import { rewind, type Had } from "./had.ts";
import { NotMp4 } from "./mp4.ts";
import { createPatience, type Patience } from "./patience.ts";
import type { Source } from "./source.ts";
import { TAIL } from "./tail.ts";

/** A host that is silent for longer is asked again, in ms of real time. */
const SILENCE = 30_000;

/** Bytes and their place in the file. A place before the last piece's end: the file starts again from there. */
export type Piece = { at: number; bytes: Uint8Array };

export type Run = {
  context: ClientContext;
  task: TaskRef;
  source: Source;
  had: Had;
  maxBytes: number;
  /** Whether what was handed out can be taken back. */
  canRewind: boolean;
  signal: AbortSignal;
  emit: OnEvent;
  send: Send;
};
type Body = Exclude<RangeAnswer, { kind: "past" }>;

/**
 * Yields what is missing of the file, and ends when all of it has been seen and is an mp4.
 *
 * @throws DownloadError, AbortedError
 */
export async function* fetchPieces(run: Run): AsyncGenerator<Piece, void, undefined> {
  const { had, source } = run;
  const faults = countFaults(run);
  let idle = 0;
  for (;;) {
    const before = had.at;
    try {
      if (yield* attempt(run)) return;
      idle = had.at > before ? 0 : idle + 1;
      if (idle > 2) throw new Fault("passing", "the result host sends nothing new");
    } catch (error) {
      const fault = faults.read(refused(run, error));
      if (fault.kind !== "passing") source.doubt();
      if (fault.kind === "damaged" && (run.canRewind || had.at === 0)) rewind(had);
      await faults.wait(fault);
      idle = 0;
    }
  }
}

// What a reader has been given stands, and the walk over it has been lost: nothing can follow any more.
const refused = ({ had, canRewind }: Run, error: unknown): unknown =>
  error instanceof NotMp4 && had.at > 0 && !canRewind
    ? new Fault("final", `${error.message}, and what was read so far is of no use: open it again`)
    : error;

/** One exchange; true when the file is whole after it. */
async function* attempt(run: Run): AsyncGenerator<Piece, boolean, undefined> {
  const { context, had, source, send } = run;
  if (had.total === had.at && had.walk.isWhole(had.at)) return true;
  const { url, isFresh } = await source.url();
  had.mustCompare ||= isFresh;
  const compares = had.at > 0 && (had.mustCompare || had.validator === undefined);
  const from = compares ? Math.max(0, had.at - TAIL) : had.at;
  const ifRange = had.at > 0 && !compares ? had.validator : undefined;
  const patience = createPatience(context.options.requestTimeout ?? SILENCE, run.signal);
  let body: ReadableStream<Uint8Array> | undefined;
  try {
    const answer = await askRange({ url, base: new URL(context.baseUrl()), from, ifRange, send, patience });
    if (answer.kind === "past") return isPastEnd(had, from, answer.total);
    body = answer.body;
    if (!isContinued(run, answer, compares)) return false;
    const reached = yield* append(run, answer, patience);
    return reached !== undefined && isComplete(had, answer, reached);
  } finally {
    void body?.cancel().catch(() => {}); // one that is being read is cancelled by its reader
    patience.end();
  }
}

function isPastEnd(had: Had, from: number, total: number | undefined): boolean {
  if (had.at === 0) throw new Fault("stale", "the result host has an empty file");
  const isEnd = from === had.at && (total ?? had.total ?? had.at) === had.at;
  if (isEnd && had.walk.isWhole(had.at)) return true;
  throw new Fault("damaged", `the result host's file ends before byte ${had.at}: it is cut, or another one`);
}

/** Whether the bytes of this answer may follow what there is; if not, the next question is a more careful one. */
function isContinued({ had, maxBytes, canRewind }: Run, answer: Body, compares: boolean): boolean {
  if (answer.kind === "whole" && canRewind && had.at > 0) rewind(had, had.endedAt);
  if (had.at === 0) Object.assign(had, { total: answer.total, validator: answer.validator });
  if (answer.total !== undefined && had.total !== undefined && answer.total !== had.total)
    throw new Fault("damaged", `the result host's file has ${answer.total} bytes now, and had ${had.total}`);
  if (had.at > 0 && answer.kind === "part" && !compares && answer.validator !== had.validator) {
    had.mustCompare = true;
    return false;
  }
  had.total ??= answer.total;
  if (had.total !== undefined && had.total > maxBytes) throw tooLong(had.total, maxBytes);
  return true;
}

/** Compares what is there already and hands out the rest; returns the place it came to, nothing if it stopped early. */
async function* append(
  run: Run,
  answer: Body,
  patience: Patience,
): AsyncGenerator<Piece, number | undefined, undefined> {
  const { had, maxBytes, signal } = run;
  const comparable = Math.max(0, had.at - TAIL);
  const { chunks, isFull } = readAhead(answer.body, patience, answer.isKept);
  let at = answer.from;
  for await (const value of chunks) {
    signal.throwIfAborted();
    const known = value.subarray(0, Math.max(0, had.at - at));
    const compared = known.subarray(Math.max(0, comparable - at));
    at += known.byteLength;
    if (!had.tail.isSame(at - compared.byteLength, compared))
      throw new Fault("damaged", "the result host has another file now");
    const bytes = value.subarray(known.byteLength);
    if (bytes.byteLength === 0) continue;
    const end = at + bytes.byteLength;
    if (answer.to !== undefined && end > answer.to)
      throw new Fault("damaged", "the result host sent more bytes than it announced");
    if (end > maxBytes) throw tooLong(undefined, maxBytes);
    had.walk.see(at, bytes);
    had.tail.push(at, bytes);
    Object.assign(had, { at: end, mustCompare: false, validator: answer.validator });
    yield { at, bytes };
    at = end;
  }
  if (!isFull()) return at;
  if (answer.kind === "part") return undefined;
  throw new Fault("passing", "the bytes come faster than they are used, and the result host can only start anew");
}

// To some runtimes a body that ends early is a success: only the length and the boxes tell.
function isComplete(had: Had, answer: Body, reached: number): boolean {
  const brokenOff = new Fault("passing", `the video broke off after ${had.at} of ${had.total ?? "unknown"} bytes`);
  if (reached < had.at || (answer.to !== undefined && had.at < answer.to)) throw brokenOff;
  if (had.at === 0) throw new Fault("stale", "the result host sent an empty file");
  if (had.total !== undefined && had.at < had.total) return false;
  const isWhole = had.walk.isWhole(had.at);
  if (had.total !== undefined) {
    if (isWhole) return true;
    throw new Fault("damaged", "the result host's file is not a whole mp4");
  }
  if (!isWhole && answer.to !== undefined) return false;
  if (!isWhole) throw brokenOff;
  // Nobody said how long it is: it is whole when asking for more brings nothing, or the same end.
  const isSameEnd = had.endedAt === had.at;
  had.endedAt = had.at;
  return isSameEnd;
}

const tooLong = (length: number | undefined, maxBytes: number): Fault => {
  const size = length === undefined ? "" : `${length} bytes, `;
  return new Fault("final", `the video has ${size}more than \`maxBytes\` (${maxBytes}): raise it to fetch this one`);
};
