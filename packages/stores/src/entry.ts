import type { JournalEntry } from "@vidtask/core";

/** @throws Error for a row that is not JSON, without the parser's words: they quote the row, and with it a prompt */
export function entryOf(text: unknown): JournalEntry {
  try {
    return JSON.parse(String(text)) as JournalEntry;
  } catch {
    throw new Error("a row is damaged: its entry is not JSON");
  }
}

/** As a list shows it: one row that cannot be read must not keep the others from being seen. */
export function listedEntry(key: string, text: unknown): JournalEntry {
  const isThere = text !== null && text !== undefined && text !== false;
  try {
    if (isThere) return entryOf(text);
  } catch {
    // As below.
  }
  const flaw = isThere ? "it is not JSON" : "it is gone, though its key is listed: something deletes or evicts keys";
  return {
    key,
    vendor: "",
    model: "",
    account: "",
    request: {},
    requestHash: "",
    state: "unknown",
    version: 0,
    attempt: 0,
    createdAt: "",
    updatedAt: "",
    error: `the row of key ${key} cannot be used: ${flaw}`,
  };
}
