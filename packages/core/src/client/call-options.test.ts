// Every option of a client's calls, with what it may not be: refused before anything is sent.
import { expect, test } from "vitest";
import { accepted, acmeClient, done, ref, request } from "../test/acme.ts";
import { blamed, issuesOf, rows, WRONG } from "../test/wrong-values.ts";
import type { Step } from "../testing/stub-fetch.ts";
import { errorOf } from "../testing/vendor-suite.ts";
import type { VideoClient } from "./client.ts";
import { step } from "./step.ts";

const all = async (items: AsyncIterable<unknown>) => {
  for await (const _ of items);
};
type Call = (client: VideoClient, options: never) => Promise<unknown>;
const calls = {
  submit: (client, options) => client.submit(request, options),
  generate: (client, options) => client.generate(request, options),
  get: (client, options) => client.get(ref, options),
  wait: (client, options) => client.wait(ref, options),
  watch: (client, options) => all(client.watch(ref, options)),
  resume: (client, options) => all(client.resume(options)),
  drain: (client, options) => client.drain(options),
  cancel: async (client, options) => client.cancel?.(ref, options),
} as const satisfies { [name: string]: Call };

const keyRows = (all: typeof ofSubmit) =>
  all.filter(({ option }) => option === "idempotencyKey" || option === "maxPrice");

const wrongKeys = [5, "", "x".repeat(65), "a\nb", "\u0000", "\u0085", "\ud800", "x\udfff", {}, true, 5n];
const ofSubmit = [
  ...rows("idempotencyKey", wrongKeys),
  ...rows("maxPrice", [Number.NaN, -1, "0.5", {}, true]),
  ...rows("callback", [true, "https://app.test", {}, 0]),
  ...rows("callbackUrl", [7, {}, "", "nonsense", "ftp://a.test", "http://app.test/cb", "http://127.0.0.1/cb"]),
  ...rows("signal", WRONG.signal),
  ...rows("submitTimeout", WRONG.duration),
  ...rows("onEvent", WRONG.callable),
];
const ofWait = [
  ...rows("signal", [...WRONG.signal, ...WRONG.options]),
  ...rows("waitTimeout", WRONG.duration),
  ...rows("poll", [...WRONG.poll, ...WRONG.options]),
  ...rows("onEvent", WRONG.callable),
];
const wrong = {
  submit: ofSubmit,
  generate: [...ofSubmit, ...ofWait],
  get: rows("signal", WRONG.signal),
  wait: ofWait,
  watch: ofWait,
  resume: ofWait,
  drain: rows("timeout", [Number.NaN, -1, "5s", {}, true]),
  cancel: [...rows("destroy", ["yes", 1, 0, {}]), ...rows("signal", WRONG.signal)],
};
/** A client of a vendor that can cancel. */
const clientOf = (...steps: Step[]) => acmeClient(steps, {}, { cancel: { call: () => ({ path: "/cancel" }) } });
const names = Object.keys(calls) as (keyof typeof calls)[];
const optionsOf = (name: keyof typeof calls) => [...new Set(wrong[name].map(({ option }) => option))];

test.each(names.flatMap((name) => wrong[name].map((row) => ({ name, ...row }))))(
  "$name with $option: $value is refused before anything is sent",
  async ({ name, option, value }) => {
    const { client, seen } = clientOf(accepted, done);
    const error = await errorOf(calls[name](client, { [option]: value } as never));
    expect(error).toMatchObject({ code: "invalid_request", vendor: "acme", retryable: false });
    expect(blamed(error)).toEqual([option]);
    expect(seen).toEqual([]);
  },
);

test.each(names)("%s refuses a name that is no option, and options that are none", async (name) => {
  const { client, seen } = clientOf(accepted, done);
  const options = { [`${optionsOf(name)[0]}s`]: 1 };
  const [found] = issuesOf(await errorOf(calls[name](client, options as never)));
  expect(found?.message).toBe(`is not an option of ${name}: did you mean ${optionsOf(name)[0]}?`);
  for (const none of ["row-17", 7, true, [], ...WRONG.options])
    expect(blamed(await errorOf(calls[name](client, none as never)))).toEqual(["options"]);
  expect(seen).toEqual([]);
});

test.each(names)("for %s null is the same as nothing, as all of its options and as each", async (name) => {
  const fresh = () => (name === "submit" || name === "generate" ? clientOf(accepted, done) : clientOf(done)).client;
  await calls[name](fresh(), Object.fromEntries(optionsOf(name).map((option) => [option, null])) as never);
  await calls[name](fresh(), null as never);
});

test("drain takes part of a millisecond", async () => {
  const { client } = acmeClient([]);
  await expect(client.drain({ timeout: 0.5 })).resolves.toBeUndefined();
});

test.each([
  ["key", "idempotencyKey"],
  ["idempotency_key", "idempotencyKey"],
  ["maxprice", "maxPrice"],
  ["timeout", "submitTimeout"],
  ["callback_url", "callbackUrl"],
])("of the submit's option %s it is said that %s was probably meant", async (name, meant) => {
  const { client } = acmeClient([accepted]);
  const [found] = issuesOf(await errorOf(client.submit(request, { [name]: 1 })));
  expect(found).toMatchObject({ path: name, rule: meant });
});

test("a number as key is told apart from a key that is too long", async () => {
  const { client } = acmeClient([accepted]);
  const [found] = issuesOf(await errorOf(client.submit(request, { idempotencyKey: 5 as never })));
  expect(found?.message).toMatch(/^must be a string of 1 to 64 characters.*, not 5$/);
});

test("what is wrong with the request and with the options comes in one error", async () => {
  const { client } = acmeClient([accepted]);
  const options = { maxPrice: Number.NaN, submitTimeout: "30s", retries: 2 };
  const error = await errorOf(client.submit({ model: "acme-1", prompt: "" }, options as never));
  expect(blamed(error).toSorted()).toEqual(["maxPrice", "prompt", "retries", "submitTimeout"]);
});

test("what is wrong with the ref and with the options comes in one error", async () => {
  const { client } = acmeClient([done]);
  const error = await errorOf(client.wait({ vendor: "acme", model: "acme-1", id: "" }, { waitTimeout: Number.NaN }));
  expect(issuesOf(error).map(({ path }) => path)).toEqual(["ref.id", "waitTimeout"]);
});

test.each([undefined, null, 7, {}, "nonsense", [], "acme:acme-1:"])("a ref that is %j is refused", async (wrong) => {
  const { client, seen } = acmeClient([done]);
  for (const name of ["get", "wait", "watch"] as const) {
    const asking = name === "watch" ? all(client.watch(wrong as never)) : client[name](wrong as never);
    expect(blamed(await errorOf(asking))).toEqual(["ref"]);
  }
  expect(seen).toEqual([]);
});

test("the message of a wrong ref names each part once", async () => {
  const error = (await errorOf(acmeClient([done]).client.get({} as never))) as Error;
  expect(error.message).toBe(
    "ref.vendor: is required: a non-empty string; ref.model: is required: a non-empty string; ref.id: is required: a non-empty string",
  );
});

const throwing = (of: object, name: string): never =>
  Object.defineProperty({ ...of }, name, {
    enumerable: true,
    get() {
      throw new Error("sk-secret");
    },
  }) as never;

test.each(["model", "duration", "extraBody"])("a request whose %s throws when it is read is refused", async (field) => {
  const { client, seen } = acmeClient([accepted, done]);
  const wrong = [throwing(request, field), { ...request, extraBody: throwing({}, field) }];
  for (const asked of wrong) {
    const asking = [
      client.submit(asked),
      client.generate(asked),
      step(client, { idempotencyKey: "k", request: asked }),
      (async () => client.plan(asked))(),
    ];
    for (const one of asking) expect(issuesOf(await errorOf(one))).toMatchObject([{ path: "request" }]);
  }
  expect(seen).toEqual([]);
});

test.each(["vendor", "id", "submittedAt"])("a ref whose %s throws when it is read is refused", async (part) => {
  const { client, seen } = acmeClient([done]);
  const wrong = throwing(ref, part);
  for (const asking of [client.get(wrong), client.wait(wrong), all(client.watch(wrong))])
    expect(issuesOf(await errorOf(asking))).toMatchObject([{ path: "ref" }]);
  expect(seen).toEqual([]);
});

test("options that are a proxy which was revoked are refused", async () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const { client } = acmeClient([accepted]);
  expect(blamed(await errorOf(client.submit(request, proxy)))).toEqual(["options"]);
});

const wrongRequests = [undefined, null, "a waterfall", 7, []];
test.each([...keyRows(ofSubmit), ...rows("request", wrongRequests), ...rows("idempotencykey", ["k"])])(
  "step with $option: $value is refused before anything is sent",
  async ({ option, value }) => {
    const { client, seen } = acmeClient([accepted, done]);
    const error = await errorOf(step(client, { idempotencyKey: "k", request, [option]: value } as never));
    expect(blamed(error)).toEqual([option]);
    expect(seen).toEqual([]);
  },
);

test.each([undefined, null, {}])("a step of %j lacks its key and its request", async (options) => {
  const { client } = acmeClient([accepted]);
  expect(blamed(await errorOf(step(client, options as never)))).toEqual(["idempotencyKey", "request"]);
});
