// An example, not published: a Kling on this machine, for flow.test.ts. It checks the JWT as Kling would.
import { createHmac } from "node:crypto";
import { listen } from "../loopback.ts";
import * as bodies from "./bodies.ts";

type Submitted = { external_task_id: string; callback_url?: string; image?: string };
type Task = {
  id: string;
  kind: string;
  input: Submitted;
  token: string;
  callbackUrl?: string | undefined;
  at: number;
  fails?: string;
};
export type Keys = { accessKey: string; secretKey: string };

/** A task waits for 10 s and ends after 60 s, by the given clock. */
export async function mockKling(now: () => number, keys: Keys) {
  const tasks: Task[] = [];
  /** So many answers to a submit are lost, and so many looks by `external_task_id` come too early. */
  const faults = { lost: 0, lag: 0, isInArrears: false };

  async function answer(request: Request): Promise<Response | undefined> {
    if (!isValid(request.headers.get("authorization"), keys, now()))
      return Response.json(bodies.badKey, { status: 401 });
    const [, , , kind = "", name] = new URL(request.url).pathname.split("/");
    if (request.method === "POST") return submit(kind, (await request.json()) as Submitted);
    const task = tasks.find((one) => one.kind === kind && (one.id === name || one.token === name));
    const isEarly = task?.token === name && faults.lag-- > 0;
    return task && !isEarly ? Response.json(statusOf(task)) : Response.json(bodies.noSuchTask, { status: 404 });
  }

  function submit(kind: string, input: Submitted) {
    if (faults.isInArrears) return Response.json(bodies.inArrears, { status: 429 });
    const { external_task_id: token, callback_url: callbackUrl } = input;
    const task: Task = { id: `86${tasks.length}`, kind, input, token, callbackUrl, at: now() };
    tasks.push(task);
    return faults.lost-- > 0 ? undefined : Response.json(statusOf(task));
  }

  function statusOf({ id, token, at, fails }: Task) {
    const about = { id, token, at };
    if (now() - at < 10_000) return bodies.status({ ...about, state: "submitted" });
    if (now() - at < 60_000) return bodies.status({ ...about, state: "processing" });
    if (fails !== undefined) return bodies.status({ ...about, state: "failed", message: fails });
    return bodies.status({ ...about, state: "succeed", url: `${server.url}/${id}.mp4` });
  }

  const server = await listen(answer);
  return {
    ...server,
    tasks,
    faults,
    /** Calls back; `said` is what the body says otherwise. The status of the answer. */
    async callBack(task: Task | undefined, said: object = {}): Promise<number> {
      if (!task?.callbackUrl) throw new Error("there is nobody to call");
      const body = JSON.stringify({ ...statusOf(task).data, ...said });
      return (await fetch(task.callbackUrl, { method: "POST", body })).status;
    },
  };
}

/** RFC 7519, with the claims that Kling wants. */
function isValid(authorization: string | null, { accessKey, secretKey }: Keys, now: number): boolean {
  const [head, claims = "", signature] = authorization?.replace("Bearer ", "").split(".") ?? [];
  const {
    iss,
    exp = 0,
    nbf = 0,
  } = JSON.parse(Buffer.from(claims, "base64url").toString() || "{}") as {
    [claim in "iss" | "exp" | "nbf"]?: number | string;
  };
  const mac = createHmac("sha256", secretKey).update(`${head}.${claims}`).digest("base64url");
  return signature === mac && iss === accessKey && Number(nbf) * 1000 <= now && now < Number(exp) * 1000;
}
