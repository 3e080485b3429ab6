// Files that are uploaded to be named in a submit (P /en/docs/files): presigned, or as a form; and the host they are on.
import { createHash } from "node:crypto";
import { etagOf, notFound, serve } from "../../files/serve.ts";
import type { Body } from "../../network/body.ts";
import { someText, type Check } from "../rules.ts";
import type { Context } from "../vendor.ts";
import { MAX_BYTES, refusedUpload } from "./assumed.ts";

/** P /en/docs/files: checked against the cap before anything is sent. The cap is not printed. */
const fileSize =
  (most: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most
      ? undefined
      : `must be a number of bytes, at most ${most}`;

/** P /en/docs/files. */
export const FILE_FIELDS = {
  filename: { check: someText, required: true },
  contentType: { check: someText, required: true },
  fileSize: { check: fileSize(MAX_BYTES), required: false },
};

const MINUTE = 60_000;
/** P: for the PUT; the public URL lives 7 days from then. */
const WRITABLE = 10 * MINUTE;
const LIFE = 7 * 24 * 60 * MINUTE;
const FOLDER = "/files/apimodels/uploads/emulator/";

const signatureOf = (path: string) => createHash("sha256").update(`signed ${path}`).digest("hex");

/** P: the name is used for its extension only. */
function newPath({ clock, random }: Context, filename: string): string {
  const [extension = ""] = /\.\w{1,8}$/.exec(filename) ?? [];
  return `${FOLDER}${clock.now()}${String(random.serial()).padStart(8, "0")}${extension.toLowerCase()}`;
}

/** A place to PUT the file to. `expiresAt` is printed beside both URLs; assumed: it is that of the first. */
export function announce(context: Context, origin: string, filename: string, contentType: string) {
  const path = newPath(context, filename);
  const writableUntil = context.clock.now() + WRITABLE;
  context.files.put(path, { contentType, writableUntil });
  return {
    uploadUrl: `${origin}${path}?X-Amz-Signature=${signatureOf(path)}`,
    publicUrl: origin + path,
    expiresAt: new Date(context.clock.dateOf(writableUntil)).toISOString(),
  };
}

/** Stores it at once; C: all that the answer is known to have is the public URL. */
export function keep(context: Context, origin: string, file: File, bytes: Uint8Array<ArrayBuffer>) {
  const path = newPath(context, file.name);
  const storedAt = context.clock.now();
  const contentType = file.type || "application/octet-stream";
  context.files.put(path, { contentType, writableUntil: storedAt, content: { bytes, storedAt } });
  return { publicUrl: origin + path };
}

/** The content while it lives. */
function contentOf({ clock, files }: Context, path: string) {
  const content = files.get(path)?.content;
  return content && clock.now() < content.storedAt + LIFE ? content : undefined;
}

/** What an address names: a file that was uploaded here, one that is not here (any more), or something elsewhere. */
export function uploaded(context: Context, origin: string, address: string) {
  const url = URL.parse(address);
  if (url?.origin !== origin || !url.pathname.startsWith(FOLDER)) return "elsewhere";
  return contentOf(context, url.pathname)?.bytes ?? "gone";
}

export function fileHost(request: Request, body: Body, context: Context): Response {
  const { pathname: path, searchParams } = new URL(request.url);
  const file = context.files.get(path);
  if (request.method === "PUT") {
    if (!file || searchParams.get("X-Amz-Signature") !== signatureOf(path)) return refusedUpload(403, "AccessDenied");
    const now = context.clock.now();
    if (now >= file.writableUntil) return refusedUpload(403, "ExpiredRequest");
    if (request.headers.get("content-type") !== file.contentType) return refusedUpload(403, "SignatureDoesNotMatch");
    if (body.kind === "too-large") return refusedUpload(413, "EntityTooLarge");
    const bytes = "bytes" in body ? body.bytes : new Uint8Array();
    context.files.put(path, { ...file, content: { bytes, storedAt: now } });
    return new Response(null, { status: 200, headers: { etag: etagOf(bytes) } });
  }
  const content = contentOf(context, path);
  if ((request.method !== "GET" && request.method !== "HEAD") || !file || !content) return notFound();
  const { bytes, storedAt: modified } = content;
  return serve(request, { bytes, etag: etagOf(bytes), contentType: file.contentType, modified });
}
