// What has changed, as server-sent events. A task's state follows from the time, so somebody has to look: this does, a few
// times a second while a page is open.
import type { CallbackEntry } from "../callbacks/log.ts";
import type { LedgerEntry } from "../state/ledger.ts";
import type { StoredTask } from "../state/tasks.ts";
import type { Part } from "../vendors/vendor.ts";
import type { World } from "../world.ts";
import { balances, callbackView, clockView, faultView, ledgerView, requestView, taskView } from "./views.ts";

/** Real milliseconds between two looks. */
const LOOK = 250;
/** Of each kind, in one event: the newest. A page shows no more. */
const MOST = 2_000;
const PING = 15_000;

interface Event {
  event: string;
  data: unknown;
}

/** A function that gives what changed since it was called last; the first time, all there is. */
export function createFeed(world: World, base: string): () => Event[] {
  let resets = world.resets;
  let revisions = new Map<Part, number>();
  let wire = 0;
  let running = new Map<string, { part: Part; state: string }>();
  let callback: CallbackEntry | undefined;
  let pending = new Set<CallbackEntry>();
  let charge: LedgerEntry | undefined;
  let status = "";

  function tasks() {
    const changed: [Part, StoredTask][] = [];
    const seen = new Set<string>();
    for (const part of world.parts) {
      const { store } = part.context;
      for (const task of store.changedSince(revisions.get(part) ?? 0)) {
        if (seen.size < MOST) changed.push([part, task]);
        seen.add(task.id);
      }
      revisions.set(part, store.revision);
    }
    for (const [id, { part, state }] of running) {
      const task = part.context.store.get(id);
      if (task && !seen.has(id) && part.context.store.state(task) !== state) changed.push([part, task]);
    }
    for (const [part, task] of changed) {
      const state = part.context.store.state(task);
      if (state === "pending" || state === "processing") running.set(task.id, { part, state });
      else running.delete(task.id);
    }
    return changed.map(([part, task]) => taskView(world, part, task, base));
  }

  function callbacks() {
    const fresh = since(world.callbacks.log, callback);
    callback = world.callbacks.log.at(-1);
    const settled = [...pending].filter(isOver);
    for (const entry of settled) pending.delete(entry);
    for (const entry of fresh) if (!isOver(entry)) pending.add(entry);
    return [...settled, ...fresh].map(callbackView);
  }

  function ledger() {
    const all = world.ledger();
    const fresh = since(all, charge);
    charge = all.at(-1);
    return fresh.map(ledgerView);
  }

  return () => {
    const events: Event[] = [];
    if (resets !== world.resets) {
      resets = world.resets;
      revisions = new Map();
      running = new Map();
      pending = new Set();
      wire = 0;
      callback = charge = undefined;
      events.push({ event: "reset", data: {} });
    }
    const requests = world.wire.changedSince(wire);
    wire = requests.revision;
    const lists = {
      tasks: tasks(),
      requests: requests.entries.slice(-MOST).map(requestView),
      callbacks: callbacks(),
      ledger: ledger(),
    };
    for (const [event, data] of Object.entries(lists)) if (data.length > 0) events.push({ event, data });
    const { now, mode } = clockView(world);
    const now_ = { balances: balances(world), faults: world.faults.waiting().map(faultView) };
    const next = JSON.stringify({ ...now_, mode, now: mode === "manual" ? now : Math.round(now / 5_000) });
    if (next !== status) events.push({ event: "status", data: { ...now_, clock: { mode, now } } });
    status = next;
    return events;
  };
}

const isOver = ({ status, error, fault }: CallbackEntry) =>
  status !== undefined || error !== undefined || fault === "lost";

/** The entries behind the one that was the last; of a log that loses its oldest. */
function since<Entry>(log: readonly Entry[], last: Entry | undefined): Entry[] {
  const from = last === undefined ? 0 : log.lastIndexOf(last) + 1;
  return log.slice(Math.max(from, log.length - MOST));
}

export function eventStream(world: World, base: string): Response {
  const feed = createFeed(world, base);
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let quiet = 0;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const look = () => {
        timer = setTimeout(look, LOOK);
        timer.unref();
        // A page that does not keep up is told later, of more at once.
        if ((controller.desiredSize ?? 0) <= 0) return;
        const text = feed().map(({ event, data }) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
        quiet = text.length > 0 ? 0 : quiet + LOOK;
        if (text.length === 0 && quiet < PING) return;
        if (text.length === 0) quiet = 0;
        controller.enqueue(encoder.encode(text.join("") || ": still here\n\n"));
      };
      look();
    },
    cancel: () => clearTimeout(timer),
  });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    },
  });
}
