// Small words for the schemas and tables of an adapter, so that every vendor reads and says the same things alike.
import * as z from "zod/mini";
import type { Billed, VendorCode } from "../task/failure.ts";
import type { TaskStatus } from "./readings.ts";

/** Absent and `null` are the same. */
export const nullish = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

/** A detail that is not as documented counts as absent: it must not cost a task that was paid for. */
export const lenient = <T extends z.ZodMiniType>(schema: T) =>
  // Not z.catch: it takes the whole of zod's utilities into a user's bundle, 3 kB gzipped.
  z.union([
    z.optional(schema),
    z.pipe(
      z.unknown(),
      z.transform(() => undefined),
    ),
  ]);

/** A task id: a text, or the digits of a number. One too large for a number comes as a text from core. */
export const taskId = z.union([
  z.string(),
  z.pipe(
    z.int().check(z.gt(0)),
    z.transform((digits) => String(digits)),
  ),
]);

/** A word of a list, in whatever case and with blanks around it; as it stands in the list, in lower case. */
export const wordOf = <const W extends readonly string[]>(words: W) =>
  z.pipe(z.string().check(z.trim(), z.toLowerCase()), z.literal(words));

/** The http(s) URLs of a list, or of a text that is one: each once, without blanks around it. What is none is left out. */
export const urls = z._default(
  z.pipe(
    z.unknown(),
    z.transform((value) => {
      const texts = (Array.isArray(value) ? value : [value]).filter((url) => typeof url === "string");
      return [...new Set(texts.map((url) => url.trim()))].filter(isHttpUrl);
    }),
  ),
  [],
);

/** True for the text of an http(s) URL. */
export const isHttpUrl = (text: string): boolean => /^https?:/i.test(text) && URL.canParse(text);

/** A number, or the text of one. */
export const amount = z.union([
  z.number(),
  z.pipe(
    z.string().check(z.regex(/^\s*-?\d{1,15}(\.\d{1,15})?\s*$/)),
    z.transform((text) => Number(text)),
  ),
]);

/** Above this a Unix time counts milliseconds: in seconds it would be after the year 5000, in ms it is 1973. */
const FIRST_MS = 1e11;

/** A Unix time in seconds or milliseconds, whichever the vendor documents, as ISO 8601. */
export const unixTime = z.pipe(
  z.number().check(z.gte(0), z.lte(8.64e15)),
  z.transform((time) => new Date(time < FIRST_MS ? time * 1000 : time).toISOString()),
);

/**
 * A JSON string inside a JSON body, or what it stands for, where a vendor leaves out the quotes; `like` is the documented
 * example, for the error.
 */
export const jsonString = <T extends z.ZodMiniType>(schema: T, like: string) =>
  z.pipe(
    z.unknown(),
    z.transform((given, context): z.output<T> => {
      try {
        return z.parse(schema, typeof given === "string" ? JSON.parse(given) : given);
      } catch {
        context.issues.push({ code: "custom", input: given, message: `a JSON string like ${like}` });
        return z.NEVER;
      }
    }),
  );

type Fields = { readonly [field: string]: unknown };

/** A rule over several fields of a request. It is checked even where a field is wrong by itself, so that a caller sees everything at once. */
export const crossFieldRule = (path: string, error: string, holds: (request: Fields) => boolean) =>
  z.refine((request) => holds((request ?? {}) as Fields), { path: [path], error, when: () => true });

/** A path with every value percent-encoded: url`/tasks/${id}`. */
export const url = (strings: TemplateStringsArray, ...values: readonly (string | number)[]): string =>
  String.raw({ raw: strings.raw }, ...values.map((value) => encodeURIComponent(value)));

/** The bytes of an HMAC with SHA-256. */
export async function hmacSha256(secret: string | Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array> {
  const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text)));
}

/** The entry of a table that the vendor's own word names; words like `constructor` name none. */
export const lookUp = <T>(table: { readonly [word: string]: T }, word: string | null | undefined): T | undefined =>
  word != null && Object.hasOwn(table, word) ? table[word] : undefined;

/** The times of a reading, without the ones that are missing. */
export const timesOf = (createdAt: string | null | undefined, completedAt: string | null | undefined) => ({
  ...(createdAt == null ? {} : { createdAt }),
  ...(completedAt == null ? {} : { completedAt }),
});

/** A failed task in the vendor's own words, where it has any. */
export const failedTask = (failure: {
  code: VendorCode;
  vendorCode?: string | null | undefined;
  message?: string | null | undefined;
  billed: Billed;
}): Extract<TaskStatus, { state: "failed" }> => {
  const { code, vendorCode, message, billed } = failure;
  const words = { code, message: message ?? "the vendor gives no reason", billed };
  return { state: "failed", failure: vendorCode == null ? words : { ...words, vendorCode } };
};

/** The status that counts where an answer has two: the envelope's `code` when it is not 200, else the HTTP status. */
export const effectiveStatus = (status: number, code: number | null | undefined): number =>
  code == null || code === 200 ? status : code;
