// An example, not published: a Replicate on this machine, for flow.test.ts. It signs its callbacks.
import { createHmac } from "node:crypto";
import { listen } from "../loopback.ts";
import * as bodies from "./bodies.ts";

type Task = { id: string; input: { start_image?: string }; webhook?: string; at: number; end: bodies.Status };
type Submitted = Pick<Task, "input" | "webhook">;

/** As Replicate signs a webhook of this id at this time, in ms. */
export function signed(body: string, secret: string, now: number, id = "msg_1"): { [header: string]: string } {
  const seconds = String(Math.floor(now / 1000));
  const mac = createHmac("sha256", Buffer.from(secret.replace("whsec_", ""), "base64"));
  const signature = `v1,${mac.update(`${id}.${seconds}.${body}`).digest("base64")}`;
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": signature };
}

/** A task starts for 10 s and ends after 60 s, by the given clock. */
export async function mockReplicate(now: () => number, apiKey: string, webhookSecret: string) {
  const tasks: Task[] = [];
  const files: string[] = [];
  const seen: string[] = [];
  /** So many answers to a submit are lost, and so many lists come too early; what happens before a cancel is heard. */
  const faults = { lost: 0, lag: 0, beforeCancel: () => {} };

  async function answer(request: Request): Promise<Response | undefined> {
    const { pathname, searchParams } = new URL(request.url);
    seen.push(`${request.method} ${pathname}`);
    if (request.headers.get("authorization") !== `Bearer ${apiKey}`)
      return Response.json(bodies.badKey, { status: 401 });
    if (pathname === "/files") {
      const content = (await request.formData()).get("content") as File;
      files.push(`${content.name}, ${content.size} bytes`);
      return Response.json(bodies.file(`${server.url}/files/f-1`), { status: 201 });
    }
    if (pathname === "/predictions") return list(searchParams);
    const [, id, call] = /^\/predictions\/([^/]+)(\/cancel)?$/.exec(pathname) ?? [];
    if (id === undefined) return submit((await request.json()) as Submitted);
    const task = tasks.find((one) => one.id === id);
    if (!task) return Response.json(bodies.noSuchPrediction, { status: 404 });
    if (call && request.method === "POST") cancel(task);
    return Response.json(statusOf(task));
  }

  function submit({ input, webhook }: Submitted): Response | undefined {
    const hook = webhook === undefined ? {} : { webhook };
    const task: Task = { id: `p${tasks.length}`, input, ...hook, at: now(), end: "succeeded" };
    tasks.push(task);
    return faults.lost-- > 0 ? undefined : Response.json(statusOf(task), { status: 201 });
  }

  function list(query: URLSearchParams): Response {
    const [after, before] = ["created_after", "created_before"].map((name) => Date.parse(query.get(name) ?? ""));
    const isListed = ({ at }: Task) => at > (after ?? 0) && at < (before ?? 0);
    const results = faults.lag-- > 0 ? [] : tasks.filter(isListed).toReversed();
    return Response.json(bodies.list(...results.map(statusOf)));
  }

  const hasEnded = ({ at, end }: Task) => end === "canceled" || now() - at >= 60_000;
  function statusOf(task: Task) {
    const { id, webhook, at, end } = task;
    const about = { id, webhook, created_at: new Date(at).toISOString() };
    if (!hasEnded(task))
      return bodies.prediction({ ...about, status: now() - at < 10_000 ? "starting" : "processing" });
    if (end === "succeeded") return bodies.prediction({ ...about, status: end, output: `${server.url}/${id}.mp4` });
    return bodies.prediction({ ...about, status: end, error: "NSFW content detected" });
  }

  function cancel(task: Task): void {
    faults.beforeCancel();
    if (!hasEnded(task)) task.end = "canceled";
  }

  const server = await listen(answer);
  return {
    ...server,
    tasks,
    files,
    seen,
    faults,
    /** Calls back, signed; `said` is what was changed in the body since. The status of the answer. */
    async callBack(task: Task | undefined, { said = {}, at = now() } = {}): Promise<number> {
      if (!task?.webhook) throw new Error("there is nobody to call");
      const body = JSON.stringify(statusOf(task));
      const headers = signed(body, webhookSecret, at);
      const sent = JSON.stringify({ ...statusOf(task), ...said });
      return (await fetch(task.webhook, { method: "POST", body: sent, headers })).status;
    },
  };
}
