// Every option of a client, with what it may not be: refused where the client is made.
import { afterEach, expect, test, vi } from "vitest";
import type { ClientOptions } from "../context/options.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { memorySlots } from "../limits/memory-slots.ts";
import { accepted, acmeClient, createAcme, request } from "../test/acme.ts";
import { thrownBy } from "../test/thrown-by.ts";
import { blamed, issuesOf, rows, WRONG } from "../test/wrong-values.ts";
import { errorOf } from "../testing/vendor-suite.ts";

afterEach(() => void vi.unstubAllEnvs());

const make = (options: unknown) => createAcme(options as ClientOptions);
const wrongLimits = [Number.NaN, -1, "30", 0, 0.5, {}];
const wrong = [
  ...rows("apiKey", [7, {}, ["k"]]),
  ...rows("baseUrl", [7, {}, "nonsense", "ftp://a.test", "//a.test", "https://u:p@a.test", "https://u@a.test"]),
  ...rows("baseUrl", ["https://a.test/?q=1", "https://a.test/#x", "http://127.0.0.1:6000", "http://a.test:25/v1"]),
  ...rows("fetch", WRONG.callable),
  ...rows("clock", [7, {}, () => 0, Date, { now: () => 0 }, { now: () => 0, elapsed: () => 0, sleep: 5 }]),
  ...rows("requestTimeout", WRONG.positiveDuration),
  ...rows("waitTimeout", WRONG.duration),
  ...rows("limits", [7, "none", [], { requestsPerMinutes: 5 }]),
  ...rows(
    "limits",
    wrongLimits.flatMap((limit) => [{ requestsPerMinute: limit }, { concurrentTasks: limit }]),
  ),
  ...rows("limits", [{ shared: {} }, { shared: new Map() }, { shared: "redis" }]),
  ...rows("budget", [5, "5", [], {}, { usd: 5, shared: {} }, { usd: 5, shared: new Map() }, { usd: 5, dollars: 5 }]),
  ...rows("budget", [{ usd: 0 }, { usd: -1 }, { usd: Number.NaN }, { usd: Number.POSITIVE_INFINITY }, { usd: "5" }]),
  ...rows("budget", [
    { usd: 5, period: "" },
    { usd: 5, period: 7 },
  ]),
  ...rows("prices", WRONG.callable),
  ...rows("journal", [new Map(), {}, "journal.db", 7, [], { ...memoryJournal(), list: undefined }]),
  ...rows("journal", [{ ...memoryJournal(), durable: "yes" }]),
  ...rows("account", ["", 7, {}, "a\nb", "\ud800"]),
  ...rows("callback", ["https://app.test", 7, [], {}, true]),
  ...rows("upload", WRONG.callable),
  ...rows("dangerouslyAllowBrowser", ["yes", 1, {}]),
  ...rows("onEvent", WRONG.callable),
  ...rows("poll", [...WRONG.poll, ...WRONG.options]),
  ...["limits", "callback", "clock", "journal"].flatMap((option) => rows(option, WRONG.options)),
];
const names = [...new Set(wrong.map(({ option }) => option))];

test.each(wrong)("$option: $value is refused", ({ option, value }) => {
  const error = thrownBy(() => make({ apiKey: "k", [option]: value }));
  expect(error).toMatchObject({ code: "invalid_request", vendor: "acme", phase: "plan", billed: "no" });
  expect(blamed(error)).toEqual([option]);
});

test.each(WRONG.options)("%o is not taken for options", (value) => {
  expect(blamed(thrownBy(() => createAcme(value as ClientOptions)))).toEqual(["options"]);
});

test("a Promise that was not awaited is named", () => {
  const [found] = issuesOf(thrownBy(() => createAcme(Promise.resolve({}) as ClientOptions)));
  expect(found?.message).toContain("not an object of the kind Promise");
});

test("an instance of a class, with getters, is taken for options", () => {
  class Config {
    readonly requestTimeout = 0;
    get waitTimeout(): number {
      return -1;
    }
  }
  expect(blamed(thrownBy(() => createAcme(new Config() as ClientOptions)))).toEqual(["requestTimeout", "waitTimeout"]);
});

test("options that cannot be read are named, as a whole and by themselves", () => {
  const fail = () => {
    throw new Error("not for you");
  };
  const unreadable = new Proxy({}, { get: fail, ownKeys: fail, has: fail });
  expect(blamed(thrownBy(() => createAcme(unreadable)))).toEqual(["options"]);
  for (const option of ["limits", "poll", "callback", "journal", "clock"])
    expect(blamed(thrownBy(() => make({ apiKey: "k", [option]: unreadable })))).toEqual([option]);
});

test("an option whose getter throws is named", () => {
  const options = {
    get waitTimeout(): number {
      throw new Error("no configuration");
    },
  };
  expect(blamed(thrownBy(() => createAcme(options)))).toEqual(["waitTimeout"]);
});

test.each([
  { apiKey: "" },
  { baseUrl: "" },
  { baseUrl: "https://a.test/v1/" },
  { requestTimeout: 1 },
  { waitTimeout: 0 },
  { limits: { requestsPerMinute: Number.POSITIVE_INFINITY, concurrentTasks: 1 } },
  { limits: {} },
  { poll: { first: 0, interval: 1 } },
])("%j is taken", (options) => {
  expect(make(options).vendor).toBe("acme");
});

test.each(names)("null for %s is the same as nothing", (option) => {
  expect(make({ [option]: null }).vendor).toBe("acme");
});

test.each([
  [[], "an empty list"],
  [[1], "a list"],
])("%j in place of an object is told as what it is", (limits, kind) => {
  const [found] = issuesOf(thrownBy(() => make({ limits })));
  expect(found?.message).toMatch(new RegExp(`not ${kind}$`));
});

test("null for everything, and for a part of something, is the same as nothing", async () => {
  const { fetch: _, apiKey: __, ...nothing } = Object.fromEntries(names.map((name) => [name, null]));
  expect((await acmeClient([accepted], nothing).client.submit(request)).id).toBe("t1");
  expect(make({ limits: { requestsPerMinute: null }, poll: { first: null, interval: null } }).vendor).toBe("acme");
  expect(make(null).vendor).toBe("acme");
});

test("everything that is wrong is said at once, with its path, its rule and the value", () => {
  const options = { requestTimeout: Number.NaN, poll: { interval: 0, fist: 1 }, onEvent: "log", retries: 3 };
  const error = thrownBy(() => make(options));
  expect(issuesOf(error).map(({ path, message }) => `${path} ${message}`)).toEqual([
    expect.stringMatching(/^retries is not an option of the acme client, which takes apiKey, baseUrl, /),
    "requestTimeout must be milliseconds, 1 or more, not NaN",
    "onEvent must be a function, not a string",
    "poll.fist is not an option of `poll`: did you mean first?",
    "poll.interval must be milliseconds, 1 or more, not 0",
  ]);
});

test.each([
  ["baseURL", "baseUrl"],
  ["base_url", "baseUrl"],
  ["api_key", "apiKey"],
  ["apikey", "apiKey"],
  ["onEvnet", "onEvent"],
  ["jurnal", "journal"],
  ["limit", "limits"],
  ["timeout", "requestTimeout"],
])("of %s it is said that %s was probably meant", (name, meant) => {
  const [found] = issuesOf(thrownBy(() => make({ [name]: 1 })));
  const message = `is not an option of the acme client: did you mean ${meant}?`;
  expect(found).toEqual({ path: name, rule: meant, message });
});

test("a name that is no option counts for nothing when its value is undefined or null", () => {
  expect(make({ retries: undefined, zzz: null }).vendor).toBe("acme");
});

test("a Map is no journal, and the issue names the methods it lacks", () => {
  const [found] = issuesOf(thrownBy(() => make({ journal: new Map() })));
  expect(found?.message).toContain("has no method begin, update, findByTask, list");
});

test("no issue shows a key, a secret or a password", () => {
  const options = {
    apiKey: ["sk-secret"],
    baseUrl: "https://user:sk-secret@a.test",
    callback: { url: "http://sk-secret.test", secret: "sk-secret" },
  };
  const error = thrownBy(() => make(options));
  expect(issuesOf(error)).toHaveLength(4);
  expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain("sk-secret");
});

const answersAt = (urls: string[]) =>
  (async (url: string) => {
    urls.push(String(url));
    return Response.json({ id: "t1" });
  }) as unknown as typeof fetch;

test("options are copied: what is changed afterwards changes nothing", async () => {
  const urls: string[] = [];
  const options = { apiKey: "k", baseUrl: "https://a.test", fetch: answersAt(urls) };
  const client = make(options);
  options.baseUrl = "https://elsewhere.test";
  await client.submit(request);
  expect(urls).toEqual(["https://a.test/tasks"]);
});

test("an instance of a class with getters is as good as a plain object", async () => {
  class Config {
    fetch = answersAt([]);
    get apiKey() {
      return "from-a-getter";
    }
  }
  expect((await make(new Config()).submit(request)).id).toBe("t1");
});

test.each(["options", 7, true, [[]], () => {}])("options that are %o are refused", (options) => {
  expect(blamed(thrownBy(() => make(options)))).toEqual(["options"]);
});

test.each(["line\n", "two words", "schlüssel"])(
  "an API key %j of the environment is refused at the first call, which names the variable and not the key",
  async (key) => {
    vi.stubEnv("ACME_API_KEY", key);
    const { client, seen } = acmeClient([accepted], { apiKey: undefined });
    const [found] = issuesOf(await errorOf(client.submit(request)));
    expect(found?.path).toBe("apiKey");
    expect(found?.message).toContain("the environment variable ACME_API_KEY must be visible ASCII");
    expect(found?.message).not.toContain(key);
    expect(seen).toEqual([]);
  },
);

test.each(["nonsense", "https://u:p@a.test", "http://127.0.0.1:6000"])(
  "a base URL %s of the environment is refused at the first call, which names the variable",
  async (baseUrl) => {
    vi.stubEnv("ACME_BASE_URL", baseUrl);
    const { client, seen } = acmeClient([accepted]);
    const [found] = issuesOf(await errorOf(client.submit(request)));
    expect(found?.path).toBe("baseUrl");
    expect(found?.message).toContain("the environment variable ACME_BASE_URL must be");
    expect(seen).toEqual([]);
  },
);

test.each([...rows("clock", [7, {}, Date, () => 0]), ...rows("clocks", [{}])])(
  "slots in memory with $option: $value are refused",
  ({ option, value }) => {
    expect(blamed(thrownBy(() => memorySlots({ [option]: value })))).toEqual([option]);
  },
);
