import { expect, test } from "vitest";
import * as z from "zod/mini";
import { media, normalMedia } from "./media.ts";

const blob = (size: number, type = "image/png") => new Blob([new Uint8Array(size)], { type });
const MB = 2 ** 20;
const picture = media({ types: ["image/jpeg", "image/png", "image/webp"], maxMB: 10 });
const brokenRule = (schema: z.ZodMiniType, value: unknown) => z.safeParse(schema, value).error?.issues[0]?.message;

test.each(["https://a.test/x.heic", new URL("http://a.test/x"), " https://a.te\tst/x\n", "data:image/png,x", blob(1)])(
  "%s is a medium",
  (value) => {
    expect(brokenRule(media(), value)).toBeUndefined();
  },
);

test.each([undefined, null, 7, {}, [], "", "x.png", "//a.test/x", "ftp://a.test/x", "blob:https://a.test/1"])(
  "%s is none",
  (value) => {
    expect(brokenRule(media(), value)).toBe("an http(s) URL, a data: URL or a Blob");
  },
);

test.each(["data:", "data:text/plain", "data:;base64,*", "data:,%", "data:text/plain;base64,eHl6%3D%3D"])(
  "%s cannot be decoded",
  (value) => {
    expect(brokenRule(media(), value)).toBe("a data: URL whose data can be decoded");
  },
);

test.each([blob(0), new File([], "a.png"), "data:,", "data:image/png;base64,"])("%s is empty", (value) => {
  expect(brokenRule(media(), value)).toBe("a file that is not empty");
});

test.each(["image/heic", "image/gif", "application/pdf", "text/plain", "video/mp4", "image/svg+xml;charset=utf-8"])(
  "a file of type %s is refused where a page names others, and not where none does",
  (type) => {
    const rule = `a file of type image/jpeg, image/png, image/webp, not ${type.split(";")[0]}`;
    expect(brokenRule(picture, blob(1, type))).toBe(rule);
    expect(brokenRule(picture, `data:${type};base64,AAAA`)).toBe(rule);
    expect(brokenRule(media(), blob(1, type))).toBeUndefined();
  },
);

test.each(["image/jpeg", "image/jpg", "IMAGE/PNG", "image/webp; q=1", "", "application/octet-stream"])(
  "a file of type %j may be one of those that a page names",
  (type) => {
    expect(brokenRule(picture, blob(1, type))).toBeUndefined();
  },
);

test("a file is as large as a page allows, counted in the larger MB", () => {
  expect(brokenRule(picture, blob(10 * MB))).toBeUndefined();
  expect(brokenRule(picture, blob(10 * MB + 1))).toBe("a file of at most 10 MB, not of 11 MB");
  expect(brokenRule(picture, `data:image/png;base64,${"AAAA".repeat(3.5 * MB)}`)).toBe(
    "a file of at most 10 MB, not of 11 MB",
  );
  expect(brokenRule(media(), blob(10 * MB + 1))).toBeUndefined();
});

test.each([
  [" https://a.te\tst/1.png\n", "https://a.test/1.png"],
  ["HTTPS://A.test:443/a b.png?x=ü", "https://a.test/a%20b.png?x=%C3%BC"],
  ["https://bücher.test", "https://xn--bcher-kva.test/"],
  [new URL("https://a.test/x?y#z"), "https://a.test/x?y#z"],
])("%s is sent as %s", (given, sent) => {
  expect(normalMedia(given)).toBe(sent);
});

test.each([undefined, 7, "x.png", "data:,%", blob(1)])("%s stays as it is", (value) => {
  expect(normalMedia(value)).toBe(value);
});

test.each([
  ["data:,a%20b", "", "a b"],
  ["data:text/plain,caf%C3%A9", "text/plain", "café"],
  ["DATA:image/png;BASE64,eHl6", "image/png", "xyz"],
  [" data:image/png;base64,eHl6", "image/png", "xyz"],
  ["data:image/png;charset=x;base64,eHl6", "image/png;charset=x", "xyz"],
  ["data:text/plain;base64,e Hl\n6", "text/plain", "xyz"],
])("%j becomes the file it holds", async (url, type, text) => {
  const file = normalMedia(url) as Blob;
  expect(file.type).toBe(type);
  expect(await file.text()).toBe(text);
});
