// Pictures and videos in a request: a URL to pass on, or bytes to upload first.
import * as z from "zod/mini";
import { dataBlob, isDataUrl } from "./data-url.ts";

/** A picture or video: a URL, a `data:` URL or a Blob. The last two need the option `upload`, unless the vendor takes files. */
export type Media = string | URL | Blob;

/** The limits of a file, by the vendor's page. */
export type MediaLimits = {
  /** Content types, such as `image/jpeg`. A file without a type is not checked. */
  types?: readonly string[];
  /** In MB of 1,048,576 bytes: pages do not say which MB they mean, and this is the larger. */
  maxMB?: number;
};

const ANY = "an http(s) URL, a data: URL or a Blob";
const BYTES = "a data: URL or a Blob";

/** A schema for `Media`: an http(s) or `data:` URL, as string or URL, or a Blob; the file must not be empty. */
export const media = (limits: MediaLimits = {}): z.ZodMiniType<Media, Media> =>
  checked(isAnyMedia, (value) => (isHttpUrl(textOf(value)) ? undefined : brokenRule(value, limits, ANY)));

/** Like `media`, for vendors that only take bytes: a `data:` URL or a Blob. */
export const file = (limits: MediaLimits = {}): z.ZodMiniType<Media, Media> =>
  checked(isAnyFile, (value) => brokenRule(value, limits, BYTES));

// The check says what is wrong; these functions are only what a schema is recognised by.
const isAnyMedia = (): boolean => true;
const isAnyFile = (): boolean => true;

const checked = (mark: () => boolean, brokenBy: (value: unknown) => string | undefined) =>
  z.custom<Media>(mark).check(({ value, issues }) => {
    const message = brokenBy(value);
    if (message !== undefined) issues.push({ code: "custom", input: value, message, continue: true });
  });

/** True for a schema that `media` or `file` made, whatever was added to it. */
export function isMediaSchema({ _zod: { def } }: z.core.$ZodType): boolean {
  const { fn } = def as { fn?: unknown };
  return fn === isAnyMedia || fn === isAnyFile;
}

/** True for media whose bytes are here and have to be placed: as `normalMedia` has it, a `data:` URL is one too. */
export const isFile = (value: unknown): value is Blob => value instanceof Blob;

/** Media as they are sent: a URL in its normal form, and a `data:` URL as the file it holds. What is none stays as it is. */
export function normalMedia(value: unknown): unknown {
  const text = textOf(value);
  if (isDataUrl(text)) return dataBlob(text) ?? value;
  return isHttpUrl(text) ? new URL(text).href : value;
}

const textOf = (value: unknown): string => (typeof value === "string" || value instanceof URL ? String(value) : "");

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

function brokenRule(value: unknown, { types, maxMB }: MediaLimits, kind: string): string | undefined {
  const text = textOf(value);
  const found = isFile(value) ? value : isDataUrl(text) ? dataBlob(text) : undefined;
  if (!found) return isDataUrl(text) ? "a data: URL whose data can be decoded" : kind;
  if (found.size === 0) return "a file that is not empty";
  if (maxMB !== undefined && found.size > maxMB * MB)
    return `a file of at most ${maxMB} MB, not of ${Math.ceil(found.size / MB)} MB`;
  const type = typeOf(found);
  return !types || types.includes(type) || UNKNOWN.has(type)
    ? undefined
    : `a file of type ${types.join(", ")}, not ${type}`;
}

const MB = 2 ** 20;
const UNKNOWN = new Set(["", "application/octet-stream", "binary/octet-stream"]);
const OTHER_NAMES: { readonly [type: string]: string } = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/x-png": "image/png",
};

function typeOf({ type }: Blob): string {
  const plain = type.replace(/;.*/s, "").trim().toLowerCase();
  return OTHER_NAMES[plain] ?? plain;
}
