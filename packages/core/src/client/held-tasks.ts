import { contextOf } from "../context/context.ts";
import type { EndListener } from "../context/end-notifier.ts";
import { formatRef, isTerminal, type Task, type TaskRef } from "../task/task.ts";
import { stopwatch } from "../time/clock.ts";
import { settingsOf } from "./members.ts";

/** Tasks as they were last seen, for whoever is asked more often than a vendor is to be. */
export type HeldTasks = {
  /**
   * The task, where it is too early to ask its vendor again: before the `nextPollAt` that was held, or sooner where the
   * client's `poll.interval` is shorter; an end for 10 s. An end that another call of the client has seen is known at once.
   */
  known(ref: TaskRef): Task | undefined;
  /** Holds what the vendor has just said. */
  hold(task: Task): void;
};

type Held = { task: Task; forMs: number; passed: () => number; ending?: EndListener };

/** An end is asked for anew after this time, in ms: the URL of a video may have changed. */
const END_HELD = 10_000;
/** How many are held. */
const MOST = 1_000;

const ofClients = new WeakMap<object, HeldTasks>();

/** What is held of the tasks of a client, or router. @throws InvalidRequestError for what is no client, at the first use */
export function heldTasks(client: object): HeldTasks {
  const known = ofClients.get(client) ?? createHeldTasks(client);
  ofClients.set(client, known);
  return known;
}

function createHeldTasks(client: object): HeldTasks {
  const all = new Map<string, Held>();
  const forget = (name: string): void => {
    all.get(name)?.ending?.close();
    all.delete(name);
  };
  function put(name: string, task: Task): void {
    const { clock, ends, options } = contextOf(settingsOf(client, task.vendor));
    const passed = stopwatch(clock); // a wall clock that is set back holds nothing for longer
    forget(name);
    if (isTerminal(task)) {
      all.set(name, { task, forMs: END_HELD, passed });
    } else {
      const { interval = Infinity } = options.poll ?? {};
      const ending = ends.listen(task);
      ending.whenHeard(() => ending.heard && put(name, ending.heard));
      all.set(name, { task, forMs: Math.min(Date.parse(task.nextPollAt) - clock.now(), interval), passed, ending });
    }
    const [oldest] = all.keys();
    if (all.size > MOST && oldest !== undefined) forget(oldest);
  }
  return {
    known(ref) {
      const held = all.get(formatRef(ref));
      return held && held.passed() < held.forMs ? held.task : undefined;
    },
    hold: (task) => put(formatRef(task), task),
  };
}
