// Which fault hits what: those asked for one by one, those bound to a task by its prompt, those drawn by their rates.
import { createRandom } from "../state/random.ts";
import type { Vendor } from "../vendors/vendor.ts";
import { hasWords } from "./has-words.ts";
import { failCodeOf, kindOf, type FaultOn } from "./kinds.ts";
import type { FaultOptions, FaultRates } from "./options.ts";

/** Something that a fault may hit. */
export interface Moment {
  on: FaultOn;
  vendor: Vendor;
  taskId?: string | undefined;
  /** Its task is pending or processing. */
  running?: boolean;
  reused?: boolean;
  /** Of a submit: its token has come before. */
  resent?: boolean;
  /** Of a callback: its task was just submitted. */
  early?: boolean;
}

/** A fault that waits for what it hits. */
export interface WaitingFault {
  readonly id: number;
  readonly fault: FaultOptions;
  /** How many it hits yet; and how many pass unharmed before. */
  readonly left: number;
  readonly wait: number;
}

export interface Faults {
  /** Its id, for `remove`. */
  add(fault: FaultOptions): number;
  /** Those that were added and still wait, in their order. */
  waiting(): WaitingFault[];
  /** False when there is none with this id. */
  remove(id: number): boolean;
  /** All that were added. */
  clear(): void;
  /** Each hits the first that it can and that happens to this task. */
  bind(taskId: string, faults: readonly FaultOptions[]): void;
  next(moment: Moment): FaultOptions | undefined;
  /** Forgets what was added and bound, and draws from the seed's beginning again. */
  reset(): void;
}

interface Scheduled extends FaultOptions {
  id: number;
  asked: FaultOptions;
  left: number;
  wait: number;
}

export function createFaults(rates: FaultRates, seed: number): Faults {
  let scheduled: Scheduled[] = [];
  let ids = 0;
  const bound = new Map<string, readonly FaultOptions[]>();
  // Apart from what tasks draw, so that faults change no id and no duration.
  let random = createRandom(seed);
  const draw = () =>
    random.draw([
      [0, 0],
      [1, 1],
    ]);

  /** Waiting faults count everything they could have hit, also what another fault hits. */
  function hit(moment: Moment): FaultOptions | undefined {
    let first: Scheduled | undefined;
    for (const fault of scheduled) {
      if (!applies(fault, moment)) continue;
      if (fault.wait > 0) fault.wait--;
      else if (!first && (fault.probability === undefined || draw() < fault.probability)) first = fault;
    }
    if (first && --first.left === 0) scheduled = scheduled.filter((fault) => fault !== first);
    return first;
  }

  function ofTask(moment: Moment): FaultOptions | undefined {
    const faults = moment.taskId === undefined ? undefined : bound.get(moment.taskId);
    const first = faults?.find((fault) => applies(fault, moment));
    if (faults && first && moment.taskId !== undefined)
      bound.set(
        moment.taskId,
        faults.filter((fault) => fault !== first),
      );
    return first;
  }

  function drawn(moment: Moment): FaultOptions | undefined {
    const shares = Object.entries(rates[moment.on] ?? {});
    if (shares.length === 0) return undefined;
    let rest = draw();
    for (const [kind, share = 0] of shares as [FaultOptions["kind"], number | undefined][]) {
      const fault = { on: moment.on, kind };
      if (rest < share) return applies(fault, moment) ? fault : undefined;
      rest -= share;
    }
    return undefined;
  }

  return {
    add(fault) {
      const id = ++ids;
      scheduled.push({ ...fault, id, asked: fault, left: fault.times ?? 1, wait: fault.after ?? 0 });
      return id;
    },
    waiting: () => scheduled.map(({ id, asked, left, wait }) => ({ id, fault: asked, left, wait })),
    remove(id) {
      const before = scheduled.length;
      scheduled = scheduled.filter((fault) => fault.id !== id);
      return scheduled.length < before;
    },
    clear: () => void (scheduled = []),
    bind: (taskId, faults) => void (faults.length > 0 && bound.set(taskId, faults)),
    next: (moment) => hit(moment) ?? ofTask(moment) ?? drawn(moment),
    reset() {
      scheduled = [];
      bound.clear();
      random = createRandom(seed);
    },
  };
}

export function applies({ on, kind, vendor, resent }: FaultOptions, moment: Moment): boolean {
  if (on !== moment.on || (vendor !== undefined && vendor !== moment.vendor.name)) return false;
  if (resent !== undefined && resent !== moment.resent) return false;
  if (!hasWords(moment.vendor, kind)) return false;
  const code = failCodeOf(kind);
  if (code !== undefined && !Object.hasOwn(moment.vendor.failCodes, code)) return false;
  // A task that has ended stays as it ended.
  if (on === "poll" && (code !== undefined || kind === "stuck")) return moment.running === true;
  const rule = kindOf(kind);
  if (on === "callback" && (rule?.early ?? false) !== (moment.early ?? false)) return false;
  return rule?.reusedOnly ? moment.reused === true : true;
}
