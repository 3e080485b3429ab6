// Node 24 runs these tests, and its channels do not ask for a scope: here it is asked for as by those of Node 26.
import { context, createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { expect, onTestFinished, test } from "vitest";
import { ActiveSpan } from "./active-span.ts";

const key = createContextKey("span");
const active = ROOT_CONTEXT.setValue(key, "mine");
const now = () => context.active().getValue(key);

test("a scope is OpenTelemetry's context until it ends, also after an await of what began in it", async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(() => context.disable());
  const scope = new ActiveSpan().withScope(active);
  const later = (async () => {
    await Promise.resolve();
    return now();
  })();
  expect(now()).toBe("mine");
  scope[Symbol.dispose]();
  expect(now()).toBeUndefined();
  expect(await later).toBe("mine");
});

test("an API before 1.10, which knows no scopes, has none", () => {
  Object.defineProperty(context, "attach", { value: undefined, configurable: true });
  onTestFinished(() => void delete (context as { attach?: unknown }).attach);
  const scope = new ActiveSpan().withScope(active);
  expect(now()).toBeUndefined();
  expect(() => scope[Symbol.dispose]()).not.toThrow();
});
