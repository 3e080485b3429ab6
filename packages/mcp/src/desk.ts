// What every tool works with, and how a tool finds a client, an offer and a task.
import { nearest } from "@vidtask/core/router";
import {
  InvalidRequestError,
  parseRef,
  type Clock,
  type Issue,
  type Journal,
  type JournalEntry,
  type Plan,
  type TaskRef,
  type VideoClient,
  type VideoRequest,
} from "vidtask";
import type { Folder } from "./folder.ts";
import type { Jobs } from "./patience.ts";
import { Refusal, shown } from "./refusal.ts";
import type { Spending } from "./spending.ts";

export type Desk = {
  readonly clients: readonly VideoClient[];
  readonly journal: Journal;
  readonly folder: Folder;
  readonly spending: Spending;
  readonly jobs: Jobs;
  readonly clock: Clock;
};

type Row = { client: VideoClient; model: string };
export type Offer = Row & ({ plan: Plan<VideoRequest> } | { issues: Issue[] });

const rowsOf = ({ clients }: Desk) =>
  clients.flatMap((client) =>
    Object.entries(client.models).map(([model, { family = model }]) => ({ client, model, family })),
  );

/** What each vendor would do, the cheapest first, what has no price after it, what is impossible last. */
export function offersFor(rows: readonly Row[], fields: Omit<VideoRequest, "model">): Offer[] {
  const rank = (offer: Offer) => ("plan" in offer ? (offer.plan.price?.usd ?? 1e6) : 1e9);
  return rows
    .map(({ client, model }): Offer => {
      try {
        return { client, model, plan: client.plan({ ...fields, model }) };
      } catch (error) {
        if (!InvalidRequestError.isInstance(error)) throw error;
        return { client, model, issues: error.issues };
      }
    })
    .toSorted((a, b) => rank(a) - rank(b));
}

/**
 * The models of that name, a family's (`kling-2.6`) or a vendor's own (`kling-2-6`); all when no name is given.
 *
 * @throws Refusal for a name that no model, or no vendor, has
 */
export function findModels(desk: Desk, name: string | undefined, vendor: string | undefined): Row[] {
  const vendors = desk.clients.map((client) => client.vendor);
  if (vendor !== undefined && !vendors.includes(vendor))
    throw new Refusal("no_such_vendor", `there is no vendor ${shown(vendor)} here`, meant(vendor, vendors));
  const rows = rowsOf(desk).filter(({ client }) => vendor === undefined || client.vendor === vendor);
  if (name === undefined) return rows;
  const found = rows.filter(({ model, family }) => family === name || model === name);
  if (found.length > 0) return found;
  const names = [...new Set(rows.flatMap(({ model, family }) => [family, model]))];
  const where = vendor === undefined ? "" : ` at ${vendor}`;
  throw new Refusal("no_such_model", `there is no model ${shown(name)}${where}`, meant(name, names));
}

const meant = (name: string, known: readonly string[]): string => {
  const near = nearest(name, known);
  return near === undefined ? `Known are ${known.join(", ")}.` : `Did you mean ${near}?`;
};

export type Found = { client: VideoClient; ref?: TaskRef | undefined; row?: JournalEntry | undefined };

/** A task by its idempotency key or its ref (`vendor:model:id`). @throws Refusal when there is none */
export async function findTask(desk: Desk, name: string): Promise<Found> {
  const byKey = canBeKey(name) ? await desk.journal.get(name) : undefined;
  const ref = byKey ? byKey.ref : readRef(name);
  const row = byKey ?? (ref && (await desk.journal.findByTask(ref)));
  const vendor = row?.vendor ?? ref?.vendor;
  const client = desk.clients.find((one) => one.vendor === vendor);
  if (client) return { client, ref: row?.ref ?? ref, row };
  const remedy = "A task is named by its idempotency key or by its ref, vendor:model:id. Call video_list to see them.";
  if (vendor === undefined) throw new Refusal("no_such_task", `there is no task ${shown(name)}`, remedy);
  throw new Refusal(
    "no_such_vendor",
    `${shown(name)} is a task of ${shown(vendor)}, a vendor that this server does not have`,
    remedy,
  );
}

// A journal refuses to look for any other.
const canBeKey = (name: string): boolean => name.length <= 64 && !/\p{Cs}/u.test(name);

function readRef(name: string): TaskRef | undefined {
  try {
    return parseRef(name);
  } catch {
    return undefined;
  }
}
