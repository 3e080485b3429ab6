// The real OpenTelemetry SDK over real clients and the emulator.
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { createAPIModels } from "@vidtask/apimodels";
import {
  createApixo,
  createReceiver,
  formatRef,
  memoryJournal,
  openVideo,
  parseRef,
  type Journal,
  type TaskRef,
} from "@vidtask/apixo";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { instrumentVidtask } from "./index.ts";
import { observed } from "./test/observed.ts";

const request = { model: "kling-2-6", prompt: "a secret waterfall" } as const;
/** Of a vendor whose page prints the price. */
const priced = { model: "kling-v2-6", prompt: "a secret waterfall", duration: 5 } as const;
const named = (idempotencyKey: string) => ({ idempotencyKey });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("spans", () => {
  test("of a task: its submit, and its wait, which is linked to it", async () => {
    const { emulator, spans } = observed();
    const client = createAPIModels({ ...emulator.for("apimodels"), poll: { interval: 60_000 } });
    const task = await emulator.clock.until(client.generate(priced, named("row-17")));
    const [submit, wait] = spans();
    expect(submit).toMatchObject({ name: "vidtask.submit", kind: SpanKind.CLIENT, links: [] });
    expect(submit?.attributes).toEqual({
      "vidtask.vendor": "apimodels",
      "vidtask.model": "kling-v2-6",
      "vidtask.idempotency_key": "row-17",
      "vidtask.ref": formatRef(task),
      "vidtask.state": "pending",
      "vidtask.price_usd": 0.0159,
      "vidtask.accepted": true,
    });
    expect(wait).toMatchObject({ name: "vidtask.wait", status: { code: SpanStatusCode.UNSET } });
    expect(wait?.attributes).toEqual({
      "vidtask.vendor": "apimodels",
      "vidtask.model": "kling-v2-6",
      "vidtask.idempotency_key": "row-17",
      "vidtask.ref": formatRef(task),
      "vidtask.state": "succeeded",
      "vidtask.polls": emulator.requests.filter(({ method }) => method === "GET").length,
    });
    const { traceId, spanId } = submit!.spanContext();
    expect(wait?.links).toMatchObject([{ context: { traceId, spanId, isRemote: true } }]);
  });

  test("of a wait, a repeated submit, a resume and a download by another client, through the journal they share", async () => {
    const { emulator, spans } = observed();
    const journal: Journal = { ...memoryJournal(), durable: true };
    const options = { ...emulator.for("apixo"), journal };
    const task = await createApixo(options).submit(request, named("row-18"));
    const { spanId } = spans()[0]!.spanContext();
    const later = createApixo(options);
    await later.submit(request, named("row-18"));
    await emulator.clock.until(all(later.resume()));
    const done = await emulator.clock.until(later.wait(parseRef(formatRef(task))));
    await (await openVideo(later, done)).stream.cancel();
    expect(spans().map(({ name, links }) => [name, links.map(({ context }) => context.spanId)])).toEqual([
      ["vidtask.submit", []],
      ["vidtask.submit", [spanId]],
      ["vidtask.wait", [spanId]],
      ["vidtask.wait", [spanId]],
      ["vidtask.download", [spanId]],
    ]);
    expect(spans()[1]?.attributes).not.toHaveProperty("vidtask.accepted");
    expect(spans()[4]?.attributes["vidtask.bytes"]).toBeGreaterThan(1_000);
  });

  test("of a callback, which consumes what its submit has set off, and of what onTask does in it", async () => {
    const contexts = new AsyncLocalStorageContextManager();
    context.setGlobalContextManager(contexts.enable());
    onTestFinished(() => context.disable());
    const deliverCallback = (request: Request) => receiver.fetch(request);
    const { emulator, spans, tracer } = observed({}, { deliverCallback });
    const client = createApixo({
      ...emulator.for("apixo"),
      callback: { url: "https://app.test/hook", secret: "a-secret-of-thirty-two-bytes-or-more" },
    });
    const onTask = () => tracer.startSpan("UPDATE videos").end();
    const receiver = createReceiver({ clients: [client], onTask });
    const task = await client.submit(request, named("row-19"));
    await emulator.clock.advance(600_000);
    const [submit, inside, callback] = spans();
    expect(callback).toMatchObject({
      name: "vidtask.callback",
      kind: SpanKind.CONSUMER,
      attributes: { "vidtask.ref": formatRef(task), "http.response.status_code": 200 },
      links: [{ context: { spanId: submit?.spanContext().spanId } }],
    });
    expect(inside?.parentSpanContext?.spanId).toBe(callback?.spanContext().spanId);
  });

  test("are children of the program's span, and each request is made inside the one of its call", async () => {
    const contexts = new AsyncLocalStorageContextManager();
    context.setGlobalContextManager(contexts.enable());
    onTestFinished(() => context.disable());
    const { emulator, spans, tracer } = observed();
    const options = emulator.for("apixo");
    const client = createApixo({
      ...options,
      // As an instrumentation of HTTP does it.
      fetch: async (...args) => {
        const span = tracer.startSpan("HTTP");
        return options.fetch(...args).finally(() => span.end());
      },
    });
    await tracer.startActiveSpan("my request", async (mine) => {
      const task = await client.submit(request);
      await client.get(task);
      await emulator.clock.until(Promise.all([client.wait(task), all(client.watch(task))]));
      expect(trace.getActiveSpan()).toBe(mine);
      mine.end();
    });
    expect(trace.getActiveSpan()).toBeUndefined();
    const byId = new Map(spans().map((span) => [span.spanContext().spanId, span.name]));
    const parents = spans().map(({ name, parentSpanContext: parent }) => [name, byId.get(parent?.spanId ?? "")]);
    const requests = parents.filter(([name]) => name === "HTTP").map(([, parent]) => parent);
    expect(parents.filter(([name]) => name !== "HTTP")).toEqual([
      ["vidtask.submit", "my request"],
      ["vidtask.get", "my request"],
      ["vidtask.wait", "my request"],
      ["vidtask.wait", "my request"],
      ["my request", undefined],
    ]);
    expect(requests.length).toBeGreaterThan(3);
    expect(requests).toEqual(["vidtask.submit", "vidtask.get", ...requests.slice(2).map(() => "vidtask.wait")]);
  });

  test("of a question is linked to the submit, and has the state that was read", async () => {
    const { emulator, spans } = observed();
    const client = createApixo(emulator.for("apixo"));
    const task = await client.submit(request, named("row-20"));
    await client.get(task);
    const [submit, get] = spans();
    expect(get).toMatchObject({
      name: "vidtask.get",
      kind: SpanKind.CLIENT,
      attributes: { "vidtask.ref": formatRef(task), "vidtask.state": "pending" },
      links: [{ context: { spanId: submit?.spanContext().spanId } }],
    });
  });

  test("of a failed task are errors with its code, of a wait that was stopped with that", async () => {
    const { emulator, spans } = observed();
    const client = createApixo(emulator.for("apixo"));
    emulator.injectFault({ on: "submit", kind: "fail:CONTENT_VIOLATION" });
    await emulator.clock.until(client.generate(request).catch(() => {}));
    expect(spans().at(-1)).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { "vidtask.state": "failed", "error.type": "content_rejected" },
    });
    const task = await client.submit(request);
    const stopping = new AbortController();
    const waiting = client.wait(task, { signal: stopping.signal }).catch(() => {});
    await emulator.clock.advance(1_000);
    stopping.abort();
    await waiting;
    expect(spans().at(-1)?.attributes).toMatchObject({ "error.type": "aborted", "vidtask.ref": formatRef(task) });
  });

  test("of what is refused have nothing of what was given, and a wait that does not begin has none", async () => {
    const { emulator, spans, exported } = observed();
    const client = createApixo(emulator.for("apixo"));
    const odd = { vendor: "apixo", model: "a/../model", id: "x y", state: "https://secret.test" };
    for (const ref of [odd, null, 17, "nothing", { ...odd, vendor: "other" }])
      await client.wait(ref as never).catch(() => {});
    expect(spans()).toEqual([]);
    await client.submit({ model: "a/../model", prompt: 17, duration: "https://secret.test" } as never).catch(() => {});
    await client.submit(null as never).catch(() => {});
    expect(spans().map(({ attributes }) => attributes["error.type"])).toEqual(["invalid_request", "invalid_request"]);
    expect(await exported()).not.toMatch(/a\/..\/model|secret/);
  });

  test("have no link where a journal holds something else in its place", async () => {
    const { emulator, spans } = observed();
    const journal: Journal = { ...memoryJournal(), durable: true };
    const zeros = `00-${"0".repeat(32)}-${"0".repeat(16)}-01`;
    const odd: unknown[] = ["a waterfall", 17, "00-0-0-0", zeros, {}, null];
    const findByTask = async (ref: TaskRef) => {
      const row = await journal.findByTask(ref);
      return row && { ...row, traceparent: odd.pop() as string };
    };
    const client = createApixo({ ...emulator.for("apixo"), journal: { ...journal, findByTask } });
    const task = await client.submit(request);
    while (odd.length > 0) await client.wait(task, { waitTimeout: 0 }).catch(() => {});
    expect(spans().length).toBeGreaterThan(5);
    expect(spans().flatMap(({ links }) => links)).toEqual([]);
  });
});

describe("metrics", () => {
  test("count the charges that the ledger has, polls and how long each took", async () => {
    const { emulator, points } = observed();
    const client = createAPIModels({ ...emulator.for("apimodels"), poll: { interval: 60_000 } });
    for (const duration of [5, 10] as const) await emulator.clock.until(client.generate({ ...priced, duration }));
    await createApixo(emulator.for("apixo")).submit(request);
    const found = await points();
    const paid = emulator.ledger.filter(({ vendor }) => vendor === "apimodels");
    const of = { "vidtask.vendor": "apimodels", "vidtask.model": "kling-v2-6" };
    const usd = paid.reduce((sum, { usd }) => sum + usd, 0);
    expect(found["vidtask.charges"]).toMatchObject([{ attributes: of, value: expect.closeTo(usd) }]);
    const polls = emulator.requests.filter(({ method }) => method === "GET").length;
    expect(found["vidtask.polls"]).toMatchObject([{ attributes: of, value: polls }]);
    expect(found["vidtask.charges.unpriced"]).toMatchObject([{ attributes: { "vidtask.vendor": "apixo" }, value: 1 }]);
    expect(found["vidtask.duration"]?.map(({ attributes, value }) => [attributes, value])).toMatchObject([
      [{ ...of, "vidtask.path": "submit", "vidtask.state": "pending" }, { count: 2 }],
      [{ ...of, "vidtask.path": "wait", "vidtask.state": "succeeded" }, { count: 2 }],
      [{ "vidtask.vendor": "apixo", "vidtask.path": "submit" }, { count: 1 }],
    ]);
    expect(found["vidtask.submits.unknown"]).toMatchObject([{ attributes: of, value: 0 }, { value: 0 }]);
  });

  test("measure in seconds", async () => {
    const { emulator, points } = observed();
    const { fetch, ...target } = emulator.for("apimodels");
    const { now } = performance;
    let passed = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now.call(performance) + passed);
    onTestFinished(() => clock.mockRestore());
    const slowly: typeof fetch = (...given) => ((passed += 90_000), fetch(...given));
    await createAPIModels({ ...target, fetch: slowly }).submit(priced);
    const [point] = (await points())["vidtask.duration"] ?? [];
    const value = point?.value as { sum: number } | undefined;
    expect(value?.sum).toBeGreaterThan(90);
    expect(value?.sum).toBeLessThan(180);
  });

  test("count no second charge for a repeated submit, and a lost answer as unknown", async () => {
    const { emulator, points, spans } = observed();
    const client = createAPIModels({ ...emulator.for("apimodels"), poll: { interval: 60_000 } });
    await client.submit(priced, named("row-19"));
    await client.submit(priced, named("row-19"));
    emulator.injectFault({ on: "submit", kind: "reset-after-accept" });
    await client.submit(priced).catch(() => {});
    expect(emulator.ledger).toHaveLength(2);
    emulator.injectFault({ on: "submit", kind: "402" });
    await client.submit(priced).catch(() => {});
    const found = await points();
    expect(found["vidtask.charges"]).toMatchObject([{ value: emulator.ledger[0]?.usd }]);
    expect(found["vidtask.submits.unknown"]).toMatchObject([{ value: 1 }]);
    expect(spans().slice(-2)).toMatchObject([
      {
        status: { code: SpanStatusCode.ERROR },
        attributes: { "error.type": "submit_unknown", "vidtask.billed": "unknown" },
      },
      { attributes: { "error.type": "insufficient_credits", "vidtask.billed": "no" } },
    ]);
  });
});

describe("a prompt", () => {
  const refuse = async (client: ReturnType<typeof createApixo>) => {
    await client.submit({ ...request, extraBody: { callback_url: "https://secret.test" } }).catch(() => {});
    await client.submit({ ...request, duration: 7 as never }).catch(() => {});
  };

  test("is in no span and no metric, nor is a URL", async () => {
    const { emulator, exported, spans } = observed();
    const client = createApixo(emulator.for("apixo"));
    await emulator.clock.until(client.generate({ ...request, image: "https://pictures.test/a.png" } as never));
    await refuse(client);
    expect(spans().length).toBeGreaterThan(2);
    expect(await exported()).not.toMatch(/waterfall|https?:|emulator-key/);
  });

  test("is in the submit's span, and an error's message in its status, where `prompts` asks for it", async () => {
    const { emulator, spans } = observed({ prompts: true });
    const client = createApixo(emulator.for("apixo"));
    await client.submit(request);
    await refuse(client);
    expect(spans()[0]?.attributes["vidtask.prompt"]).toBe(request.prompt);
    expect(spans().at(-1)?.status.message).toContain("duration");
  });
});

test("what still runs when it is stopped has its span, which ends once", async () => {
  const { emulator, spans, stop } = observed();
  const client = createApixo(emulator.for("apixo"));
  const task = await client.submit(request, named("row-30"));
  const waiting = client.wait(task);
  await emulator.clock.advance(1_000);
  stop();
  const names = ["vidtask.submit", "vidtask.wait"];
  expect(spans().map(({ name }) => name)).toEqual(names);
  expect(spans()[1]).toMatchObject({
    attributes: { "vidtask.ref": formatRef(task) },
    status: { code: SpanStatusCode.UNSET },
  });
  await emulator.clock.until(waiting);
  expect(spans().map(({ name }) => name)).toEqual(names);
});

test("a tracer and a meter that throw change no paid call, and what is stopped hears nothing", async () => {
  const { emulator, spans, stop } = observed();
  const client = createApixo(emulator.for("apixo"));
  const broken = vi.fn((): never => {
    throw new Error("mine");
  });
  const instrument = { add: broken, record: broken };
  const end = instrumentVidtask({
    tracer: { startSpan: broken, startActiveSpan: broken },
    meter: { createCounter: () => instrument, createHistogram: () => instrument } as never,
  });
  await client.submit(request);
  expect([emulator.ledger.length, spans().length]).toEqual([1, 1]);
  expect(broken.mock.calls.length).toBeGreaterThanOrEqual(2);
  end();
  stop();
  stop();
  broken.mockClear();
  await client.submit(request);
  expect([broken.mock.calls.length, emulator.ledger.length, spans().length]).toEqual([0, 2, 1]);
});

test.each([
  [{ tracer: {} }, "`tracer` must be an OpenTelemetry Tracer"],
  [{ meter: 7 }, "`meter` must be an OpenTelemetry Meter"],
  [{ prompts: "yes" }, "`prompts` must be true or false"],
  [{ prompt: true }, "`prompt` is not an option: there are tracer, meter, prompts"],
  ["yes", "give it an object of options"],
  [{ tracer: {}, prompts: 1 }, "`prompts` must be"],
])("%j is refused where it is given", (options, message) => {
  expect(() => instrumentVidtask(options as never)).toThrow(TypeError);
  expect(() => instrumentVidtask(options as never)).toThrow(message);
});

test("null and undefined are the same as nothing", () => {
  instrumentVidtask({ tracer: undefined, meter: null as never, prompts: undefined })();
  instrumentVidtask(null as never)();
});
