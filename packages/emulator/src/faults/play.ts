// What a fault makes of an exchange that it hits.
import type { Reply } from "../network/reply.ts";
import type { Refusal } from "../vendors/context.ts";
import { isOfTask, kindOf, type FaultOn } from "./kinds.ts";
import type { FaultOptions } from "./options.ts";
import { cut, cutAfter, dated, html, overstated, renamed, whole } from "./spoil-answer.ts";

/** The exchange, as a fault may use it. */
export interface Scene {
  on: FaultOn;
  url: string;
  /** The true answer, with all that it does. */
  answer(): Promise<Response>;
  /** A refusal in the vendor's words, or of its file host, which does nothing. */
  refuse(refusal: Refusal): Promise<Response>;
  /** The task that the true answer told of. */
  taskId(): string | undefined;
  /** The key under which the vendor's bodies have a task's state. */
  stateKey: string;
  now(): number;
  /** Of a download: from now on the result is at another address, or another file. */
  change(what: "moves" | "replacements"): void;
}

/** Those that hit before the request was read. */
export function playUnread(kind: string): Reply {
  if (kind === "reset-before-read") return { how: "reset" };
  if (kind === "idle-close") return { how: "close" };
  return whole(new Response("Request Timeout", { status: 408, headers: { connection: "close" } }));
}

export async function play(fault: FaultOptions, scene: Scene): Promise<Reply> {
  const { kind, at, retryAfter, location = scene.url } = fault;
  // The vendor accepts first; what the caller then sees does not show it.
  const rule = kindOf(kind)?.accepted;
  const accepted = rule === "always" || (fault.accepted ?? rule === "unless-told");
  if ((scene.on === "submit" || scene.on === "cancel") && accepted && !kind.startsWith("cut") && !isOfTask(kind))
    await scene.answer();

  switch (kind) {
    case "reset-after-accept":
    case "reset-reused":
      return { how: "reset" };
    case "close-after-accept":
      return { how: "close" };
    case "no-answer":
      return { how: "silence" };
    case "listener-gone":
      return { how: "gone" };

    case "cut":
      return await cut(await scene.answer(), cutAfter(scene.taskId(), at), true);
    case "cut-no-length":
      return await cut(await scene.answer(), cutAfter(scene.taskId(), at), false);
    case "cut-id":
      return await cut(await scene.answer(), cutAfter(scene.taskId(), "middle"), true);
    case "cut-mp4":
      return await cut(await scene.answer(), cutAfter(undefined, at), false);
    case "wrong-length":
      return await overstated(await scene.answer());

    case "empty":
      return whole(new Response(null, { headers: { "content-length": "0" } }));
    case "html-200":
      return whole(html(200, "Just a moment...", "Checking your browser before accessing the site."));
    case "html-502":
      return whole(html(502, "502 Bad Gateway", "<center>nginx</center>"));
    case "302":
    case "307":
      return whole(new Response(null, { status: Number(kind), headers: { location, "content-length": "0" } }));
    case "421":
      return whole(new Response("Misdirected Request", { status: 421 }));
    case "502":
      return whole(new Response("Bad Gateway", { status: 502 }));
    case "402":
    case "404":
    case "409":
    case "422":
    case "429":
    case "500":
    case "503":
      return whole(dated(await scene.refuse(kind), retryAfter, scene.now()));

    case "unknown-state":
      return whole(await renamed(await scene.answer(), scene.stateKey));
    case "other-file":
      scene.change("replacements");
      return whole(await scene.answer());
    case "expired":
      scene.change("moves");
      return whole(await scene.refuse("404"));
    default: // the task was already given its fate
      return whole(await scene.answer());
  }
}
