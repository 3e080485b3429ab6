// What is passed as a journal, with its rules.
import type { Rule } from "../task/check-options.ts";
import { methods, rule } from "../task/option-rules.ts";
import type { Journal } from "./journal.ts";

const hasMethods = methods("a journal, such as memoryJournal() or sqliteJournal() returns", [
  "begin",
  "update",
  "get",
  "findByTask",
  "list",
]);

/** A journal, of whatever make. */
export const aJournal: Rule = (value, path, issues) => {
  hasMethods(value, path, issues);
  const { durable, now } = value as Partial<Journal>;
  aDurable(durable ?? false, `${path}.durable`, issues);
  if (now !== undefined && now !== null) aNow(now, `${path}.now`, issues);
  return value;
};

const aNow = rule(
  "a function that resolves to the store's time in ms, or absent",
  (value) => typeof value === "function",
);

const aDurable = rule("true, or absent if entries do not survive the process", (value) => typeof value === "boolean");
