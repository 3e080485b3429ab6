// Helpers for the schemas and tables of adapters, so that all vendors read and say the same things the same way.
import * as z from "zod/mini";
import type { Billed, VendorCode } from "../task/failure.ts";
import type { TaskStatus } from "./readings.ts";

/** Accepts a missing value and `null` alike. */
export const nullish = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

/** Treats a detail that is not as documented as absent, so that it cannot cost a paid task. */
export const lenient = <T extends z.ZodMiniType>(schema: T) =>
  // Not z.catch: it takes the whole of zod's utilities into a user's bundle, 3 kB gzipped. Most details are absent, and the
  // union is not asked about those.
  z.optional(
    z.union([
      schema,
      z.pipe(
        z.unknown(),
        z.transform(() => undefined),
      ),
    ]),
  );

/** A task id: a string, or the digits of a number. Core passes a number that is too large as a string. */
export const taskId = z.union([
  z.string(),
  z.pipe(
    z.int().check(z.gt(0)),
    z.transform((digits) => String(digits)),
  ),
]);

/** One of these words, given in lower case. Case and surrounding blanks do not matter; the result is in lower case. */
export const wordOf = <const W extends readonly string[]>(words: W) =>
  z.pipe(z.string().check(z.trim(), z.toLowerCase()), z.literal(words));

/**
 * The http(s) URLs of a list, or of something used as one: a string, a nested list, a list in JSON, objects with a `url`. Each
 * appears once, without surrounding blanks; anything that is not a URL is left out.
 */
export const urls = z._default(
  z.pipe(
    z.unknown(),
    z.transform((value) => [...new Set(textsIn(value).map((url) => url.trim()))].filter(isHttpUrl)),
  ),
  [],
);

/** What is documented lies one deep. */
const MAX_DEPTH = 4;

function textsIn(value: unknown, depth = 0): string[] {
  if (depth > MAX_DEPTH) return [];
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, depth + 1));
  if (typeof value === "object" && value !== null) return textsIn((value as { url?: unknown }).url, depth + 1);
  if (typeof value !== "string") return [];
  if (!/^\s*[[{"]/.test(value)) return [value];
  try {
    return textsIn(JSON.parse(value), depth + 1);
  } catch {
    return [];
  }
}

/** True if the text is an http(s) URL. */
export const isHttpUrl = (text: string): boolean => /^https?:/i.test(text) && URL.canParse(text);

const DECIMAL = /^\s*[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:e[+-]?\d{1,3})?\s*$/i;

const numberIn = (value: unknown): number | undefined => {
  const number = typeof value === "string" && DECIMAL.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
};

/** A number, also one given as a string. */
export const amount = z.pipe(
  z.unknown(),
  z.transform((given, context): number => {
    const number = numberIn(given);
    if (number !== undefined) return number;
    context.issues.push({ code: "custom", input: given, message: "a number" });
    return z.NEVER;
  }),
);

/** With its zone: without one it is not known when it was. */
const ISO_TIME = /^\d{4}-\d\d-\d\dT[\d:.]{5,20}(?:Z|[+-]\d\d:?\d\d)$/;
/** Above this a Unix time counts milliseconds: in seconds it would be after the year 5000, in ms it is 1973. */
const FIRST_MS = 1e11;
/** In 2001: what is before it is no time of a task. */
const EARLIEST_MS = 1e12;
/** Above this it would be after the year 5000 in ms too. */
const LAST_MS = 1e14;

const isoMs = (value: unknown): number =>
  typeof value === "string" && ISO_TIME.test(value) ? Date.parse(value) : Number.NaN;

/**
 * A time as ISO 8601, from a Unix time in seconds or milliseconds (a number or a string) or from ISO 8601. A time before
 * 2001 is an error: 0 means that it is not set, 2026 is a year.
 */
export const unixTime = z.pipe(
  z.unknown(),
  z.transform((given, context): string => {
    const number = numberIn(given);
    const ms = number === undefined ? isoMs(given) : number < FIRST_MS ? number * 1000 : number;
    if (ms > EARLIEST_MS && ms < LAST_MS) return new Date(ms).toISOString();
    context.issues.push({ code: "custom", input: given, message: "a Unix time" });
    return z.NEVER;
  }),
);

const jsonIn = (value: unknown): unknown => (typeof value === "string" ? JSON.parse(value) : value);

/**
 * A JSON string inside a JSON body, also one that was encoded several times, or the plain value if a vendor does not encode it.
 * `like` is the documented example, for the error.
 */
export const jsonString = <T extends z.ZodMiniType>(schema: T, like: string) =>
  z.pipe(
    z.unknown(),
    z.transform((given, context): z.output<T> => {
      try {
        return z.parse(schema, jsonIn(jsonIn(given)));
      } catch {
        context.issues.push({ code: "custom", input: given, message: `a JSON string like ${like}` });
        return z.NEVER;
      }
    }),
  );

type Fields = { readonly [field: string]: unknown };

/** A rule across several fields of a request. It is checked even if a field is wrong, so that a caller sees all errors at once. */
export const crossFieldRule = (path: string, error: string, holds: (request: Fields) => boolean) =>
  z.refine((request) => holds((request ?? {}) as Fields), { path: [path], error, when: () => true });

/** A path with every value percent-encoded: url`/tasks/${id}`. */
export const url = (strings: TemplateStringsArray, ...values: readonly (string | number)[]): string =>
  strings.raw.reduce((path, part, index) => path + encodeURIComponent(values[index - 1] ?? "") + part);

// `Uint8Array<ArrayBuffer>`, which TypeScript before 5.7 cannot read.
type Bytes = ReturnType<Uint8Array["slice"]>;

/** Computes an HMAC with SHA-256. */
export async function hmacSha256(secret: string | Bytes, text: string): Promise<Uint8Array> {
  const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text)));
}

/** Looks up the vendor's word in a table, ignoring case; words like `constructor` are not found. */
export const lookUp = <T>(table: { readonly [word: string]: T }, word: string | null | undefined): T | undefined =>
  word != null && Object.hasOwn(table, word)
    ? table[word]
    : Object.entries(table).find(([known]) => known.toLowerCase() === word?.trim().toLowerCase())?.[1];

/** The times of a status, without missing ones. */
export const timesOf = (createdAt: string | null | undefined, completedAt: string | null | undefined) => ({
  ...(createdAt != null && { createdAt }),
  ...(completedAt != null && { completedAt }),
});

/** A failed task, in the vendor's own words if it gives any. */
export const failedTask = (failure: {
  code: VendorCode;
  vendorCode?: string | null | undefined;
  message?: string | null | undefined;
  billed: Billed;
}): Extract<TaskStatus, { state: "failed" }> => {
  const { code, vendorCode, message, billed } = failure;
  const words = { code, message: message || "the vendor gives no reason", billed };
  return { state: "failed", failure: !vendorCode ? words : { ...words, vendorCode } };
};

/** Whether an answer says by its HTTP status and by its own `code` that nothing went wrong, as most do: the rest need not be read. */
export const isOk = (status: number, body: unknown): boolean =>
  status === 200 && (body as { code?: unknown } | null | undefined)?.code === 200;

/** The status that counts if an answer has two: the envelope's `code` if it is not 200, else the HTTP status. */
export const effectiveStatus = (status: number, code: number | null | undefined): number =>
  code == null || code === 200 ? status : code;
