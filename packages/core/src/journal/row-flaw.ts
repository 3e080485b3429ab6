// Whether what a store gives is a journal row: written by hand, by another program, or cut by a crash it may be anything.
import type { JournalEntry } from "./journal.ts";
import { isJournalState } from "./states.ts";

const TEXTS = ["key", "vendor", "model", "account", "requestHash", "createdAt", "updatedAt"] as const;
const TIMES = ["sendBefore", "sentAt", "windowFrom", "resentAt", "deliveryLeaseUntil", "deliveredAt"] as const;

type Fields = { readonly [field: string]: unknown };

/** What keeps a value from being used as the row of a key, in words that quote nothing of it; nothing when it is one. */
export function flawOf(value: unknown, key?: string): string | undefined {
  if (!isObject(value)) return "it is not a JSON object";
  const text = TEXTS.find((field) => typeof value[field] !== "string");
  if (text !== undefined) return `its \`${text}\` is not a string`;
  if (key !== undefined && value["key"] !== key) return "it belongs to another key";
  if (!isJournalState(value["state"])) return "this version does not know its `state`";
  const count = ["version", "attempt"].find((field) => !Number.isSafeInteger(value[field]));
  if (count !== undefined) return `its \`${count}\` is not a whole number`;
  const time = TIMES.find((field) => value[field] !== undefined && !isTime(value[field]));
  if (time !== undefined) return `its \`${time}\` is not a time`;
  if (!isObject(value["request"])) return "its `request` is not an object";
  if (value["ref"] !== undefined && !isRef(value["ref"])) return "its `ref` is invalid";
  return value["task"] === undefined || isTask(value["task"]) ? undefined : "its `task` is invalid";
}

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isTime = (value: unknown): boolean => typeof value === "string" && !Number.isNaN(Date.parse(value));

const isRef = (value: unknown): value is Fields =>
  isObject(value) && ["vendor", "model", "id"].every((part) => typeof value[part] === "string");

function isTask(value: unknown): boolean {
  if (!isRef(value)) return false;
  switch (value["state"]) {
    case "pending":
    case "processing":
      return true;
    case "succeeded": {
      const { videos } = value;
      return (
        Array.isArray(videos) &&
        videos.length > 0 &&
        videos.every((video) => typeof (video as Fields)?.["url"] === "string")
      );
    }
    case "failed":
      return isObject(value["failure"]);
    default:
      return false;
  }
}

/** A row that a list shows in place of one that cannot be used. */
export const flawedRow = (key: string, flaw: string, known: Partial<JournalEntry> = {}): JournalEntry => ({
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
  ...known,
  key,
  error: `the row of key ${key} cannot be used: ${flaw}`,
});
