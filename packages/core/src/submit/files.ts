// Files on their way to a vendor: as a URL that holds them, or uploaded before the submit.
import type { ClientContext } from "../context/context.ts";
import { callVendor, type CallOptions } from "../http/call.ts";
import { callFetch } from "../http/fetch.ts";
import { isAllowedHost } from "../http/hosts.ts";
import { fullReason, safeCause } from "../redact.ts";
import { schemaOf } from "../request/canonical.ts";
import type { VideoRequest } from "../request/request.ts";
import { InvalidRequestError, VendorError } from "../task/errors.ts";
import { issue } from "../task/issue.ts";
import { Exchange } from "../time/exchange.ts";
import { WrongSpecError } from "../vendor-spec/call.ts";
import { isDataUrl } from "../vendor-spec/data-url.ts";
import { filesIn, mapMedia } from "../vendor-spec/media-fields.ts";
import { isHttpUrl } from "../vendor-spec/wire.ts";
import { wayFor } from "./file-way.ts";
import { notSubmitted, rateLimited, submitAborted, type Submission } from "./submission.ts";

/** Time to upload one file one way, in ms of real time: of the 120 s of a submit, it leaves some for the other way. */
const TRANSFER_TIMEOUT = 50_000;

/** The request with every file replaced by a URL: of where it was uploaded, or one that holds it. */
export async function placeFiles(run: Submission, request: VideoRequest): Promise<VideoRequest> {
  const { adapter } = run.context;
  const schema = schemaOf(adapter.models, request);
  if (!schema) return request;
  const wayOf = wayFor(run.context);
  const placed = filesIn(schema, request).map(async ({ path, file }): Promise<[string, string]> => {
    const place = wayOf(file) === "inline" ? dataUrl(file) : upload(run, path, file);
    return [path, await place];
  });
  const urls = new Map(await Promise.all(placed));
  return mapMedia(schema, request, (media, path) => urls.get(path) ?? media) as VideoRequest;
}

async function upload(run: Submission, word: string, file: Blob): Promise<string> {
  const { context, stop } = run;
  const exchange = new Exchange(stop).start(run.preparing());
  const { signal } = exchange;
  try {
    const own = context.options.upload;
    // An `upload` that ignores its signal must not hold the key.
    const work = own ? Promise.resolve(own(file, { signal })) : uploadToVendor(run, word, file, signal);
    const url = String(await exchange.until(work));
    if (isHttpUrl(url)) return new URL(url).href;
    if (!own && isOtherUri(url)) return url;
    throw own ? noUrl(run) : new TypeError(`the description of ${context.adapter.vendor} read no URI of the file`);
  } catch (error) {
    if (stop.aborted) throw submitAborted(run);
    if (VendorError.isInstance(error) || InvalidRequestError.isInstance(error) || error instanceof WrongSpecError)
      throw error;
    const limited = signal.aborted ? rateLimited(run) : undefined;
    if (limited) throw limited;
    const cause = safeCause(error, context.redact);
    throw notSubmitted(
      run,
      `the upload of ${word} failed (${fullReason(cause)}); nothing was submitted: submit again`,
      cause,
    );
  } finally {
    exchange.end();
  }
}

/** Of a vendor's own files: `runway://…`, `gs://…`, `mm_file://…`. */
const isOtherUri = (text: string): boolean => /^[a-z][\w+.-]*:[\x21-\x7e]+$/i.test(text) && !isDataUrl(text);

const noUrl = ({ context, key }: Submission): InvalidRequestError =>
  new InvalidRequestError({
    vendor: context.adapter.vendor,
    phase: "submit",
    idempotencyKey: key,
    issues: [issue("upload", "a function that resolves to an http(s) URL")],
  });

/** To the place the vendor gives; when that fails, as a form. Uploads cost nothing, so both may be tried. */
async function uploadToVendor(run: Submission, word: string, given: Blob, signal: AbortSignal): Promise<string> {
  const { context, key, emit } = run;
  const { upload: way } = context.adapter;
  if (!way) throw new Error("there is no `upload` option");
  const { type = "", name = `${word.replaceAll(".", "-")}.${type.split(/[/;]/)[1] ?? "bin"}` } = given as Partial<File>;
  // A target is signed for a type, and a Blob may have none.
  const file = type ? given : new Blob([given], { type: "application/octet-stream" });
  const about: CallOptions = { phase: "submit", asked: "upload", key, signal, timeoutMs: TRANSFER_TIMEOUT, emit };
  const read = (body: unknown) => way.read(body);
  try {
    const call = way.call({ name, type: file.type, size: file.size }, file);
    const { put, post, url } = await callVendor(context, call, about, read);
    if (put !== undefined) await store(context, put, { method: "PUT", body: file }, signal);
    if (post !== undefined)
      await store(context, post.url, { method: "POST", body: formOf(post.fields, file, name) }, signal);
    return url;
  } catch (error) {
    if (!way.form || signal.aborted || (VendorError.isInstance(error) && error.code === "unauthorized")) throw error;
    emit({
      type: "fault",
      phase: "submit",
      idempotencyKey: key,
      error: { message: fullReason(safeCause(error, context.redact)) },
    });
    return (await callVendor(context, way.form(file, name), about, read)).url;
  }
}

function formOf(fields: { readonly [name: string]: string }, file: Blob, name: string): FormData {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append("file", file, name); // a storage reads no field after it
  return form;
}

type Stored = { method: "PUT"; body: Blob } | { method: "POST"; body: FormData };

// The place is signed by the vendor: the API key does not go there.
async function store(
  context: ClientContext,
  place: string,
  { method, body }: Stored,
  outer: AbortSignal,
): Promise<void> {
  if (!isAllowedHost(new URL(place), new URL(context.baseUrl())))
    throw new Error("the place for the file is not on https at a public address");
  const exchange = new Exchange(outer).start(TRANSFER_TIMEOUT);
  try {
    const send = context.options.fetch ?? fetch;
    const whole = new Response(body);
    const headers = { "content-type": whole.headers.get("content-type") ?? "" };
    const bytes = new Uint8Array(await whole.arrayBuffer());
    const sending = callFetch(send, place, {
      method,
      body: bytes,
      redirect: "manual",
      signal: exchange.signal,
      headers,
    });
    const response = await exchange.until(sending);
    void response.body?.cancel().catch(() => {}); // the status says everything
    if (!response.ok) throw new Error(`the storage answered HTTP ${response.status}`);
  } finally {
    exchange.end();
  }
}

/** The bytes as a `data:` URL in base64. */
async function dataUrl(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return `data:${file.type || "application/octet-stream"};base64,${btoa(text)}`;
}
