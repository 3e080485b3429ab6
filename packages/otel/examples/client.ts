// The client of both processes: one SQLite file is what they share.
import { createAPIModels } from "@vidtask/apimodels";
import { sqliteJournal } from "@vidtask/apimodels/node";

/** `JOURNAL`: the file. `POLL_MS`: how often to ask, for an emulator whose tasks take no minutes; else as the vendor's pages say. */
const { JOURNAL = "videos.sqlite", POLL_MS } = process.env;

export const journal = sqliteJournal(JOURNAL);
export const apimodels = createAPIModels({
  journal,
  ...(POLL_MS !== undefined && { poll: { first: Number(POLL_MS), interval: Number(POLL_MS) } }),
});
