// Words in a prompt that ask for a fault, as the numbers of test cards do.
import { kindOf, type Fault, type FaultOn } from "./kinds.ts";
import type { FaultOptions } from "./options.ts";

export interface PromptWords {
  /** Hits every submit of this prompt. */
  submit?: FaultOptions;
  /** What becomes of the task: `stuck`, `fail:<code>`. */
  task?: FaultOptions;
  /** Each hits the first that happens to the task. */
  later: FaultOptions[];
}

const WORD = /\[(?:(fault|poll|download|callback):([\w-]+)|(stuck|fail:[\w-]+))\]/g;

/** Words that mean nothing are part of the prompt. */
export function promptWordsOf(prompt: unknown): PromptWords {
  const spell: PromptWords = { later: [] };
  if (typeof prompt !== "string" || !prompt.includes("[")) return spell;
  for (const [, place, word, taskFault] of prompt.matchAll(WORD)) {
    const on = (place === undefined || place === "fault" ? "submit" : place) as FaultOn;
    const kind = (taskFault ?? word) as Fault;
    if (!kindOf(kind)?.on.includes(on)) continue;
    if (taskFault !== undefined) spell.task ??= { on, kind };
    else if (on === "submit") spell.submit ??= { on, kind };
    else spell.later.push({ on, kind });
  }
  return spell;
}
