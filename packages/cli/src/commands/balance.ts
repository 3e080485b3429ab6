import { sameCommand } from "../clients/command-line.ts";
import type { CommandRun } from "../clients/run.ts";
import { missingKey } from "../clients/session.ts";
import { worstOf, type ExitCode } from "../exit-codes.ts";
import { orStop } from "../interrupt.ts";
import { exitCodeOf, explain } from "../output/explain.ts";
import { readVendors } from "../request/models.ts";
import { VENDORS } from "../vendors.ts";

type Options = { vendor?: string };

/** What the accounts hold, of every vendor that there is a key for. */
export const run: CommandRun<Options> = async ({ out, options, signal, open }) => {
  const session = await open();
  const asked = readVendors(options.vendor) ?? session.keyed;
  const missing = (asked.length === 0 ? VENDORS : asked).filter((vendor) => !session.keyed.includes(vendor));
  if (missing.length > 0) throw missingKey(missing, session.settings, sameCommand());
  const codes: ExitCode[] = [];
  for (const vendor of asked) {
    try {
      const found = await orStop(signal, session.clients[vendor].balance?.() ?? Promise.resolve(undefined));
      if (found) out.emit({ type: "balance", vendor, ...found });
    } catch (error) {
      signal.throwIfAborted();
      codes.push(exitCodeOf(error));
      const line = explain(error);
      out.emit({ ...line, message: `${vendor}: ${line.message}` });
    }
  }
  return worstOf(codes);
};
