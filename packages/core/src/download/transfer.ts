// The engine of every download: asks for the rest until the whole file is there, and hands it out in order.
import { formatRef } from "../task/task.ts";
import { createIdleTimeout, type IdleTimeout } from "../time/idle-timeout.ts";
import { Fault, countFaults, type Download } from "./faults.ts";
import { NotMp4 } from "./mp4.ts";
import { rewind, TAIL, type Progress } from "./progress.ts";
import { NoRange, requestRange, type RangeAnswer, type RangeRequest, type Send } from "./range.ts";
import { readAhead } from "./read-ahead.ts";

/** So much is compared also where the host says that it has the same file still: of another one it would be told at once. */
const GLANCE = 1024;
/** A host that is silent for longer is asked again, in ms of real time. */
const SILENCE = 30_000;

/** Bytes and their place in the file. A place before the last chunk's end: the file starts again from there. */
export type Chunk = { at: number; bytes: Uint8Array };

export type Transfer = Download & {
  maxBytes: number;
  /** Whether what was handed out can be taken back. */
  canRewind: boolean;
  send: Send;
};
type Body = Exclude<RangeAnswer, { kind: "past" }>;

/**
 * Yields what is missing of the file, and ends when all of it has been seen and is an mp4.
 *
 * @throws DownloadError, AbortedError
 */
export async function* fetchChunks(transfer: Transfer): AsyncGenerator<Chunk, void, undefined> {
  const { progress, source } = transfer;
  const faults = countFaults(transfer);
  let idle = 0;
  for (;;) {
    const before = progress.at;
    try {
      if (yield* attempt(transfer)) return warnOfPadding(transfer);
      idle = progress.at > before ? 0 : idle + 1;
      if (idle > 2) throw new Fault("passing", "the result host sends nothing new");
    } catch (error) {
      const fault = faults.read(refused(transfer, error));
      if (fault.kind !== "passing") source.doubt();
      if (fault.kind === "damaged" && (transfer.canRewind || progress.at === 0)) rewind(progress);
      await faults.wait(fault);
      idle = 0;
    }
  }
}

function warnOfPadding({ task, progress, emit }: Transfer): void {
  if (!progress.walk.isPadded) return;
  const message = `the video of ${formatRef(task)} has zeros after its last box: it is whole, and was kept as it came`;
  emit({ type: "warning", warning: { about: "video", kind: "odd-answer", message } });
}

// The reader has those bytes, and their check cannot be repeated: the stream cannot go on.
const refused = ({ progress, canRewind }: Transfer, error: unknown): unknown =>
  error instanceof NotMp4 && progress.at > 0 && !canRewind
    ? new Fault("final", `${error.message}, and what was read so far is of no use: open it again`, { canRepeat: true })
    : error;

/** One exchange; true when the file is whole after it. */
async function* attempt(transfer: Transfer): AsyncGenerator<Chunk, boolean, undefined> {
  const { context, progress, source, send } = transfer;
  if (progress.total === progress.at && progress.walk.isWhole(progress.at, true)) return true;
  const { url, isFresh, wantsKey } = await source.url();
  if (isFresh) Object.assign(progress, { mustCompare: true, received: Infinity });
  const { isRangeless } = progress;
  const isDoubtful = isRangeless || progress.mustCompare || progress.validator === undefined;
  // A host that gives a file in pieces must get beyond what is compared. What one broken answer brought may be a single byte.
  const compared = Math.min(isDoubtful ? TAIL : GLANCE, Math.max(64, Math.floor(progress.received / 2)));
  const from = Math.max(0, progress.at - compared);
  const ifRange = progress.at > 0 && !isDoubtful ? progress.validator : undefined;
  const idleTimeout = createIdleTimeout(context.options.requestTimeout ?? SILENCE, transfer.signal);
  let body: ReadableStream<Uint8Array> | undefined;
  try {
    const base = new URL(context.baseUrl());
    const key = wantsKey ? { credentials: context.credentials.headers } : {};
    const request = { url, base, from: isRangeless ? undefined : from, ifRange, send, idleTimeout, ...key };
    const answer = await requestBytes(progress, request);
    if (answer.kind === "past") return isPastEnd(progress, from, answer.total);
    body = answer.body;
    if (!isContinued(transfer, answer, isDoubtful)) return false;
    const reached = yield* append(transfer, answer, idleTimeout);
    return reached !== undefined && isComplete(progress, answer, reached);
  } finally {
    void body?.cancel().catch(() => {}); // one that is being read is cancelled by its reader
    idleTimeout.end();
  }
}

/** The range; or, of a host that has no range for this, the whole file, once for a URL. */
async function requestBytes(progress: Progress, request: RangeRequest): Promise<RangeAnswer> {
  try {
    const answer = await requestRange(request);
    if (answer.kind === "whole" && answer.compression) progress.isRangeless = true;
    return answer;
  } catch (error) {
    if (!(error instanceof NoRange)) throw error;
    const { href } = request.url;
    if (request.from === undefined || progress.triedWhole === href) throw error.fault;
    progress.triedWhole = href;
    const whole = { ...request, from: undefined, ifRange: undefined };
    const answer = await requestBytes(progress, whole).catch((second: unknown) => {
      throw second instanceof Fault ? error.fault : second;
    });
    progress.isRangeless = true;
    return answer;
  }
}

function isPastEnd(progress: Progress, from: number, total: number | undefined): boolean {
  if (progress.at === 0) throw new Fault("stale", "the result host has an empty file");
  const isEnd = from === progress.at && (total ?? progress.total ?? progress.at) === progress.at;
  const isAnnounced = (total ?? progress.total) !== undefined;
  if (isEnd && progress.walk.isWhole(progress.at, isAnnounced)) return true;
  throw new Fault("damaged", `the result host's file ends before byte ${progress.at}: it is cut, or another one`);
}

/** Whether the bytes of this answer may follow what has arrived; if not, the next request is more careful. */
function isContinued({ progress, maxBytes, canRewind }: Transfer, answer: Body, isDoubtful: boolean): boolean {
  if (answer.kind === "whole" && canRewind && progress.at > 0) rewind(progress, progress.endedAt);
  if (progress.at === 0) Object.assign(progress, { total: answer.total, validator: answer.validator });
  if (answer.total !== undefined && progress.total !== undefined && answer.total !== progress.total)
    throw new Fault("damaged", `the result host's file has ${answer.total} bytes now, and had ${progress.total}`);
  if (progress.at > 0 && answer.kind === "part" && !isDoubtful && answer.validator !== progress.validator) {
    progress.mustCompare = true;
    return false;
  }
  progress.total ??= answer.total;
  if (progress.total !== undefined && progress.total > maxBytes) throw tooLong(progress.total, maxBytes);
  return true;
}

/** Compares what is there already and hands out the rest; returns the place it came to, nothing if it stopped early. */
async function* append(
  transfer: Transfer,
  answer: Body,
  idleTimeout: IdleTimeout,
): AsyncGenerator<Chunk, number | undefined, undefined> {
  const { progress, maxBytes, signal } = transfer;
  const comparable = Math.max(0, progress.at - TAIL);
  const { chunks, isFull } = readAhead(answer.body, idleTimeout, answer.isKept);
  let at = answer.from;
  for await (const value of unpacked(chunks, answer)) {
    signal.throwIfAborted();
    progress.received = at - answer.from + value.byteLength;
    const known = value.subarray(0, Math.max(0, progress.at - at));
    const compared = known.subarray(Math.max(0, comparable - at));
    at += known.byteLength;
    if (!progress.tail.isSame(at - compared.byteLength, compared))
      throw new Fault("damaged", "the result host has another file now");
    const bytes = value.subarray(known.byteLength);
    if (bytes.byteLength === 0) continue;
    const end = at + bytes.byteLength;
    if (answer.to !== undefined && end > answer.to)
      throw new Fault("damaged", "the result host sent more bytes than it announced");
    if (end > maxBytes) throw tooLong(undefined, maxBytes);
    look(progress, answer, at, bytes);
    progress.tail.push(at, bytes);
    Object.assign(progress, { at: end, mustCompare: false, validator: answer.validator });
    yield { at, bytes };
    at = end;
  }
  if (!isFull()) return at;
  if (answer.kind === "part") return undefined;
  throw new Fault("passing", "the bytes come faster than they are used, and the result host can only start anew");
}

function look({ walk }: Progress, { type }: Body, at: number, bytes: Uint8Array): void {
  try {
    walk.see(at, bytes);
  } catch (error) {
    if (!(error instanceof NotMp4) || error.at > 0) throw error;
    if (error.packed !== undefined)
      throw new Fault(
        "final",
        `the result host keeps the video packed, in ${error.packed}: fetch it from its URL and unpack it`,
      );
    throw type.startsWith("video/") || type === ""
      ? error
      : new NotMp4(`the result host sent ${type}, which is not an mp4`, 0);
  }
}

/** What fetch unpacks; that it cannot is no fault of the connection. */
async function* unpacked(chunks: AsyncIterable<Uint8Array>, { compression }: Body): AsyncGenerator<Uint8Array, void> {
  try {
    yield* chunks;
  } catch (error) {
    if (!compression || !isUnpacking(error)) throw error;
    throw new Fault(
      "final",
      `the result host says that the video is packed in ${compression.name}, and it cannot be unpacked`,
    );
  }
}

const UNPACKING = /^Z_|^ERR__|ZSTD|ZLIB|BROTLI|header check|decompress|decod/i;

function isUnpacking(error: unknown, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > 4) return false;
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown };
  return (
    [code, message].some((text) => typeof text === "string" && UNPACKING.test(text)) || isUnpacking(cause, depth + 1)
  );
}

// Some runtimes take a body that ends early for a success: only the length and the boxes show it.
function isComplete(progress: Progress, answer: Body, reached: number): boolean {
  const brokenOff = new Fault(
    "passing",
    `the video broke off after ${progress.at} of ${progress.total ?? "unknown"} bytes`,
  );
  if (reached < progress.at || (answer.to !== undefined && progress.at < answer.to)) throw brokenOff;
  // All that was announced has come, and what was packed in it ends here.
  if (answer.compression?.isMeasured) progress.total = progress.at;
  if (progress.at === 0) throw new Fault("stale", "the result host sent an empty file");
  if (progress.total !== undefined && progress.at < progress.total) return false;
  const isWhole = progress.walk.isWhole(progress.at, progress.total !== undefined);
  if (progress.total !== undefined) {
    if (isWhole) return true;
    throw new Fault("damaged", "the result host's file is not a whole mp4");
  }
  if (!isWhole && answer.to !== undefined) return false;
  // Its length was never announced: it is whole when asking for more brings nothing, or the same end.
  const isSameEnd = progress.endedAt === progress.at;
  progress.endedAt = progress.at;
  if (isWhole) return isSameEnd;
  if (isSameEnd && progress.walk.isOpen) throw new Fault("final", OPEN_END);
  throw brokenOff;
}

const OPEN_END =
  "neither the result host nor the video itself says how long it is, so that a cut would not be seen: fetch it from its URL";

const tooLong = (length: number | undefined, maxBytes: number): Fault => {
  const size = length === undefined ? "" : `${length} bytes, `;
  return new Fault("final", `the video has ${size}more than \`maxBytes\` (${maxBytes}): raise it to fetch this one`);
};
