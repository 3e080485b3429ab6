// When the paid POST may pass `fetch` by: a program that has put anything in its way must still be asked.
import http from "node:http";
import https from "node:https";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { isSameWay, nodeTransport } from "./node-transport.ts";

const url = new URL("https://api.acme.test/v1");
const isDirect = (send: typeof fetch = fetch): boolean => nodeTransport(send, url) !== undefined;
afterEach(() => void vi.unstubAllGlobals());

test("Node's own fetch, before and after its first use", async () => {
  expect(isDirect()).toBe(true);
  await fetch("data:,");
  expect(isDirect()).toBe(true);
});

describe("a fetch that is not Node's own", () => {
  const own = fetch;
  test.each<[what: string, send: typeof fetch]>([
    ["a mock", vi.fn<typeof fetch>()],
    ["a wrapper", (input, init) => own(input, init)],
    ["one that is bound", own.bind(globalThis)],
    ["a Proxy", new Proxy(own, {})],
  ])("%s", (_, send) => {
    expect(isDirect(send)).toBe(false);
  });

  test("a spy counts no call", () => {
    const spy = vi.spyOn(globalThis, "fetch");
    onTestFinished(() => spy.mockRestore());
    expect(isDirect()).toBe(false);
    expect(spy).not.toHaveBeenCalled();
  });
});

test.each(["Bun", "Deno"])("%s, which has the modules of Node by name", (name) => {
  vi.stubGlobal(name, {});
  expect(isDirect()).toBe(false);
});

test.each([
  ["Bun", { bun: "1.4.5" }],
  ["Deno", { deno: "2.9.6" }],
  ["a Worker", { v8: "" }],
])("%s, by its versions", (_, versions) => {
  vi.stubGlobal("process", { ...process, versions: { ...process.versions, ...versions } });
  expect(isDirect()).toBe(false);
});

test.each([
  ["http.request", http, "request"],
  ["https.request", https, "request"],
  ["http.ClientRequest", http, "ClientRequest"],
] as const)("a mock of %s", (_, module: object, name) => {
  const real: unknown = Reflect.get(module, name);
  Reflect.set(module, name, new Proxy(real as object, {}));
  onTestFinished(() => void Reflect.set(module, name, real));
  expect(isDirect()).toBe(false);
});

const SLOTS = [1, 2].map((version) => Symbol.for(`undici.globalDispatcher.${version}`));
type Class = new (options?: object) => { dispatch(options: object, handler: object): boolean };

describe("the global dispatcher", () => {
  let Agent: Class;
  beforeEach(async () => {
    await fetch("data:,");
    const saved = SLOTS.map((slot): [symbol, unknown] => [slot, Reflect.get(globalThis, slot)]);
    Agent = saved.map(([, dispatcher]) => dispatcher).findLast(Boolean)?.constructor as Class;
    onTestFinished(() => {
      for (const [slot, dispatcher] of saved) if (dispatcher) Reflect.set(globalThis, slot, dispatcher);
    });
  });
  const isDirectWith = (dispatcher: object, slots = SLOTS): boolean => {
    for (const slot of slots) if (Reflect.get(globalThis, slot)) Reflect.set(globalThis, slot, dispatcher);
    return isDirect();
  };

  test("is as Node makes it", () => {
    expect(isDirectWith(new Agent())).toBe(true);
  });

  test.each<[what: string, make: () => object]>([
    ["with a CA of the program's", () => new Agent({ connect: { ca: "…" } })],
    ["with a lookup", () => new Agent({ connect: { lookup: () => {} } })],
    ["with other pools", () => new Agent({ connections: 1 })],
    ["with a factory", () => new Agent({ factory: () => {} })],
    ["with a `dispatch` of its own", () => Object.assign(new Agent(), { dispatch: () => true })],
    ["inside of a Proxy", () => new Proxy(new Agent(), {})],
    ["of a class derived from Node's", () => new (class Agent2 extends Agent {})()],
    [
      "of one that has the same name",
      () => {
        const Derived = {
          Agent: class extends Agent {
            override dispatch = () => true;
          },
        };
        return new Derived.Agent();
      },
    ],
    [
      "of one that differs within only",
      () => {
        const within = Object.getOwnPropertySymbols(Agent.prototype).find(
          ({ description }) => description === "dispatch",
        );
        const Derived = { Agent: class extends Agent {} };
        Object.defineProperty(Derived.Agent.prototype, within!, { value: () => true });
        return new Derived.Agent();
      },
    ],
    [
      "of one that only looks so",
      () => {
        class DispatcherBase {
          dispatch() {
            return true;
          }
        }
        class Agent extends DispatcherBase {
          constructor({ connect }: { connect?: unknown } = {}) {
            super();
            Object.assign(this, { connect });
          }
        }
        return new Agent();
      },
    ],
    ["of a mock", () => new (class MockAgent extends Agent {})()],
    ["that is nothing of the kind", () => Object.create(null) as object],
  ])("%s is foreign", (_, make) => {
    expect(isDirectWith(make())).toBe(false);
  });

  test.each(SLOTS.map((slot) => [slot.description, slot] as const))("in the slot %s alone counts", (_, slot) => {
    if (!Reflect.get(globalThis, slot)) return;
    expect(isDirectWith(new Agent({ connect: { ca: "…" } }), [slot])).toBe(false);
  });

  test("whose class was patched is foreign", () => {
    const agent = new Agent();
    Object.assign(Agent.prototype, { dispatch: () => true });
    onTestFinished(() => void Reflect.deleteProperty(Agent.prototype, "dispatch"));
    expect(isDirectWith(agent)).toBe(false);
  });

  test("is told without a stack of errors, which a program may change", () => {
    const { stackTraceLimit, prepareStackTrace } = Error;
    Object.assign(Error, { stackTraceLimit: 0, prepareStackTrace: () => "node:internal/deps/undici/undici" });
    onTestFinished(() => void Object.assign(Error, { stackTraceLimit, prepareStackTrace }));
    class Fresh extends Agent {} // none that is known already
    expect([isDirectWith(new Fresh()), isDirectWith(new Agent())]).toEqual([false, true]);
  });
});

describe("with proxies from the environment", () => {
  type Set = (env: object) => () => void;
  const { setGlobalProxyFromEnv } = http as unknown as { setGlobalProxyFromEnv: Set };
  const proxy = "http://127.0.0.1:9";

  test("Node's agents know them", () => {
    onTestFinished(setGlobalProxyFromEnv({ HTTPS_PROXY: proxy }));
    expect(nodeTransport(fetch, url)?.proxyEnv).toEqual({ HTTPS_PROXY: proxy });
  });

  test("where they do not, as in Node 24.0, fetch does", () => {
    onTestFinished(setGlobalProxyFromEnv({ HTTPS_PROXY: proxy }));
    const { globalAgent } = https;
    https.globalAgent = new https.Agent();
    onTestFinished(() => void (https.globalAgent = globalAgent));
    expect(isDirect()).toBe(false);
  });

  test.each<[env: object, url: string, isSame: boolean]>([
    [{ HTTPS_PROXY: proxy }, "https://api.acme.test", true],
    [{ https_proxy: proxy, HTTP_PROXY: proxy }, "https://api.acme.test", true],
    [{ HTTPS_PROXY: "https://127.0.0.1:9" }, "https://api.acme.test", true],
    [{ HTTP_PROXY: proxy }, "http://api.acme.test", true],
    [{ HTTPS_PROXY: proxy }, "http://api.acme.test", true], // direct
    [{ HTTP_PROXY: proxy }, "https://api.acme.test", false], // `fetch` takes it for https, too
    [{ HTTPS_PROXY: "socks5://127.0.0.1:9" }, "https://api.acme.test", false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "*" }, "https://api.acme.test", true],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "localhost,.corp.test, *.lan" }, "https://api.acme.test", true],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "localhost, API.acme.test" }, "https://api.acme.test", true],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "api.acme.test:443" }, "https://api.acme.test", true],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "api.acme.test:8443" }, "https://api.acme.test", false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "acme.test" }, "https://api.acme.test", false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "other.test api.acme.test" }, "https://api.acme.test", false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "*,other.test" }, "https://api.acme.test", false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "10.0.0.1-10.0.0.9" }, "https://10.0.0.5", false],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "10.0.0.1-10.0.0.9" }, "https://api.acme.test", true],
    [{ HTTPS_PROXY: proxy, NO_PROXY: "localhost" }, "https://[::1]", false],
  ])("%o lead fetch and node:http the same way to %s: %s", (env, to, isSame) => {
    expect(isSameWay(env as NodeJS.ProcessEnv, new URL(to))).toBe(isSame);
  });
});
