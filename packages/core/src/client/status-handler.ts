// What a page may know of a task, for a route that the page polls: the client and its key stay on the server.
import { checkOptions, type Rules } from "../task/check-options.ts";
import { InvalidRequestError, VendorError, VidtaskError } from "../task/errors.ts";
import type { VendorCode } from "../task/failure.ts";
import { aFunction, required } from "../task/option-rules.ts";
import { parseRef } from "../task/parse-ref.ts";
import { formatRef, type Task, type TaskRef, type Video } from "../task/task.ts";
import type { VideoClient } from "./client.ts";
import { aClient } from "./members.ts";
import { heldTasks } from "./router-functions.ts";

/** The options of a status handler. */
export type StatusHandlerOptions = {
  /**
   * Whether the sender of this request may see this task: look up the session, and the owner of the row with this ref. Only
   * `true` allows it. The ref is what the page sent, so do not trust it.
   */
  authorize(request: Request, ref: TaskRef): boolean | Promise<boolean>;
};

/** What a page gets: the task without the vendor's own words. Times are ISO 8601, `progress` is 0 to 1. */
export type TaskStatusAnswer =
  | { state: "pending" | "processing"; progress?: number; nextPollAt: string }
  | { state: "succeeded"; videos: Video[] }
  | { state: "failed"; failure: { code: VendorCode } };

type Handler = (request: Request) => Promise<Response>;
const FAULT_PAUSE_S = 5;

/**
 * Makes a route that a page polls: `GET …?ref=` with a ref from `formatRef`, until the answer has no `nextPollAt`. It answers
 * with `TaskStatusAnswer` as JSON, which no cache may keep. The vendor is asked once per task until `nextPollAt`, however
 * often pages ask.
 *
 * 400: not a ref. 404: `authorize` did not return `true`, or there is no such task. 405: not a GET. 502: the vendor cannot be
 * read. 503: not now (with `Retry-After`). The body has the `code`. An error that `authorize` throws is rethrown.
 *
 * @throws InvalidRequestError without a client or without `authorize`
 */
export function toStatusHandler(client: VideoClient, options: StatusHandlerOptions): Handler {
  const about = { of: "toStatusHandler", vendor: "", phase: "poll" } as const;
  const issues: InvalidRequestError["issues"] = [];
  aClient(client, "client", issues);
  if (issues.length > 0) throw new InvalidRequestError({ ...about, issues });
  checkOptions(options, RULES, about);
  const read = reader(client);

  return async (request) => {
    if (request.method !== "GET") return answer(405, { error: "method_not_allowed" }, { allow: "GET" });
    const ref = refOf(request);
    if (!ref) return answer(400, { error: "invalid_ref" });
    if ((await options.authorize(request, ref)) !== true) return notFound();
    try {
      return answer(200, shown(await read(ref)));
    } catch (error) {
      return refusal(error);
    }
  };
}

const RULES: Rules<StatusHandlerOptions> = {
  authorize: /* @__PURE__ */ required(
    "a function of the request and the ref that says who may see the task",
    aFunction,
  ),
};

function refOf(request: Request): TaskRef | undefined {
  try {
    const refs = new URL(request.url).searchParams.getAll("ref");
    return refs.length === 1 ? parseRef(refs[0]) : undefined;
  } catch {
    return undefined;
  }
}

/** One question for all who ask at once, and none before the time that the last answer named. */
function reader(client: VideoClient): (ref: TaskRef) => Promise<Task> {
  const asked = new Map<string, Promise<Task>>();

  async function ask(ref: TaskRef): Promise<Task> {
    const task = await client.get(ref);
    (await heldTasks(client)).hold(task);
    return task;
  }

  return async (ref) => {
    const held = await heldTasks(client);
    const known = held.known(ref);
    if (known) return known;
    const name = formatRef(ref);
    const running = asked.get(name);
    if (running) return running;
    const asking = ask(ref).finally(() => asked.delete(name));
    asked.set(name, asking);
    return asking;
  };
}

function shown(task: Task): TaskStatusAnswer {
  if (task.state === "succeeded") return { state: task.state, videos: task.videos };
  if (task.state === "failed") return { state: task.state, failure: { code: task.failure.code } };
  const { state, progress, nextPollAt } = task;
  return { state, ...(progress === undefined ? {} : { progress }), nextPollAt };
}

/** The client's errors name the account's trouble, which is no page's business: their code is enough. */
function refusal(error: unknown): Response {
  if (!VidtaskError.isInstance(error)) throw error;
  const { code } = error;
  if (code === "not_found" || InvalidRequestError.isInstance(error)) return notFound();
  if (!error.retryable) return answer(502, { error: code });
  const wait = VendorError.isInstance(error) ? Math.ceil((error.retryAfterMs ?? 0) / 1_000) : 0;
  return answer(503, { error: code }, { "retry-after": String(Math.max(FAULT_PAUSE_S, wait)) });
}

const notFound = () => answer(404, { error: "not_found" });

const answer = (status: number, body: TaskStatusAnswer | { error: string }, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
