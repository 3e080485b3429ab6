// What needs Node: files.
export { saveVideo, type SaveOptions } from "./save-video.ts";
export { sqliteJournal, type SqliteJournalOptions } from "./sqlite-journal.ts";
