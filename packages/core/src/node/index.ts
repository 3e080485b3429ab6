// What needs Node: files, and its own kind of server.
export { saveVideo } from "./save-video.ts";
export type { SaveVideoOptions } from "./save-video-options.ts";
export { sqliteJournal } from "./sqlite-journal.ts";
export type { SqliteJournalOptions } from "./sqlite-options.ts";
export { toNodeHandler } from "./to-node-handler.ts";
