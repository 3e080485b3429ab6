import { expect, test } from "vitest";
import { cpuMs } from "../test/turns.ts";
import { isAllowedHost, isOwnHost } from "./hosts.ts";
import { isPublicAddress } from "./public-hosts.ts";

const api = new URL("https://api.vendor.test/v1");
const allowed = (url: string, base = api) => isAllowedHost(new URL(url), base);

test.each([
  "https://cdn.vendor.test/v.mp4",
  "https://cdn.vendor.test:8443/v.mp4",
  "https://8.8.8.8/v.mp4",
  "https://[2606:4700::1111]/v.mp4",
  "https://[::ffff:8.8.8.8]/v.mp4",
  "https://[64:ff9b::8.8.8.8]/v.mp4",
  "https://localhost.example.com/v",
  "https://internal.example.com/v",
  "https://mylocal/v",
])("%s is public", (url) => expect(allowed(url)).toBe(true));

test.each([
  "http://cdn.vendor.test/v.mp4",
  "ftp://cdn.vendor.test/v.mp4",
  "https://user@cdn.vendor.test/v",
  "https://:pass@cdn.vendor.test/v",
  "https://localhost/v",
  "https://LOCALHOST./v",
  "https://a.localhost/v",
  "https://printer.local/v",
  "https://metadata.google.internal/v",
  "https://metadata.google.internal./v",
  "https://internal/v",
  "https://0.0.0.0/v",
  "https://10.1.2.3/v",
  "https://100.64.0.1/v",
  "https://127.0.0.1/v",
  "https://127.0.0.1./v",
  "https://127.1/v",
  "https://2130706433/v",
  "https://0x7f000001/v",
  "https://0177.0.0.1/v",
  "https://１２７.0.0.1/v",
  "https://169.254.169.254/latest/meta-data",
  "https://172.31.255.255/v",
  "https://192.0.0.8/v",
  "https://192.168.0.1/v",
  "https://198.18.0.1/v",
  "https://203.0.113.9/v",
  "https://224.0.0.1/v",
  "https://255.255.255.255/v",
  "https://[::]/v",
  "https://[::1]/v",
  "https://[::127.0.0.1]/v",
  "https://[::ffff:127.0.0.1]/v",
  "https://[::ffff:a00:1]/v",
  "https://[0:0:0:0:0:ffff:10.0.0.1]/v",
  "https://[64:ff9b::10.0.0.1]/v",
  "https://[64:ff9b:1::8.8.8.8]/v",
  "https://[fe80::1]/v",
  "https://[fc00::1]/v",
  "https://[fd12:3456::1]/v",
  "https://[ff02::1]/v",
  "https://[2001:db8::1]/v",
  "https://[2001::1]/v",
  "https://[2002:7f00:1::]/v",
  "https://[3fff::1]/v",
])("%s is not", (url) => expect(allowed(url)).toBe(false));

test.each<[url: string, base: string, isAllowed: boolean]>([
  ["http://127.0.0.1:4000/v.mp4", "http://127.0.0.1:4000/v1", true],
  ["http://emulator:4000/v.mp4", "http://emulator.:4000", true],
  ["http://127.0.0.1:4001/v.mp4", "http://127.0.0.1:4000", false],
  ["http://127.0.0.2:4000/v.mp4", "http://127.0.0.1:4000", false],
  ["http://localhost:4000/v.mp4", "http://127.0.0.1:4000", false],
  ["http://user@127.0.0.1:4000/v.mp4", "http://127.0.0.1:4000", false],
  ["http://api.vendor.test/v.mp4", "https://api.vendor.test", false],
  ["http://10.0.0.1/v.mp4", "http://10.0.0.1:80", true],
  ["https://10.0.0.1/v.mp4", "http://10.0.0.1", false],
  ["https://cdn.vendor.test/v.mp4", "http://127.0.0.1:4000", true],
])("%s with the base URL %s: %s", (url, base, isAllowed) => expect(allowed(url, new URL(base))).toBe(isAllowed));

test("the host of the base URL is told by scheme, name and port", () => {
  expect(isOwnHost(new URL("https://API.vendor.test.:443/x"), api)).toBe(true);
  expect(isOwnHost(new URL("https://api.vendor.test:444/x"), api)).toBe(false);
});

test.each<[string, boolean]>([
  ["8.8.8.8", true],
  ["172.15.0.1", true],
  ["100.128.0.1", true],
  ["10.0.0.1", false],
  ["999.1.1.1", false],
  ["fe80::1%eth0", false],
  ["::ffff:192.168.1.1", false],
  ["2a00:1450:4001::200e", true],
  ["", false],
  ["nonsense", false],
])("the address %s that a name leads to is public: %s", (address, isPublic) =>
  expect(isPublicAddress(address)).toBe(isPublic),
);

test("a host name that is longer than any is refused, in no time", () => {
  const dots = new URL(`https://${".".repeat(2 ** 20)}a/v.mp4`);
  const cost = cpuMs(() => expect(isAllowedHost(dots, new URL("https://api.acme.test"))).toBe(false));
  expect(cost).toBeLessThan(500);
});
