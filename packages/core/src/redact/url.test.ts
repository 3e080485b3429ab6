import { describe, expect, test } from "vitest";
import { urlWithout } from "./url.ts";

const KEY = "sk-Live/9a+Zb=7Q.x";
const SECOND = "ein zweites Geheimnis ü";
const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
const everyByte = (text: string) =>
  Array.from(new TextEncoder().encode(text), (byte) => `%${byte.toString(16).padStart(2, "0").toUpperCase()}`).join("");

describe("a secret in a URL", () => {
  const rows: [how: string, url: string, shown: string][] = [
    ["as it is", `https://gate.test/${KEY}/v1/tasks`, "https://gate.test/***/v1/tasks"],
    ["escaped", `https://gate.test/${encodeURIComponent(KEY)}/v1`, "https://gate.test/***/v1"],
    [
      "escaped in small letters",
      `https://a.test/?k=${encodeURIComponent(KEY).toLowerCase()}&q=1`,
      "https://a.test/?k=***&q=1",
    ],
    ["with every byte escaped", `https://gate.test/${everyByte(KEY)}`, "https://gate.test/***"],
    ["of other letters, escaped", new URL(`https://gate.test/${SECOND}/x`).href, "https://gate.test/***/x"],
    ["twice", `https://gate.test/${KEY}/${KEY}`, "https://gate.test/***/***"],
    ["beside a broken escape", `https://gate.test/%zz/${KEY}`, "https://gate.test/%zz/***"],
    ["a JSON Web Token", `https://gate.test/${jwt}/v1`, "https://gate.test/***/v1"],
  ];
  test.each(rows)("%s is not shown", (_, url, shown) => expect(urlWithout([KEY, SECOND], url)).toBe(shown));
});

test("in a host's name it is not shown either, which is in small letters", () => {
  const { href } = new URL("https://Key-0123456789.gate.test/v1");
  expect(urlWithout(["Key-0123456789"], href)).toBe("https://***.gate.test/v1");
});

test("one that is escaped text itself is not shown, nor the rest of one that begins as another does", () => {
  const secrets = ["abc%2Fdefgh", "key-0123", "key-0123456789"];
  expect(urlWithout(secrets, "https://gate.test/abc%2Fdefgh/v1")).toBe("https://gate.test/***/v1");
  expect(urlWithout(secrets, "https://gate.test/abc%252Fdefgh/v1")).toBe("https://gate.test/***/v1");
  expect(urlWithout(secrets, "https://gate.test/key-0123456789/v1")).toBe("https://gate.test/***/v1");
});

test.each(["https://api.test/v1/tasks?taskId=a%20b", "https://api.test/%zz"])(
  "%s without one is shown as it is",
  (url) => expect(urlWithout([KEY, "v1", "tasks", ""], url)).toBe(url),
);
