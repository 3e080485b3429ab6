// Processes that are told of proxies and authorities by their environment.
import type { ProxyDeed } from "./proxy.ts";
import { cutOff, http, NOT_SENT, type Setup } from "./setup.ts";

const deeds = ["works", "403", "407", "502", "reset", "hangs", "absent"] as const;

/** Of plain http, a proxy's answer is an answer. */
const plainAnswers = {
  "403": { ending: "VendorError no", posts: 0 },
  "407": NOT_SENT,
  "502": { ending: "SubmitUnknownError unknown", posts: 0 },
  reset: { ending: "SubmitUnknownError unknown", posts: 0 },
  hangs: { ending: "SubmitUnknownError unknown", posts: 0 },
  absent: NOT_SENT,
} as const;

export const proxies: readonly Setup[] = [
  ...deeds.map((proxy): Setup => ({
    name: `NODE_USE_ENV_PROXY, https: the proxy ${saying(proxy)}`,
    way: "direct",
    tls: true,
    proxy,
    ...(proxy === "works" ? { saves: true, outcomes: ["accepted", "refused", "reset", "closed"] } : cutOff(NOT_SENT)),
    env: ({ proxyUrl }) => ({ NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: proxyUrl }),
  })),
  ...deeds.map((proxy): Setup => ({
    name: `NODE_USE_ENV_PROXY, http: the proxy ${saying(proxy)}`,
    way: "direct",
    proxy,
    ...(proxy === "works" ? { outcomes: ["accepted", "refused", "421"] } : cutOff(plainAnswers[proxy])),
    env: ({ proxyUrl }) => ({ NODE_USE_ENV_PROXY: "1", HTTP_PROXY: proxyUrl }),
  })),
  {
    name: "NODE_USE_ENV_PROXY, https: a proxy for http alone",
    way: "global",
    tls: true,
    proxy: "works",
    outcomes: ["accepted", "refused", "reset"],
    env: ({ proxyUrl }) => ({ NODE_USE_ENV_PROXY: "1", HTTP_PROXY: proxyUrl }),
  },
  {
    name: "NODE_USE_ENV_PROXY, https: but not for the vendor",
    way: "direct",
    tls: true,
    proxy: "403",
    outcomes: ["accepted", "reset"],
    env: ({ proxyUrl }) => ({ NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: proxyUrl, NO_PROXY: "other.test, 127.0.0.1" }),
  },
  ...[true, undefined].map((tls): Setup => ({
    name: `NODE_USE_ENV_PROXY, ${tls ? "https" : "http"}: a proxy behind TLS`,
    way: "direct",
    ...(tls ? { tls } : {}),
    proxy: "works",
    tlsProxy: true,
    outcomes: ["accepted", "refused"],
    env: ({ proxyUrl }) => ({ NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl }),
  })),
  {
    name: "NODE_USE_ENV_PROXY in a worker thread",
    way: "direct",
    tls: true,
    proxy: "works",
    inWorker: true,
    outcomes: ["accepted"],
    env: ({ proxyUrl }) => ({ NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: proxyUrl }),
  },
  {
    name: "http.setGlobalProxyFromEnv",
    way: "direct",
    tls: true,
    proxy: "works",
    saves: true,
    outcomes: ["accepted", "refused", "reset"],
    runsOn: (node) => node >= 24,
    prepare({ proxyUrl }) {
      const { setGlobalProxyFromEnv } = http as unknown as { setGlobalProxyFromEnv(env: object): void };
      setGlobalProxyFromEnv({ HTTPS_PROXY: proxyUrl });
    },
  },
];

function saying(proxy: ProxyDeed): string {
  if (proxy === "reset") return "resets";
  if (proxy === "absent") return "is not there";
  return /^\d/.test(proxy) ? `answers ${proxy}` : proxy;
}

export const CA: readonly Setup[] = [
  { name: "NODE_EXTRA_CA_CERTS", way: "direct", tls: true },
  {
    name: "a certificate that is not trusted",
    way: "direct",
    tls: true,
    env: () => ({ NODE_EXTRA_CA_CERTS: "" }),
    ...cutOff(NOT_SENT),
  },
];
