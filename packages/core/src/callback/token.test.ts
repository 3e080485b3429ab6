import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anyCharacter } from "../test/any-character.ts";
import { readTicket, signerOf, signTicket, TICKET_LIFE, type Ticket } from "./token.ts";

fc.configureGlobal({ seed: 4 });

const SECRET = "0123456789abcdef0123456789abcdef";
const NEW = "a newer secret of more than 32 bytes";
const now = Date.UTC(2026, 0, 1);
const ticket: Ticket = {
  vendor: "acme",
  model: "acme-1",
  key: "row-1",
  attempt: 2,
  expiresAt: now + TICKET_LIFE,
};
const [signer, newer] = await Promise.all([signerOf(SECRET), signerOf(NEW)]);

test("what is signed is read again, whatever is in it", async () => {
  const text = fc.oneof(fc.string({ unit: anyCharacter, maxLength: 64 }), fc.string({ maxLength: 64 }));
  await fc.assert(
    fc.asyncProperty(text, text, fc.string(), fc.nat(), async (key, model, vendor, attempt) => {
      const given = { ...ticket, key, model, vendor, attempt };
      const token = await signTicket(signer, given);
      expect(token).toMatch(/^vtc1[A-Za-z0-9_-]+$/);
      expect(await readTicket([signer], token, now)).toEqual(given);
    }),
  );
});

test("a token that another version signed is read: a new one is deployed while tasks run", async () => {
  const signed = "vtc14cx2FVsiYWNtZSIsImFjbWUtMSIsInJvdy0xIiwxNzY3Mzk4NDAwLDJdklq_kulTVGjz4AF6Q9JMlA";
  expect(await readTicket([signer], signed, now)).toEqual(ticket);
});

test("the longest key a submit takes fits, of whatever characters", async () => {
  for (const unit of ["a", "😀", "€", "\ud800", "\u0000", '"', "\\"]) {
    const given = { ...ticket, key: unit.repeat(64 / unit.length), model: "m".repeat(128) };
    expect(await readTicket([signer], await signTicket(signer, given), now)).toEqual(given);
  }
});

test("no token with one byte or one character changed is read", async () => {
  const token = await signTicket(signer, ticket);
  const bytes = Buffer.from(token, "base64url");
  for (let at = 0; at < bytes.length; at++)
    for (const flip of [1, 0x80, 0xff]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ flip;
      expect(await readTicket([signer], changed.toString("base64url"), now)).toBeUndefined();
    }
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=% .";
  for (let at = 0; at < token.length; at++)
    for (const letter of letters)
      if (letter !== token[at])
        expect(await readTicket([signer], token.slice(0, at) + letter + token.slice(at + 1), now)).toBeUndefined();
}, 30_000);

test("no token that is cut, longer, padded or made up is read, and none makes an error", async () => {
  const token = await signTicket(signer, ticket);
  for (let length = 0; length < token.length; length++)
    expect(await readTicket([signer], token.slice(0, length), now)).toBeUndefined();
  for (const wrong of [
    `${token}A`,
    `${token}AAAA`,
    `${token}=`,
    `A${token}`,
    "vtc1".repeat(10_000),
    token.toLowerCase(),
  ])
    expect(await readTicket([signer], wrong, now)).toBeUndefined();
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: anyCharacter }), async (text) => {
      expect(await readTicket([signer], text, now)).toBeUndefined();
      expect(await readTicket([signer], `vtc1${text}`, now)).toBeUndefined();
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 16, maxLength: 200 }), async (tail) => {
      const made = Buffer.concat([Buffer.from(token, "base64url").subarray(0, 7), tail]).toString("base64url");
      expect(await readTicket([signer], made, now)).toBeUndefined();
    }),
  );
});

test("no part of one token goes with the MAC of another", async () => {
  const a = Buffer.from(await signTicket(signer, ticket), "base64url");
  const b = Buffer.from(await signTicket(signer, { ...ticket, key: "row-2" }), "base64url");
  const spliced = Buffer.concat([a.subarray(0, -16), b.subarray(-16)]).toString("base64url");
  expect(await readTicket([signer], spliced, now)).toBeUndefined();
});

test("after a rotation the old secret's tokens are read for as long as it is kept", async () => {
  const old = await signTicket(signer, ticket);
  const fresh = await signTicket(newer, ticket);
  expect(await readTicket([newer, signer], old, now)).toEqual(ticket);
  expect(await readTicket([newer, signer], fresh, now)).toEqual(ticket);
  expect(await readTicket([newer], old, now)).toBeUndefined();
  expect(await readTicket([], old, now)).toBeUndefined();
});

test("two secrets whose ids are the same are both tried", async () => {
  const token = await signTicket(signer, ticket);
  expect(await readTicket([{ ...newer, id: signer.id }, signer], token, now)).toEqual(ticket);
  expect(await readTicket([{ ...newer, id: signer.id }], token, now)).toBeUndefined();
});

test("it expires by the clock it is given, to the second", async () => {
  const token = await signTicket(signer, ticket);
  expect(await readTicket([signer], token, now + TICKET_LIFE - 1)).toEqual(ticket);
  expect(await readTicket([signer], token, now + TICKET_LIFE)).toBeUndefined();
});

test("it shows neither the secret nor what would tell it", async () => {
  const token = await signTicket(signer, ticket);
  const shown = Buffer.from(token, "base64url").toString("latin1");
  expect(shown).not.toContain(SECRET);
  expect(Buffer.from(token, "base64url").subarray(3, 7)).toEqual(Buffer.from(signer.id));
});
