// Every row is looked at before anything is paid for: its id, its request, and what its key already stands for.
import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { InvalidRequestError, type VideoRequest } from "vidtask";
import { fileName, MAX_FILE_NAME } from "../clients/savable.ts";
import type { Session } from "../clients/session.ts";
import { offersOf, readChoice, type Chosen } from "../request/offers.ts";
import { readRequest, type ChoiceOptions, type RequestOptions } from "../request/request.ts";
import { withKeys } from "../request/submit.ts";
import { UsageError } from "../usage-error.ts";
import type { Row, Wrong } from "./read-rows.ts";

/** A row that can be done. */
export type Job = {
  id: string;
  line: number;
  /** `batch/id`: two batches may have the same ids. */
  key: string;
  request: VideoRequest;
  chosen: Chosen;
  /** What the first choice costs, where a page says it. */
  priceUsd?: number;
};

export type Batch = {
  file: string;
  name: string;
  /** What rows have that do not say it themselves. */
  defaults: RequestOptions & ChoiceOptions;
};

/** The longest key of core. */
const MAX_KEY = 64;

export async function checkRows(
  session: Session,
  rows: readonly Row[],
  batch: Batch,
  wrong: Wrong[],
  signal: AbortSignal,
): Promise<Job[]> {
  const lineOf = new Map<string, number>();
  const jobs: Job[] = [];
  for (const [index, { line, fields }] of rows.entries()) {
    // Of many rows: so that Ctrl-C is heard.
    if (index % 100 === 0) await setImmediate(undefined, { signal });
    const { id = "", prompt, model, vendor, ...own } = fields;
    const say = (message: string) => void wrong.push({ line, message });
    const key = `${batch.name}/${id}`;
    const name = id.normalize().toLowerCase(); // two spellings of one letter are one file on some systems
    const other = lineOf.get(name);
    if (id.trim() === "") say("it has no id");
    else if (other !== undefined) say(`the id ${id} is that of line ${other}, too`);
    else if (key.length > MAX_KEY) say(`the key ${key} has more than ${MAX_KEY} characters: a shorter id, or --name`);
    else if (/\p{Cc}|\p{Cs}/u.test(id)) say("the id has control characters, or half a character");
    else if (Buffer.byteLength(fileName(id)) > MAX_FILE_NAME)
      say(`the file of the id ${id} would have more than ${MAX_FILE_NAME} bytes in its name: a shorter id`);
    if (id !== "" && other === undefined) lineOf.set(name, line);
    try {
      const { defaults } = batch;
      const all = readChoice(session.clients, {
        ...defaults,
        ...(model === undefined ? {} : { model }),
        ...(vendor === undefined ? {} : { vendor }),
      });
      const request = await readRequest(all.family, prompt, { ...defaults, ...own }, dirname(batch.file));
      const offers = offersOf(session, request, all);
      if (!offers.some(({ ok }) => ok)) {
        const [offer] = offers;
        say(
          offer && !offer.ok
            ? offer.issues.map((one) => `${one.path} ${one.message}`).join("; ")
            : "no vendor can do it",
        );
        continue;
      }
      const chosen = withKeys(session, all);
      const best = offersOf(session, request, chosen).find(({ ok }) => ok);
      if (!best) {
        say(
          `only ${offers
            .filter(({ ok }) => ok)
            .map((offer) => offer.vendor)
            .join(", ")} can do it, and there is no key`,
        );
        continue;
      }
      const price = best.ok ? best.plan.price : undefined;
      if (!/\p{Cs}/u.test(key)) await sameAsBefore(session, key, request, say);
      jobs.push({ id, line, key, request, chosen, ...(price ? { priceUsd: price.usd } : {}) });
    } catch (error) {
      if (error instanceof UsageError && error.message.startsWith("there is no API key")) throw error;
      if (!(error instanceof UsageError) && !InvalidRequestError.isInstance(error)) throw error;
      say([error.message, ...(error instanceof UsageError ? error.hints.slice(0, 1) : [])].join("; "));
    }
  }
  return jobs;
}

/** A row that was changed after it was paid for would get the video of what it said before. */
async function sameAsBefore(
  { journal }: Session,
  key: string,
  request: VideoRequest,
  say: (message: string) => void,
): Promise<void> {
  const row = await journal.get(key);
  if (!row || row.state === "refused" || row.state === "lost") return;
  const changed = Object.entries(request).find(([field, value]) => {
    const before = row.request[field];
    return typeof value !== "object" && typeof before !== "object" && before !== undefined && before !== value;
  });
  if (changed) say(`its ${changed[0]} is another than when it was submitted as ${key}: give it another id`);
}

/** @throws UsageError with the lines, in order */
export function mustBeRight(file: string, wrong: readonly Wrong[]): void {
  if (wrong.length === 0) return;
  const shown = wrong.toSorted((a, b) => a.line - b.line).map(({ line, message }) => `line ${line}: ${message}`);
  throw new UsageError(
    `${file} has ${wrong.length === 1 ? "a mistake" : `${wrong.length} mistakes`}; nothing was sent`,
    [...shown.slice(0, 20), ...(shown.length > 20 ? [`and ${shown.length - 20} more`] : [])],
  );
}
