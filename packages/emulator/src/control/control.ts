// The REST API under `/_emulator`: everything that the page at `/` shows and does.
import { Hono, type Context as RequestOf } from "hono";
import { kinds } from "../faults/kinds.ts";
import { checkFault, type FaultOptions } from "../faults/options.ts";
import { scopePath, type Scopes } from "../scopes.ts";
import { isObject, type Fields } from "../vendors/rules.ts";
import type { World } from "../world.ts";
import { act, type Action } from "./actions.ts";
import { eventStream } from "./feed.ts";
import { refusal } from "./guard.ts";
import { failure, json } from "./json.ts";
import { pageFile, pageHtml } from "./page.ts";
import { timelineOf } from "./timeline.ts";
import {
  balances,
  callbackView,
  clockView,
  exchangeView,
  faultView,
  fidelityView,
  findTask,
  ledgerView,
  newest,
  requestView,
  taskView,
  vendorView,
} from "./views.ts";

/** A request for the emulator itself, which came to a scope. */
export interface Visit {
  scopes: Scopes;
  scope: string;
  world: World;
  /** Where the caller reached the scope. */
  base: string;
  token: string;
  instance: string;
}

type C = RequestOf<{ Bindings: Visit }>;

export const isControl = (path: string): boolean => /^\/(_emulator(\/[^?]*)?)?(\?|$)/.test(path);

/** Most entries of a list, and how many without `limit`. */
const MOST = 2_000;
const USUAL = 100;

const app = new Hono<{ Bindings: Visit }>();

app.use(async (c, next) => {
  const refused = refusal(c.req.raw, c.env.token);
  if (refused) return refused;
  await next();
  return undefined;
});

app.get("/", (c) => pageHtml(scopePath(c.env.scope), c.env.token));
app.get("/_emulator/page.js", () => pageFile("js"));
app.get("/_emulator/page.css", () => pageFile("css"));

const api = new Hono<{ Bindings: Visit }>();

api.get("/", (c) => {
  const { world, scope, base, instance } = c.env;
  return json({
    instance,
    scope,
    clock: clockView(world),
    taskMs: world.options.taskMs ?? null,
    seed: world.options.seed,
    vendors: world.parts.map(({ vendor }) => vendorView(vendor, base)),
    faults: Object.entries(kinds).map(([kind, { on, takes = [] }]) => ({ kind, on, takes })),
  });
});

api.get("/tasks", (c) => {
  const { world, base } = c.env;
  const { vendor, state, q = "" } = c.req.query();
  const words = q.toLowerCase();
  const all = world.parts
    .filter((part) => vendor === undefined || part.name === vendor)
    .flatMap((part) => [...part.context.store.all()].map((task) => ({ part, task })))
    .filter(({ part, task }) => state === undefined || part.context.store.state(task) === state)
    .filter(
      ({ task }) =>
        words === "" || [task.id, task.model, task.clip.prompt].some((text) => text.toLowerCase().includes(words)),
    )
    .toSorted((a, b) => b.task.createdAt - a.task.createdAt);
  return json({
    total: all.length,
    tasks: all.slice(0, limitOf(c)).map(({ part, task }) => taskView(world, part, task, base)),
  });
});

api.get("/tasks/:id", (c) => ofTask(c, ({ world, part, task }) => json(taskView(world, part, task, c.env.base))));
api.get("/tasks/:id/timeline", (c) =>
  ofTask(c, ({ world, part, task }) => json({ timeline: timelineOf(world, part, task) })),
);
for (const action of ["fail", "finish", "stick"] as const satisfies readonly Action[])
  api.post(`/tasks/:id/${action}`, (c) =>
    ofTask(c, async ({ world, part, task }) => {
      const { code } = await bodyOf(c);
      if (code !== undefined && typeof code !== "string") return failure(400, "invalid", "code must be a string");
      const wrong = act(world, part, task, action, code);
      if (wrong !== undefined) return failure(409, "state", wrong);
      const after = part.context.store.get(task.id) ?? task;
      return json(taskView(world, part, after, c.env.base));
    }),
  );

api.post("/tasks/:id/redeliver", (c) =>
  ofTask(c, async ({ world, part, task }) => {
    const state = part.context.store.state(task);
    if (state !== "succeeded" && state !== "failed")
      return failure(
        409,
        "state",
        `the task has not ended yet: ${state}; finish or fail it first, or forge a callback`,
      );
    return await calledBack(world, task.id, "true");
  }),
);
api.post("/tasks/:id/forge", (c) =>
  ofTask(c, async ({ world, task }) => {
    const { kind = "forged" } = await bodyOf(c);
    if (kind !== "forged" && kind !== "forged-failure")
      return failure(400, "invalid", 'kind must be "forged" or "forged-failure"; leave it out for "forged"');
    return await calledBack(world, task.id, kind);
  }),
);

api.get("/requests", (c) => {
  const { vendor, taskId } = c.req.query();
  const all = c.env.world.wire.entries.filter(
    (entry) =>
      (vendor === undefined || entry.request.vendor === vendor) && (taskId === undefined || entry.taskId === taskId),
  );
  return json({ total: all.length, requests: newest(all, limitOf(c)).map(requestView) });
});
api.get("/requests/:id", (c) => {
  const entry = c.env.world.wire.entries.find(({ id }) => String(id) === c.req.param("id"));
  return entry
    ? json(exchangeView(entry))
    : failure(404, "not_found", "there is no request with this id, or no longer");
});

api.get("/callbacks", (c) => {
  const { taskId } = c.req.query();
  const all = c.env.world.callbacks.log.filter((entry) => taskId === undefined || entry.taskId === taskId);
  return json({ total: all.length, callbacks: newest(all, limitOf(c)).map(callbackView) });
});
api.get("/ledger", (c) => {
  const { vendor, taskId } = c.req.query();
  const all = c.env.world
    .ledger()
    .filter(
      (entry) => (vendor === undefined || entry.vendor === vendor) && (taskId === undefined || entry.taskId === taskId),
    );
  return json({ total: all.length, ledger: newest(all, limitOf(c)).map(ledgerView) });
});
api.get("/balances", (c) => json({ balances: balances(c.env.world) }));

api.get("/faults", (c) => json({ faults: c.env.world.faults.waiting().map(faultView) }));
api.post("/faults", async (c) => {
  const { world } = c.env;
  const asked = await bodyOf(c);
  if (asked["times"] === null) asked["times"] = Infinity;
  try {
    const id = world.faults.add(checkFault(asked as unknown as FaultOptions, world.options.vendors));
    const added = world.faults.waiting().find((fault) => fault.id === id);
    return json(added && faultView(added), 201);
  } catch (error) {
    return failure(400, "invalid", (error as Error).message);
  }
});
api.delete("/faults", (c) => {
  c.env.world.faults.clear();
  return json({ faults: [] });
});
api.delete("/faults/:id", (c) =>
  c.env.world.faults.remove(Number(c.req.param("id")))
    ? json({ faults: c.env.world.faults.waiting().map(faultView) })
    : failure(404, "not_found", "there is no waiting fault with this id"),
);

api.get("/clock", (c) => json(clockView(c.env.world)));
api.post("/clock/advance", async (c) => {
  const { ms } = await bodyOf(c);
  if (typeof ms !== "number" || !Number.isFinite(ms) || ms < 0 || ms > MOST_ADVANCE)
    return failure(400, "invalid", `ms must be a number of milliseconds from 0 to ${MOST_ADVANCE}`);
  await c.env.world.clock.skip(ms);
  return json(clockView(c.env.world));
});

api.post("/reset", (c) => {
  c.env.world.reset();
  return json({});
});
api.get("/scopes", (c) => json({ scopes: c.env.scopes.names() }));
api.delete("/scopes/:name", (c) =>
  c.env.scopes.remove(c.req.param("name"))
    ? json({ scopes: c.env.scopes.names() })
    : failure(404, "not_found", "there is no scope of this name"),
);

api.get("/fidelity", (c) => json({ vendors: fidelityView(c.env.world) }));
api.get("/events", (c) => eventStream(c.env.world, c.env.base));

app.route("/_emulator", api);
app.notFound(() =>
  failure(404, "not_found", "the control API has nothing at this path; its README lists what there is"),
);
app.onError((error) =>
  error instanceof BadBody ? failure(400, "invalid", error.message) : failure(500, "internal", String(error)),
);

/** A year: what expires has expired by then. */
const MOST_ADVANCE = 366 * 86_400_000;

export const answerControl = (request: Request, visit: Visit): Response | Promise<Response> =>
  app.fetch(request, visit);

class BadBody extends Error {}

async function bodyOf(c: C): Promise<Fields> {
  const text = await c.req.text();
  if (text === "") return {};
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) return body;
  } catch {
    // said below
  }
  throw new BadBody("the body must be a JSON object");
}

type Found = NonNullable<ReturnType<typeof findTask>> & { world: World };

async function ofTask(c: C, then: (found: Found) => Response | Promise<Response>): Promise<Response> {
  const { world } = c.env;
  const found = findTask(world, c.req.param("id") ?? "");
  if (!found) return failure(404, "not_found", "there is no task with this id in this scope");
  return await then({ ...found, world });
}

async function calledBack(world: World, taskId: string, what: "true" | "forged" | "forged-failure"): Promise<Response> {
  const entry = await world.callbacks.again(taskId, what);
  return entry
    ? json(callbackView(entry))
    : failure(409, "no_receiver", "the submit of this task named no receiver for its callback");
}

function limitOf(c: C): number {
  const limit = Number(c.req.query("limit") ?? USUAL);
  return Number.isSafeInteger(limit) && limit > 0 ? Math.min(limit, MOST) : USUAL;
}
