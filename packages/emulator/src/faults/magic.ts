// Words in a prompt that ask for a fault, as the numbers of test cards do.
import type { Fault, FaultOn } from "./kinds.ts";
import { kindOf } from "./kinds.ts";
import type { FaultOptions } from "./options.ts";

export interface Spell {
  /** Hits every submit of this prompt. */
  submit?: FaultOptions;
  /** What becomes of the task: `stuck`, `fail:<code>`. */
  task?: FaultOptions;
  /** Each hits the first that happens to the task. */
  later: FaultOptions[];
}

const WORD = /\[(?:(fault|get|download|callback):([\w-]+)|(stuck|fail:[\w-]+))\]/g;

/** Words that mean nothing are part of the prompt. */
export function spellOf(prompt: unknown): Spell {
  const spell: Spell = { later: [] };
  if (typeof prompt !== "string" || !prompt.includes("[")) return spell;
  for (const [, place, word, fate] of prompt.matchAll(WORD)) {
    const on = (place === undefined || place === "fault" ? "submit" : place) as FaultOn;
    const kind = (fate ?? word) as Fault;
    if (!kindOf(kind)?.on.includes(on)) continue;
    if (fate !== undefined) spell.task ??= { on, kind };
    else if (on === "submit") spell.submit ??= { on, kind };
    else spell.later.push({ on, kind });
  }
  return spell;
}
