import { parseRef, settleSubmit } from "vidtask";
import { findTask } from "../clients/find-task.ts";
import type { CommandRun } from "../clients/run.ts";
import { lineOfRow } from "../clients/task-line.ts";
import { EXIT } from "../exit-codes.ts";
import { orStop } from "../interrupt.ts";
import { UsageError } from "../usage-error.ts";
import { isVendor } from "../vendors.ts";

type Options = { force?: boolean };

/** Closes an unknown submit after a look into the vendor's dashboard: with its task, or as lost. */
export const run: CommandRun<Options> = async ({ out, options, words, signal, open }) => {
  const [name, outcome] = words.map(String);
  const session = await open({ needsPast: true });
  const { entry } = await findTask(session, name ?? "");
  if (!entry) throw new UsageError(`${session.journalPath} has no row of ${name}: there is nothing to settle`);
  const { key, vendor } = entry;
  const client = isVendor(vendor) && session.keyed.includes(vendor) ? session.clients[vendor] : undefined;
  const end = outcome === "lost" ? ("lost" as const) : parseRef(outcome as never);
  const how = { ...(options.force ? { force: true } : {}), ...(client ? { client } : {}) };
  await orStop(signal, settleSubmit(session.journal, key, end, how));
  const after = await session.journal.get(key);
  if (after) out.emit(lineOfRow(after));
  return EXIT.done;
};
