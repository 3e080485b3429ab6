// Which hosts the public internet finds.

/** True for a host that is not of this machine or a private network, by its name or address. */
export function isPublicHost(hostname: string): boolean {
  const name = hostname.replace(/\.+$/, "").toLowerCase();
  if (name.startsWith("[")) return isPublicAddress(name.slice(1, -1));
  // A URL has every form of an IPv4 address (decimal, octal, short, wide digits) as four decimal numbers.
  if (/^[\d.]+$/.test(name)) return isPublicAddress(name);
  return name !== "" && !/(^|\.)(localhost|local|internal)$/.test(name);
}

// Reserved, or never given out: RFC 6761, 6762, 8375 and 9476, and the names that networks use by themselves.
const PRIVATE_NAME = /\.(localhost|local|localdomain|internal|intranet|private|corp|home|lan|home\.arpa)$/;

/** True for a host that a stranger can find by its name: one of a network's own names, or without a dot, leads nowhere. */
export function isReachableHost(hostname: string): boolean {
  const name = hostname.replace(/\.+$/, "").toLowerCase();
  return isPublicHost(name) && (name.startsWith("[") || (name.includes(".") && !PRIVATE_NAME.test(name)));
}

/**
 * True for an IP address, as text, that the public internet routes. What cannot be read is not. `isResolved`: what a public
 * name leads to. Resolvers of proxies make up addresses for names (fake-ip), out of a range that nothing else uses: the
 * proxy knows the name behind each, and connects to that.
 */
export function isPublicAddress(address: string, isResolved = false): boolean {
  const special = isResolved ? WITHOUT_MADE_UP : SPECIAL;
  if (/^\d+(\.\d+){3}$/.test(address)) return isPublicV4(address.split(".").map(Number), special);
  // A URL has only one way to write an IPv6 address; a zone (`%eth0`) is link-local anyway.
  if (!URL.canParse(`http://[${address}]`)) return false;
  const groups = groupsOf(new URL(`http://[${address}]`).hostname.slice(1, -1));
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0, seventh = 0, eighth = 0] = groups;
  const embedded = [seventh >> 8, seventh & 255, eighth >> 8, eighth & 255];
  const isNarrow = third + fourth + fifth === 0;
  if (isNarrow && first + second === 0 && sixth === 0xffff) return isPublicV4(embedded, special); // v4-mapped
  if (isNarrow && first === 0x64 && second === 0xff9b && sixth === 0) return isPublicV4(embedded, special); // NAT64
  if (first >> 13 !== 1) return false; // 2000::/3 is all that is routed
  if (first === 0x2001) return second >= 0x200 && second !== 0xdb8; // Teredo, ORCHID, benchmarks; documentation
  return first !== 0x2002 && !(first === 0x3fff && second < 0x1000); // 6to4 can carry any IPv4; documentation
}

function groupsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const parts = (text: string | undefined) => (text ? text.split(":") : []);
  const zeros = tail === undefined ? 0 : 8 - parts(head).length - parts(tail).length;
  return [...parts(head), ...Array<string>(zeros).fill("0"), ...parts(tail)].map((part) => Number.parseInt(part, 16));
}

/** IANA's registry of special-purpose addresses, and multicast. */
const SPECIAL: readonly string[] =
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3".split(
    " ",
  );

const WITHOUT_MADE_UP = SPECIAL.filter((block) => block !== "198.18.0.0/15");

function isPublicV4(bytes: readonly number[], special: readonly string[]): boolean {
  if (bytes.some((byte) => byte > 255)) return false;
  const number = numberOf(bytes);
  return !special.some((block) => {
    const [start = "", bits] = block.split("/");
    const size = 2 ** (32 - Number(bits));
    return Math.floor(number / size) === numberOf(start.split(".").map(Number)) / size;
  });
}

const numberOf = (bytes: readonly number[]): number => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
