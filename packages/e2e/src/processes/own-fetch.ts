// Processes that have only Node in them, and those with a `fetch` of their own.
import { ANSWER, http, load, lostMetrics, overHttp, own, type Setup } from "./setup.ts";

export const plain: readonly Setup[] = [
  { name: "nothing else", way: "direct" },
  { name: "a metrics exporter whose collector is gone", way: "direct", prepare: lostMetrics },
  {
    name: "http.request wrapped by a tracer",
    way: "direct",
    prepare() {
      const { request } = http;
      http.request = ((...args: Parameters<typeof request>) => request(...args)) as typeof request;
    },
  },
  {
    name: "stacks of errors changed",
    way: "direct",
    args: ["--stack-trace-limit=0", "--enable-source-maps"],
    prepare() {
      Error.prepareStackTrace = () => "node:internal/deps/undici/undici";
    },
  },
  { name: "frozen intrinsics", way: "direct", args: ["--frozen-intrinsics"] },
];

export const stopped: readonly Setup[] = [
  { name: "stopped past the time-out, while it connects", way: "direct", stopMs: 4_500 },
  { name: "stopped past its time to start, while it connects", way: "direct", stopMs: 11_000, isLong: true },
].map((setup) => ({ ...setup, outcomes: ["accepted"] }) as Setup);

export const replaced: readonly Setup[] = [
  {
    name: "fetch replaced: it logs by fetch",
    way: "global",
    prepare({ logUrl }) {
      globalThis.fetch = (...given) => {
        void own(logUrl).catch(() => {});
        return own(...given);
      };
    },
  },
  {
    name: "fetch replaced: it waits for a log that is lost",
    way: "global",
    isCutOff: true,
    outcomes: ["closed", "reset"],
    prepare({ closedUrl }) {
      globalThis.fetch = async (...given) => {
        const response = await own(...given);
        await own(closedUrl);
        return response;
      };
    },
  },
  {
    name: "fetch replaced: node:http, beside lost metrics",
    way: "global",
    prepare(given) {
      lostMetrics(given);
      globalThis.fetch = overHttp;
    },
  },
  {
    name: "fetch stubbed",
    way: "mock",
    prepare() {
      globalThis.fetch = async () => Response.json(ANSWER);
    },
  },
];

export const custom: readonly Setup[] = [
  {
    name: "`fetch`: a wrapper",
    way: "custom",
    prepare:
      () =>
      (...given) =>
        fetch(...given),
  },
  {
    name: "`fetch`: it gets a token first",
    way: "custom",
    prepare:
      ({ logUrl }) =>
      async (...given) => {
        await fetch(logUrl);
        return fetch(...given);
      },
  },
  {
    name: "`fetch`: node:http, beside lost metrics",
    way: "custom",
    prepare(given) {
      lostMetrics(given);
      return overHttp;
    },
  },
  {
    name: "`fetch`: it waits for a log that is lost",
    way: "foreign",
    isCutOff: true,
    outcomes: ["closed", "reset"],
    prepare:
      ({ closedUrl }) =>
      async (...given) => {
        const response = await fetch(...given).catch(() => undefined);
        await fetch(closedUrl);
        return response ?? Response.error();
      },
  },
  ...[2, 3].map((version): Setup => ({
    name: `\`fetch\`: node-fetch ${version}`,
    way: "foreign",
    isLong: true,
    prepare: async (given) =>
      (await load<{ default: typeof fetch }>(given, `node-fetch-${version}/${version === 2 ? "lib" : "src"}/index.js`))
        .default,
  })),
];
