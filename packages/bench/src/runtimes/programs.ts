// What a runtime can be asked to run, and how it tells.
import { runConformance, type ConformanceAbout } from "./conformance-program.ts";
import { runPaid, type PaidAbout } from "./paid-program.ts";
import type { World } from "./rig.ts";

export type About = PaidAbout | ConformanceAbout;

/** In front of the line that holds the result. */
export const RESULT = "result ";

export async function runProgram(about: About, world: World, say: (line: string) => void): Promise<void> {
  const result = about.program === "paid" ? await runPaid(about) : await runConformance(about, world, say);
  say(RESULT + JSON.stringify(result));
}
