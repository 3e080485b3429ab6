import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { TaskLine } from "./lines.ts";

const CODES: { readonly [state in TaskLine["state"]]: ExitCode } = {
  succeeded: EXIT.done,
  failed: EXIT.failed,
  refused: EXIT.refused,
  lost: EXIT.refused,
  unknown: EXIT.unknown,
  unsent: EXIT.open,
  sending: EXIT.open,
  running: EXIT.open,
};

/** What a state is as an exit code. */
export const exitCodeOfLine = ({ state }: TaskLine): ExitCode => CODES[state];
