// On Node, what the HTTP client really did with one request: its diagnostics channels tell when it was made and when
// its headers were written. That proves "never left" where the error alone cannot (a time-out while connecting, a reset
// in the TLS handshake), and shows a request that was written twice (undici re-sends after a 421).

/** How many requests were made and how many times headers were written while a piece of work ran. */
export type SendTrace = { created: number; sent: number };

type Message = { request?: object };
type Channel = { subscribe(listener: (message: Message) => void): void };
type Builtins = {
  "node:diagnostics_channel": { channel(name: string): Channel };
  "node:async_hooks": { AsyncLocalStorage: new () => Storage };
};
type Storage = { run<T>(store: SendTrace, work: () => T): T; getStore(): SendTrace | undefined };

/** Runs a piece of work and counts beside it; both stay 0 where nothing can be seen (another runtime, a mock). */
export function traced<T>(work: () => T): { result: T; trace: SendTrace } {
  const trace: SendTrace = { created: 0, sent: 0 };
  if (storage === undefined) storage = open() ?? null;
  return { result: storage ? storage.run(trace, work) : work(), trace };
}

/** Opened at the first paid request and kept: null where there are no channels. */
let storage: Storage | null | undefined;

function open(): Storage | undefined {
  const { process } = globalThis as {
    process?: { versions?: { bun?: string }; getBuiltinModule?<K extends keyof Builtins>(name: K): Builtins[K] };
  };
  try {
    const channels = process?.getBuiltinModule?.("node:diagnostics_channel");
    const hooks = process?.getBuiltinModule?.("node:async_hooks");
    if (!channels || !hooks) return undefined;
    const opened = new hooks.AsyncLocalStorage();
    const owners = new WeakMap<object, SendTrace>();
    channels.channel("undici:request:create").subscribe(({ request }) => {
      const trace = opened.getStore();
      if (!trace || !request) return;
      trace.created++;
      owners.set(request, trace);
    });
    channels.channel("undici:client:sendHeaders").subscribe(({ request }) => {
      const trace = request && owners.get(request);
      if (trace) trace.sent++;
    });
    return opened;
  } catch {
    return undefined; // a runtime that has the modules by name only
  }
}
