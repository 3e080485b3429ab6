// Core's tracing channels, as a program without Node's types reaches them: nothing where the runtime has none.
import type { TraceContext } from "vidtask";

type Storage = { getStore(): string | undefined };
type Channels = {
  start: { bindStore(storage: Storage, transform: () => string): void; unbindStore(storage: Storage): void };
  asyncEnd: { subscribe(listener: (about: unknown) => void): void; unsubscribe: Channels["asyncEnd"]["subscribe"] };
};
type WithChannels = { process?: { getBuiltinModule?(name: string): unknown } };
type Builtins = {
  "node:diagnostics_channel": { tracingChannel(name: string): Channels };
  "node:async_hooks": { AsyncLocalStorage: new () => Storage };
};
const builtin = <Name extends keyof Builtins>(name: Name) =>
  (globalThis as WithChannels).process?.getBuiltinModule?.(name) as Builtins[Name] | undefined;

/** Binds the name of each path to its calls, as a tracer binds a span; nothing where there are no channels. */
export function bindPaths(): { current(): string | undefined; stop(): void } | undefined {
  const module = builtin("node:diagnostics_channel");
  const hooks = builtin("node:async_hooks");
  if (!module || !hooks) return undefined;
  const storage = new hooks.AsyncLocalStorage();
  const stops = ["submit", "wait"].map((path) => {
    const { start, asyncEnd } = module.tracingChannel(`vidtask:${path}`);
    const onEnd = () => {}; // Workers count a store alone as nobody who listens
    start.bindStore(storage, () => path);
    asyncEnd.subscribe(onEnd);
    return () => (asyncEnd.unsubscribe(onEnd), start.unbindStore(storage));
  });
  return { current: () => storage.getStore(), stop: () => stops.forEach((stop) => stop()) };
}

/** Listens until its result is called; nothing where there are no channels. */
export function onTraced(listener: (path: string, about: TraceContext) => unknown): (() => void) | undefined {
  const module = builtin("node:diagnostics_channel");
  if (!module) return undefined;
  const stops = ["submit", "wait"].map((path) => {
    const { asyncEnd } = module.tracingChannel(`vidtask:${path}`);
    const onEnd = (about: unknown) => void listener(path, about as TraceContext);
    asyncEnd.subscribe(onEnd);
    return () => asyncEnd.unsubscribe(onEnd);
  });
  return () => stops.forEach((stop) => stop());
}
