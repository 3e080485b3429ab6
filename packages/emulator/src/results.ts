// Serving the finished videos, as the file host behind a vendor's result URLs would: no key, ranges, strong ETag.
import { createHash } from "node:crypto";
import type { Clock } from "@vidtask/core";
import type { Store, StoredTask } from "./store.ts";
import type { Vendor } from "./vendors/vendor.ts";
import { makeVideo } from "./video.ts";

export const RESULTS = "/results";

/** Where a task's result is, for a caller who reached the emulator at `origin`. */
export function resultUrl(origin: string, vendor: string, taskId: string): string {
  return `${origin}${RESULTS}/${vendor}/${taskId}.mp4`;
}

interface Made {
  bytes: Uint8Array<ArrayBuffer>;
  etag: string;
}

/** Clips are made when asked for and are the same bytes each time; the last few are kept for players that seek. */
const MAX_KEPT = 8;

export function createResults(clock: Clock) {
  const kept = new Map<StoredTask, Promise<Made>>();

  const make = async (vendor: Vendor, task: StoredTask): Promise<Made> => {
    const bytes = await makeVideo(task.clip, {
      vendor: vendor.name,
      model: task.model,
      taskId: task.id,
      createdAt: task.endsAt,
    });
    return { bytes, etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 27)}"` };
  };
  const made = (vendor: Vendor, task: StoredTask): Promise<Made> => {
    const found = kept.get(task) ?? make(vendor, task);
    kept.delete(task);
    kept.set(task, found);
    found.catch(() => kept.delete(task));
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_KEPT) break;
      kept.delete(oldest);
    }
    return found;
  };

  return {
    async answer(vendor: Vendor, store: Store, taskId: string, request: Request): Promise<Response> {
      const task = store.get(taskId);
      const expired =
        task !== undefined && vendor.resultLifeMs !== undefined && clock.now() >= task.endsAt + vendor.resultLifeMs;
      if (!task || expired || store.state(task) !== "succeeded") return vendor.noResult();
      const { bytes, etag } = await made(vendor, task);
      const headers = new Headers({
        "accept-ranges": "bytes",
        "content-type": "video/mp4",
        etag,
        "last-modified": new Date(task.endsAt).toUTCString(),
      });
      const size = bytes.byteLength;
      const range =
        request.method === "GET" && rangeApplies(request, headers)
          ? parseRange(request.headers.get("range"), size)
          : undefined;
      if (range === "unsatisfiable") {
        headers.set("content-range", `bytes */${size}`);
        headers.set("content-length", "0");
        headers.delete("content-type");
        return new Response(null, { status: 416, headers });
      }
      const [first, last] = range ?? [0, size - 1];
      headers.set("content-length", String(last - first + 1));
      if (range) headers.set("content-range", `bytes ${first}-${last}/${size}`);
      const body = request.method === "HEAD" ? null : bytes.subarray(first, last + 1);
      return new Response(body, { status: range ? 206 : 200, headers });
    },
  };
}

/** RFC 9110, 13.1.5: without a match by strong ETag or exact date the whole file is sent. */
function rangeApplies(request: Request, headers: Headers): boolean {
  const condition = request.headers.get("if-range");
  return condition === null || condition === headers.get("etag") || condition === headers.get("last-modified");
}

/** First and last byte; `undefined` for no range, one that is malformed, or several: then the whole file is sent. */
function parseRange(header: string | null, size: number): [number, number] | "unsatisfiable" | undefined {
  const [range, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? "") ?? [];
  if (range === undefined || (from === "" && to === "")) return undefined;
  if (from === "") {
    const count = Math.min(Number(to), size);
    return count === 0 ? "unsatisfiable" : [size - count, size - 1];
  }
  const first = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < first) return undefined;
  return first >= size ? "unsatisfiable" : [first, last];
}
