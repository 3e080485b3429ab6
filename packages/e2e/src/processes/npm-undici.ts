// Processes with undici from npm in them.
import { ANSWER, type Given, type Setup, type Way } from "./setup.ts";

type Dispatcher = { compose(...interceptors: unknown[]): Dispatcher };
type Intercept = { intercept(request: object): { reply(status: number, body: object): { persist(): void } } };
type MockAgent = Dispatcher & { get(origin: RegExp): Intercept; disableNetConnect(): void };
type Undici = {
  fetch: typeof fetch;
  setGlobalDispatcher(dispatcher: Dispatcher): void;
  Agent: new (options?: object) => Dispatcher;
  ProxyAgent: new (uri: string) => Dispatcher;
  EnvHttpProxyAgent: new () => Dispatcher;
  MockAgent: new () => MockAgent;
  interceptors: { retry(options: object): unknown };
};
const undici = async (version: number): Promise<Undici> => {
  const loads = [() => import("undici-6"), () => import("undici-7"), () => import("undici-8")];
  return (await loads[version - 6]?.()) as unknown as Undici;
};

/** Node 26 reads another slot than undici 6 writes. */
const unlessPassedBy = (version: number, way: Way) => (node: number) => (version === 6 && node >= 26 ? "direct" : way);

export const npmUndici = [6, 7, 8].flatMap((version): Setup[] => {
  const set = (make: (library: Undici, given: Given) => Dispatcher) => async (given: Given) => {
    const library = await undici(version);
    library.setGlobalDispatcher(make(library, given));
  };
  // Of 6 and 8 each takes no request as the other makes it.
  const isStrange = (node: number) => (version === 8 && node < 26) || (version === 6 && node >= 26);
  const setups: Setup[] = [
    {
      name: `undici ${version} imported`,
      way: unlessPassedBy(version, "global"),
      prepare: async () => void (await undici(version)),
    },
    {
      name: `undici ${version}: Agent set`,
      way: unlessPassedBy(version, "global"),
      prepare: set(({ Agent }) => new Agent()),
    },
    {
      name: `undici ${version}: with its retries`,
      way: unlessPassedBy(version, "retry"),
      prepare: set(({ Agent, interceptors }) =>
        new Agent().compose(interceptors.retry({ methods: ["POST"], minTimeout: 5, maxTimeout: 5, maxRetries: 2 })),
      ),
    },
    {
      name: `undici ${version}: MockAgent`,
      way: unlessPassedBy(version, "mock"),
      prepare: set(({ MockAgent }) => {
        const agent = new MockAgent();
        agent.disableNetConnect();
        const vendors = agent.get(/./);
        for (const method of ["GET", "POST"]) vendors.intercept({ path: /./, method }).reply(200, ANSWER).persist();
        return agent;
      }),
    },
    { name: `\`fetch\`: undici ${version}'s`, way: "custom", prepare: async () => (await undici(version)).fetch },
    {
      name: `\`fetch\`: with an Agent of undici ${version}`,
      way: (node) => (isStrange(node) ? "refusing" : "custom"),
      async prepare() {
        const dispatcher = new (await undici(version)).Agent();
        return (url, init) => fetch(url, { ...init, dispatcher } as RequestInit);
      },
    },
  ];
  const behind: Setup[] = [
    {
      name: `undici ${version}: ProxyAgent`,
      saves: true,
      way: "global",
      proxy: "works",
      prepare: set(({ ProxyAgent }, { proxyUrl }) => new ProxyAgent(proxyUrl)),
    },
    {
      name: `undici ${version}: EnvHttpProxyAgent`,
      saves: true,
      way: "global",
      proxy: "works",
      env: ({ proxyUrl }) => ({ HTTPS_PROXY: proxyUrl }),
      prepare: set(({ EnvHttpProxyAgent }) => new EnvHttpProxyAgent()),
    },
    {
      name: `undici ${version}: Agent with a CA and a lookup`,
      way: "global",
      saves: true,
      env: () => ({ NODE_EXTRA_CA_CERTS: "" }),
      prepare: set(({ Agent }, { ca }) => new Agent({ connect: { ca, lookup } })),
    },
    {
      name: `undici ${version}: Agent with a lookup`,
      way: "global",
      host: "vendor.test",
      saves: true,
      prepare: set(({ Agent }) => new Agent({ connect: { lookup } })),
    },
  ];
  // Node 26 passes by what undici 6 sets, and so there is no such way.
  const only: Partial<Setup> = {
    tls: true,
    outcomes: ["accepted", "refused", "reset"],
    ...(version === 6 ? { runsOn: (node: number) => node < 26 } : {}),
  };
  return [...setups, ...behind.map((setup) => ({ ...setup, ...only }))];
});

export const nodeAgents: readonly Setup[] = [
  {
    name: "Node's own Agent with a lookup",
    way: "global",
    tls: true,
    host: "vendor.test",
    saves: true,
    outcomes: ["accepted", "refused", "reset"],
    async prepare() {
      await fetch("data:,");
      const slots = [1, 2].map((slot) => Symbol.for(`undici.globalDispatcher.${slot}`));
      const own = slots.map((slot) => Reflect.get(globalThis, slot) as object | undefined).findLast(Boolean);
      const Agent = own?.constructor as Undici["Agent"];
      for (const slot of slots)
        if (Reflect.get(globalThis, slot)?.constructor === Agent)
          Reflect.set(globalThis, slot, new Agent({ connect: { lookup } }));
    },
  },
];

type Found = (error: null, address: unknown, family?: number) => void;
function lookup(_name: string, { all }: { all?: boolean }, found: Found): void {
  if (all) found(null, [{ address: "127.0.0.1", family: 4 }]);
  else found(null, "127.0.0.1", 4);
}
