// What a host name in a URL says about where it is.
import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

const notPublic = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["224.0.0.0", 3],
] as const) {
  notPublic.addSubnet(net, prefix, "ipv4");
}
for (const [net, prefix] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  notPublic.addSubnet(net, prefix, "ipv6");

/** Addresses and ranges (`"10.0.0.0/8"`) as a list; `undefined` when an entry is neither. */
export function addressList(entries: readonly string[]): BlockList | undefined {
  const list = new BlockList();
  for (const entry of entries) {
    const [, address = "", prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const version = isIP(address);
    const bits = version === 4 ? 32 : 128;
    if (version === 0 || Number(prefix ?? 0) > bits) return undefined;
    list.addSubnet(address, Number(prefix ?? bits), version === 4 ? "ipv4" : "ipv6");
  }
  return list;
}

/** `url.hostname` without brackets and trailing dot. */
const bare = (host: string) =>
  host
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();

export const listed = (list: BlockList, host: string): boolean => {
  const version = isIP(host);
  return version !== 0 && list.check(host, version === 4 ? "ipv4" : "ipv6");
};

export function isLoopback(hostname: string): boolean {
  const host = bare(hostname);
  return host === "localhost" || host.endsWith(".localhost") || listed(loopback, host);
}

/** By its text alone: nothing is looked up. */
export function isPublic(hostname: string): boolean {
  const host = bare(hostname);
  if (isIP(host)) return !listed(notPublic, host);
  return host.includes(".") && !/\.(localhost|local|internal)$/.test(host);
}

/** Names by which a container reaches the machine that it runs on. */
const FROM_CONTAINERS = new Set(["host.docker.internal", "host.containers.internal"]);

/** The one that was seen to be one last: nearly all requests come to the same. */
let own = "";

/** @param host as in the header: with a port. */
export function isOwnName(host: string): boolean {
  if (host === own) return true;
  const url = URL.parse(`http://${host}`);
  const isOwn = url !== null && (isLoopback(url.hostname) || FROM_CONTAINERS.has(url.hostname));
  if (isOwn) own = host;
  return isOwn;
}
