// An example, not published: fal's queue on this machine, for flow.test.ts. Status and result are two calls.
import { listen } from "../loopback.ts";
import * as bodies from "./bodies.ts";

const FAILURES = {
  rejected: { status: 422, body: bodies.rejected },
  timedOut: { status: 504, body: bodies.timedOut },
  cancelled: { status: 400, body: bodies.cancelled },
};
type Ending = "video" | keyof typeof FAILURES;
type Task = { id: string; app: string; input: { image_url?: string }; webhook: string | null; at: number; end: Ending };

/** A task is queued for 10 s and ends after 60 s, by the given clock. */
export async function mockFal(now: () => number, key: string) {
  const tasks: Task[] = [];
  const files: string[] = [];
  /** So many answers to a submit are lost, and so many to a result come from a gateway; what happens before a cancel is heard. */
  const faults = { lost: 0, gateway: 0, beforeCancel: () => {} };

  async function answer(request: Request): Promise<Response | undefined> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname.startsWith("/put/")) {
      files.push(`${await request.text()}, credentials: ${request.headers.get("authorization")}`);
      return new Response(null, { status: 200 });
    }
    if (request.headers.get("authorization") !== `Key ${key}`) return Response.json(bodies.badKey, { status: 401 });
    if (pathname === "/storage/upload/initiate") return Response.json(bodies.place(server.url));
    const [, app = "", id, call] = /^(.+)\/requests\/([^/]+)(?:\/(\w+))?$/.exec(pathname) ?? [];
    if (id === undefined) {
      const input = (await request.json()) as Task["input"];
      return submit({
        app: pathname.split("/").slice(0, 3).join("/"),
        input,
        webhook: searchParams.get("fal_webhook"),
      });
    }
    const task = tasks.find((one) => one.id === id && one.app === app);
    if (!task) return Response.json(bodies.noSuchRequest, { status: 404 });
    if (call === "cancel" && request.method === "PUT") return cancel(task);
    return call === "status" ? Response.json(statusOf(task)) : resultOf(task);
  }

  function submit(about: Pick<Task, "app" | "input" | "webhook">): Response | undefined {
    const task: Task = { ...about, id: `req-${tasks.length}`, at: now(), end: "video" };
    tasks.push(task);
    return faults.lost-- > 0 ? undefined : Response.json({ ...bodies.accepted, request_id: task.id });
  }

  const hasEnded = ({ at, end }: Task) => end === "cancelled" || now() - at >= 60_000;
  function statusOf(task: Task) {
    if (hasEnded(task)) return bodies.completed;
    return now() - task.at < 10_000 ? bodies.queued : bodies.running;
  }

  function resultOf({ id, end }: Task): Response {
    if (faults.gateway-- > 0) return new Response("<h1>502 Bad Gateway</h1>", { status: 502 });
    if (end === "video") return Response.json(bodies.result(`${server.url}/${id}.mp4`));
    const { status, body } = FAILURES[end];
    return Response.json(body, { status });
  }

  function cancel(task: Task): Response {
    faults.beforeCancel();
    if (hasEnded(task)) return Response.json(bodies.alreadyCompleted, { status: 400 });
    if (statusOf(task) === bodies.queued) task.end = "cancelled";
    return Response.json(bodies.cancelRequested, { status: 202 });
  }

  const server = await listen(answer);
  return {
    ...server,
    tasks,
    files,
    faults,
    /** Calls back; `said` is what the body says otherwise. The status of the answer. */
    async callBack(task: Task | undefined, said: object = {}): Promise<number> {
      if (!task?.webhook) throw new Error("there is nobody to call");
      const body = JSON.stringify({ ...bodies.callback, request_id: task.id, ...said });
      return (await fetch(task.webhook, { method: "POST", body })).status;
    },
  };
}
