// When the paid POST may leave by `node:http`: where that goes the same way as Node's own `fetch` would, past nothing
// that a program has put there. Else a mock would be passed by and real money paid, or a proxy or a CA be lost.
import { globalDispatcher } from "./node-dispatcher.ts";
import type { NodeModules, ProxyEnv } from "./node-http.ts";

export type NodeTransport = { node: NodeModules; proxyEnv: ProxyEnv | undefined };

type Builtins = { [name in keyof NodeModules as `node:${name}`]: NodeModules[name] };
type Agent = { options?: { proxyEnv?: ProxyEnv } };
type Globals = {
  Bun?: unknown;
  Deno?: unknown;
  process?: {
    versions?: { node?: string; v8?: string; bun?: string; deno?: string };
    getBuiltinModule?<K extends keyof Builtins>(name: K): Builtins[K];
  };
};

/** Other runtimes name a version of Node, too; a Worker has none of V8. */
export function isNode(): boolean {
  const { Bun, Deno, process } = globalThis as Globals;
  const { node, v8, bun, deno } = process?.versions ?? {};
  return Boolean(node && v8) && !(Bun || Deno || bun || deno);
}

/** Looks only at its text: a mock counts no call. */
export const isOwnFetch = (send: typeof fetch): boolean =>
  isNode() && Function.prototype.toString.call(send).includes("internal/deps/undici/undici");

export function nodeTransport(send: typeof fetch, url: URL): NodeTransport | undefined {
  if (!isOwnFetch(send)) return undefined;
  try {
    const node = nodeModules();
    if (!node) return undefined;
    const { http, https, util } = node;
    // Mocks of `node:http` make a connection only when the whole request is there.
    if ([http.request, https.request, http.ClientRequest].some(util.types.isProxy)) return undefined;
    switch (globalDispatcher(util).kind) {
      case "none":
      case "agent":
        return { node, proxyEnv: undefined };
      case "proxy": {
        // Without it this is a Node whose agents know no proxies (24.0 to 24.4), or only those for the other scheme.
        const { options } = (url.protocol === "https:" ? https : http).globalAgent as Agent;
        const proxyEnv = options?.proxyEnv;
        return proxyEnv && isSameWay(proxyEnv, url) ? { node, proxyEnv } : undefined;
      }
      default:
        return undefined;
    }
  } catch {
    return undefined; // a Node built without TLS, say
  }
}

export function nodeModules(): NodeModules | undefined {
  const { process } = globalThis as Globals;
  if (!process?.getBuiltinModule) return undefined;
  return {
    buffer: process.getBuiltinModule("node:buffer"),
    http: process.getBuiltinModule("node:http"),
    https: process.getBuiltinModule("node:https"),
    util: process.getBuiltinModule("node:util"),
    zlib: process.getBuiltinModule("node:zlib"),
  };
}

/** `fetch` and `node:http` read the variables for proxies with small differences; where they may matter, `fetch` decides. */
export function isSameWay(env: ProxyEnv, { protocol, hostname, port }: URL): boolean {
  const forHttp = env["http_proxy"] || env["HTTP_PROXY"];
  const proxy = protocol === "https:" ? env["https_proxy"] || env["HTTPS_PROXY"] : forHttp;
  if (!proxy) return !forHttp; // of https addresses, too, `fetch` then asks the proxy for http
  if (!/^https?:\/\//.test(proxy)) return false;
  const except = (env["no_proxy"] || env["NO_PROXY"] || "").toLowerCase();
  if (except === "" || except === "*") return true;
  if (hostname.startsWith("[")) return false;
  const isExact = (entry: string) =>
    entry === hostname || entry === `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  const mayConcern = (entry: string) => {
    const name = entry.replace(/:\d+$/, "").replace(/^[*.]+/, "");
    return (
      name === "" ||
      hostname === name ||
      hostname.endsWith(`.${name}`) ||
      (name.includes("-") && /^[\d.]+$/.test(hostname))
    );
  };
  return except.split(",").some((entry) => isExact(entry.trim())) || !except.split(/[,\s]+/).some(mayConcern);
}
