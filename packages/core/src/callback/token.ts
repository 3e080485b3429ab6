// The token of a callback URL: which submit a callback is about, under an HMAC. It is a nudge and no proof: a reader of
// a vendor's log can make the receiver ask the vendor a bounded number of times, and nothing else.

/** What a token says. */
export type Ticket = {
  vendor: string;
  model: string;
  key: string;
  /** The kind of task, where the vendor asks for tasks by kind. */
  variant?: string;
  /** Which POST of the key it was sent with. */
  attempt: number;
  /** Wall time in ms. */
  expiresAt: number;
};

/** From the first POST to the last redelivery of every vendor, with a day to spare. */
export const TICKET_LIFE = 48 * 3_600_000;

/** The version. These bytes begin every token with `vtc1`, by which it is found and removed from texts. */
const VERSION = [0xbe, 0xd7, 0x35];
const ID_BYTES = 4;
const MAC_BYTES = 16;
const HEAD_BYTES = VERSION.length + ID_BYTES;
/** A key of 64 and a model of 128 characters fit three times over. */
const MAX_TOKEN = 2_048;
const PURPOSE = "vidtask-callback-v1";

type Bytes = Uint8Array<ArrayBuffer>;
const encoder = new TextEncoder();
const utf8 = (text: string): Bytes => encoder.encode(text);

/** A secret ready for use. Its id tells, after a rotation, which one signed. */
export type Signer = { id: Bytes; key: CryptoKey };

export async function signerOf(secret: string): Promise<Signer> {
  const key = await crypto.subtle.importKey("raw", utf8(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return { key, id: (await hmac(key, utf8("vidtask-callback-id"))).slice(0, ID_BYTES) };
}

/** One path segment. */
export async function signTicket({ id, key }: Signer, ticket: Ticket): Promise<string> {
  const { vendor, model, key: name, expiresAt, attempt, variant } = ticket;
  const said = [vendor, model, name, Math.floor(expiresAt / 1000), attempt];
  const fields = utf8(JSON.stringify(variant === undefined ? said : [...said, variant]));
  const content = concat(Uint8Array.from(VERSION), id, fields);
  return toBase64Url(concat(content, await macOf(key, content)));
}

/** The ticket of a token that one of the secrets signed and that has not expired; nothing for anything else. */
export async function readTicket(signers: readonly Signer[], token: string, now: number): Promise<Ticket | undefined> {
  const bytes = token.length <= MAX_TOKEN ? fromBase64Url(token) : undefined;
  if (!bytes || bytes.length < HEAD_BYTES + MAC_BYTES || VERSION.some((byte, index) => bytes[index] !== byte))
    return undefined;
  const content = bytes.slice(0, -MAC_BYTES);
  const given = bytes.slice(-MAC_BYTES);
  for (const { id, key } of signers) {
    if (id.some((byte, index) => content[VERSION.length + index] !== byte)) continue;
    if (isSame(await macOf(key, content), given)) return ticketIn(content, now);
  }
  return undefined;
}

function ticketIn(content: Bytes, now: number): Ticket | undefined {
  const fields = JSON.parse(new TextDecoder().decode(content.slice(HEAD_BYTES))) as [
    string,
    string,
    string,
    number,
    number,
    string?,
  ];
  const [vendor, model, key, seconds, attempt, variant] = fields;
  const expiresAt = seconds * 1000;
  const ticket = { vendor, model, key, attempt, expiresAt, ...(variant === undefined ? {} : { variant }) };
  return expiresAt > now ? ticket : undefined;
}

const hmac = async (key: CryptoKey, bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));

const macOf = async (key: CryptoKey, content: Bytes): Promise<Bytes> =>
  (await hmac(key, concat(utf8(PURPOSE), content))).slice(0, MAC_BYTES);

/** Looks at every byte, whatever the first ones are: the time it takes says nothing of them. */
const isSame = (expected: Bytes, given: Bytes): boolean =>
  expected.length === given.length && expected.reduce((bits, byte, at) => bits | (byte ^ (given[at] ?? 0)), 0) === 0;

function concat(...parts: readonly Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const toBase64Url = (bytes: Bytes): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** The bytes of a text that is exactly what `toBase64Url` writes: bits left over at the end must be zero. */
function fromBase64Url(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  return toBase64Url(bytes) === text ? bytes : undefined;
}
