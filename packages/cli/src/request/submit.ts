// A request becomes a task: chosen, priced, submitted once under its key.
import { randomInt } from "node:crypto";
import { formatRef, type Offer, type Task, type VideoClient, type VideoRequest } from "vidtask";
import { commandLine, sameCommand } from "../clients/command-line.ts";
import { tellEvent } from "../clients/follow.ts";
import type { Run } from "../clients/run.ts";
import { missingKey, type Session } from "../clients/session.ts";
import { usd } from "../output/format.ts";
import { withLine } from "../output/live.ts";
import { UsageError } from "../usage-error.ts";
import { mustBePossible, offersOf, readChoice, type Chosen } from "./offers.ts";
import { readPrompt, readRequest, type ChoiceOptions, type RequestOptions } from "./request.ts";
import { readUnlisted } from "./unlisted.ts";

/** The options of whatever pays. */
export type SubmitOptions = RequestOptions &
  ChoiceOptions & {
    key?: string;
    maxPrice?: number;
    submitTimeout?: number;
    callback?: boolean;
    callbackUrl?: string;
  };

export type Submitted = { task: Task; key: string; expected?: { minMs: number; maxMs: number } };

/** A key to remember: the day, and six letters at random. */
export function drawKey(now = new Date()): string {
  const letters = Array.from({ length: 6 }, () => randomInt(36).toString(36)).join("");
  return `${now.toISOString().slice(0, 10).replaceAll("-", "")}-${letters}`;
}

/** @throws UsageError when none of the vendors that have the model can be asked */
export function withKeys(session: Session, chosen: Chosen): Chosen {
  const vendors = chosen.vendors.filter((vendor) => session.keyed.includes(vendor));
  if (vendors.length === 0) throw missingKey(chosen.vendors, session.settings, sameCommand());
  return { ...chosen, vendors };
}

/** @throws what `submit` does, and UsageError for what cannot be asked for */
export async function submitRequest(run: Run<SubmitOptions>, session: Session): Promise<Submitted> {
  const { out, options, signal, next } = run;
  const { request, offers, send } = await (options.unlisted ? unlisted : listed)(run, session);
  const key = options.key ?? drawKey();
  next.repeat = sameCommand(options.key === undefined ? key : undefined);
  const [best] = offers;
  if (best?.ok) {
    const price = best.plan.price ? usd(best.plan.price.usd) : "an unknown price";
    out.say(`${best.vendor} ${best.model} for ${price}, under the key ${key}`);
    for (const { about, message } of best.warnings)
      out.emit({ type: "note", level: "warning", message: `${about}: ${message}` });
  }
  const { maxPrice, submitTimeout, callback, callbackUrl } = options;
  const task = await withLine(out, async (show) => {
    show("submitting");
    return send(request, {
      idempotencyKey: key,
      signal,
      onEvent: (event) => {
        // The warnings of the plan were told.
        if (event.type !== "warning") tellEvent(out, event);
      },
      ...(maxPrice === undefined ? {} : { maxPrice }),
      ...(submitTimeout === undefined ? {} : { submitTimeout }),
      ...(callback === false ? { callback } : {}),
      ...(callbackUrl === undefined ? {} : { callbackUrl }),
    });
  });
  const taken = offers.find((offer) => offer.vendor === task.vendor && offer.model === task.model);
  const plan = taken?.ok ? taken.plan : undefined;
  const expected = plan?.expected;
  out.emit({
    type: "accepted",
    key,
    ref: formatRef(task),
    vendor: task.vendor,
    model: task.model,
    ...(plan?.price ? { priceUsd: plan.price.usd } : {}),
    ...(expected ? { expected } : {}),
  });
  next.again = commandLine(["wait", key], options);
  return { task, key, ...(expected ? { expected } : {}) };
}

type Way = {
  request: VideoRequest;
  /** Best first. */
  offers: readonly Offer[];
  send: VideoClient["submit"];
};

async function listed({ options, words, signal }: Run<SubmitOptions>, session: Session): Promise<Way> {
  const prompt = await readPrompt(words[0] as string | undefined, signal);
  if (prompt === undefined && options.image === undefined)
    throw new UsageError("there is no prompt", ["Give it as the argument, or pipe it in."]);
  const all = readChoice(session.clients, options);
  const request = await readRequest(all.family, prompt, options);
  mustBePossible(offersOf(session, request, all));
  const chosen = withKeys(session, all);
  const offers = offersOf(session, request, chosen);
  mustBePossible(offers);
  const prefer = offers.filter(({ ok }) => ok).map(({ vendor }) => vendor);
  const { dropFields } = chosen;
  return { request, offers, send: (asked, submit) => session.router.submit(asked, { ...submit, prefer, dropFields }) };
}

async function unlisted({ options, words }: Run<SubmitOptions>, session: Session): Promise<Way> {
  const { vendor, request, offer } = await readUnlisted(session.clients, options, words[0] as string | undefined);
  if (!session.keyed.includes(vendor)) throw missingKey([vendor], session.settings, sameCommand());
  return { request, offers: [offer], send: (asked, submit) => session.clients[vendor].submit(asked, submit) };
}
