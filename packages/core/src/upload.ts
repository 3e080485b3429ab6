import { ConnectionError } from "./errors.ts";
import { safeCause } from "./redact.ts";
import { isFile, MEDIA_WORDS, type Media, type VideoRequest } from "./request.ts";
import { submitAborted, type SubmitRun } from "./submit-run.ts";

/** The request with every file uploaded by the client's `upload` and replaced by its URL. */
export async function uploadFiles(run: SubmitRun, request: VideoRequest): Promise<VideoRequest> {
  const words = MEDIA_WORDS.filter((word) => isFile(request[word]));
  const urls = await Promise.all(words.map(async (word) => [word, await upload(run, word, request[word] as Media)]));
  return { ...request, ...(Object.fromEntries(urls) as Record<string, string>) };
}

async function upload(run: SubmitRun, word: string, file: Media): Promise<string> {
  const { context, key, stop } = run;
  try {
    const url = await context.options.upload?.(file instanceof Blob ? file : dataBlob(String(file)), { signal: stop });
    if (url !== undefined && /^https?:$/.test(new URL(url).protocol)) return String(url);
    throw new Error("`upload` must resolve to an http(s) URL");
  } catch (error) {
    if (stop.aborted) throw submitAborted(run);
    const cause = safeCause(error, context.redact);
    const message = `the upload of ${word} failed (${cause.message}); nothing was submitted: submit again`;
    const { vendor } = context.adapter;
    throw new ConnectionError(message, { vendor, phase: "submit", key, billed: "no", retryable: true, cause });
  }
}

function dataBlob(url: string): Blob {
  const [head = "", data = ""] = [url.slice(5, url.indexOf(",")), url.slice(url.indexOf(",") + 1)];
  const type = head.replace(/;base64$/i, "");
  if (!/;base64$/i.test(head)) return new Blob([decodeURIComponent(data)], { type });
  return new Blob([Uint8Array.from(atob(decodeURIComponent(data)), (char) => char.charCodeAt(0))], { type });
}
