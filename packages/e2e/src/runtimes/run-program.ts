// What a runtime can be asked to run, and how it tells.
import { runConformance, type ConformanceAbout } from "./conformance/program.ts";
import type { RuntimeAbilities } from "./conformance/setup.ts";
import { runPaid, type PaidAbout } from "./paid/program.ts";

export type About = PaidAbout | ConformanceAbout;

/** In front of the line that holds the result. */
export const RESULT = "result ";

export async function runProgram(
  about: About,
  abilities: RuntimeAbilities,
  say: (line: string) => void,
): Promise<void> {
  const result = about.program === "paid" ? await runPaid(about) : await runConformance(about, abilities, say);
  say(RESULT + JSON.stringify(result));
}
