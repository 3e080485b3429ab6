// Files that are uploaded to be named in a submit (P /en/docs/files): presigned, or as a form; and the host they are on.
import { createHash } from "node:crypto";
import { etagOf, notFound, serve } from "../../files/serve.ts";
import type { Body } from "../../network/body.ts";
import { wrongJson } from "../answer-call.ts";
import type { Context } from "../context.ts";
import type { Answer, ApiRequest } from "../dialect-parts.ts";
import { firstWrong, someText, unknownFields, type Check } from "../rules.ts";
import * as assumed from "./assumed.ts";
import { ok } from "./bodies.ts";

/** P /en/docs/files: checked against the cap before anything is sent. The cap is not printed. */
const fileSize =
  (most: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most
      ? undefined
      : `must be a number of bytes, at most ${most}`;

/** P /en/docs/files. */
const FILE_FIELDS = {
  filename: { check: someText, required: true },
  contentType: { check: someText, required: true },
  fileSize: { check: fileSize(assumed.MAX_BYTES), required: false },
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

/** Takes a file as a form, or announces one. */
export async function takeFile(asked: ApiRequest, context: Context): Promise<Answer> {
  const { raw, headers, base, body } = asked;
  const type = headers.get("content-type") ?? "";
  if (/^multipart\/form-data\s*;/i.test(type) && "bytes" in raw) {
    const file = await fileOf(raw.bytes, type);
    if (!file) return assumed.missingField("file");
    return ok(keep(context, base, file, new Uint8Array(await file.arrayBuffer())));
  }
  const refused = wrongJson(asked, assumed);
  if (refused) return refused;
  asked.undocumented(unknownFields(body, FILE_FIELDS));
  const wrong = firstWrong(
    FILE_FIELDS,
    body,
    (field) => field.required,
    (field, value) => field.check(value),
  );
  if (wrong) return wrong.rule ? assumed.invalidField(wrong.name, wrong.rule) : assumed.missingField(wrong.name);
  const { filename, contentType } = body as Record<"filename" | "contentType", string>;
  return ok(announce(context, base, filename, contentType));
}

/** C: the field is called `file`. */
async function fileOf(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<File | undefined> {
  try {
    const file = (await new Response(bytes, { headers: { "content-type": type } }).formData()).get("file");
    return file instanceof File ? file : undefined;
  } catch {
    return undefined;
  }
}

/** A place to PUT the file to. `expiresAt` is printed beside both URLs; assumed: it is that of the first. */
function announce(context: Context, origin: string, filename: string, contentType: string) {
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
function keep(context: Context, origin: string, file: File, bytes: Uint8Array<ArrayBuffer>) {
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
    if (!file || searchParams.get("X-Amz-Signature") !== signatureOf(path))
      return assumed.refusedUpload(403, "AccessDenied");
    const now = context.clock.now();
    if (now >= file.writableUntil) return assumed.refusedUpload(403, "ExpiredRequest");
    if (request.headers.get("content-type") !== file.contentType)
      return assumed.refusedUpload(403, "SignatureDoesNotMatch");
    if (body.kind === "too-large") return assumed.refusedUpload(413, "EntityTooLarge");
    const bytes = "bytes" in body ? body.bytes : new Uint8Array();
    context.files.put(path, { ...file, content: { bytes, storedAt: now } });
    return new Response(null, { status: 200, headers: { etag: etagOf(bytes) } });
  }
  const content = contentOf(context, path);
  if ((request.method !== "GET" && request.method !== "HEAD") || !file || !content) return notFound();
  const { bytes, storedAt: modified } = content;
  return serve(request, { bytes, etag: etagOf(bytes), contentType: file.contentType, modified });
}
