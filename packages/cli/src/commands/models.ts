import { pureRouter } from "../clients/clients.ts";
import type { CommandRun } from "../clients/run.ts";
import { EXIT } from "../exit-codes.ts";
import { findModel, modelLines, readVendors } from "../request/models.ts";

type Options = { vendor?: string };

/** The models, with the fields that a request may have. */
export const run: CommandRun<Options> = async ({ out, options, words }) => {
  const { clients } = pureRouter({});
  const [name] = words;
  const vendors = readVendors(options.vendor);
  const asked = name === undefined ? undefined : findModel(clients, String(name), vendors);
  const lines = modelLines(clients).filter(
    ({ vendor, family }) =>
      (asked === undefined || asked.family === family) &&
      (vendors === undefined || (vendors as readonly string[]).includes(vendor)),
  );
  out.emitAll(lines);
  return EXIT.done;
};
