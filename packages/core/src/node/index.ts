// What needs Node: files, and its own kind of server.
export { saveVideo, type SaveVideoOptions } from "./save-video.ts";
export { sqliteJournal, type SqliteJournalOptions } from "./sqlite-journal.ts";
export { toNodeHandler } from "./to-node-handler.ts";
