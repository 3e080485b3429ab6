// Looks for the task of a submit whose answer was lost, at vendors where tasks can be looked for. What is found is bound
// as a callback's task is; what is not found proves nothing, because lists lag.
import type { ClientContext } from "../context/context.ts";
import { callVendor } from "../http/call.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { safeCause } from "../redact.ts";
import { VidtaskError } from "../task/errors.ts";
import type { OnEvent } from "../task/events.ts";
import { refOf } from "../task/task.ts";
import type { Found } from "../vendor-spec/readings.ts";
import { taskIdOf } from "../vendor-spec/spec.ts";
import { bind, confirm, doubleCharge, type Notice } from "./reconcile.ts";
import { TICKET_LIFE } from "./token.ts";
import { ticketOf } from "./url.ts";

/** The row with its task, where the vendor's list has one that is ours; nothing otherwise, whatever the reason. */
export async function findLost(
  context: ClientContext,
  row: JournalEntry,
  emit: OnEvent,
  signal?: AbortSignal,
): Promise<JournalEntry | undefined> {
  const { adapter, redact } = context;
  const { key, vendor, model, variant, token = "", sentAt, attempt } = row;
  if (!adapter.find || row.state !== "unknown" || row.ref || sentAt === undefined) return undefined;
  const sought = { token, model, variant: variant ?? "", sentAt };
  try {
    const about = { phase: "poll", asked: "find", key, emit, signal, isPartEnough: true } as const;
    const { find } = adapter;
    const found = await callVendor(context, find.call(sought), about, (body) => find.read(body, sought));
    const expiresAt = Date.parse(sentAt) + TICKET_LIFE;
    const ticket = { vendor, model, key, attempt, expiresAt, ...(variant === undefined ? {} : { variant }) };
    let bound: JournalEntry | undefined;
    for (const id of await idsOf(context, row, found)) {
      const notice: Notice = { ticket, id };
      const { task, fits } = await confirm(context, notice, row, emit);
      if (!fits) continue;
      if (bound) emit(doubleCharge(key, refOf(task), bound));
      else bound = await bind(context, notice, task, { row: undefined, emit });
    }
    return bound;
  } catch (error) {
    if (signal?.aborted) throw error;
    const shown = VidtaskError.isInstance(error) ? error.toJSON() : { message: safeCause(error, redact).message };
    emit({ type: "fault", phase: "submit", idempotencyKey: key, error: shown });
    return undefined;
  }
}

/** Those whose echo is the row's token, or a callback URL that this client signed for its key and attempt. */
async function idsOf(context: ClientContext, row: JournalEntry, found: readonly Found[]): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const { id: given, token, callbackUrl } of found) {
    const id = taskIdOf(context.adapter, given);
    if (id === undefined) continue;
    const isEcho = row.token !== undefined && token === row.token;
    if (isEcho || (typeof callbackUrl === "string" && (await isSigned(context, row, callbackUrl)))) ids.add(id);
  }
  return ids;
}

async function isSigned(context: ClientContext, { key, model, attempt }: JournalEntry, url: string): Promise<boolean> {
  const ticket = URL.canParse(url) ? await ticketOf(context, url) : undefined;
  return ticket?.key === key && ticket.model === model && ticket.attempt === attempt;
}
