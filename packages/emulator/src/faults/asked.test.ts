// How faults are asked for: one by one, by rates, by words in a prompt; and by vendor.
import { describe, expect, test } from "vitest";
import { createEmulator, type Emulator } from "../emulator.ts";
import { caller, textToVideo } from "../test/helpers.ts";
import { kinds } from "./kinds.ts";
import { promptWordsOf } from "./prompt-words.ts";

const vendors = {
  apixo: {
    submit: "/generateTask/kling-2-6",
    poll: (id: string) => `/statusTask/kling-2-6?taskId=${id}`,
    body: textToVideo,
  },
  aivideoapi: {
    submit: "/videos/generations",
    poll: (id: string) => `/tasks/${id}`,
    body: { model: "kling-2.6", input: { prompt: "x", image_urls: ["https://a.test/1.png"] } },
  },
  apimodels: {
    submit: "/video/generations",
    poll: (id: string) => `/video/generations?task_id=${id}`,
    body: { model: "kling-v2-6", prompt: "x" },
  },
} as const;
type Name = keyof typeof vendors;
const names = Object.keys(vendors) as Name[];

function setup(name: Name, options: Parameters<typeof createEmulator>[0] = {}) {
  const emulator = createEmulator({ clock: "manual", ...options });
  const call = caller<Record<string, unknown> & { data?: { taskId: string } }>(emulator.for(name));
  const { submit, poll, body } = vendors[name];
  return {
    emulator,
    submit: (change: object = {}) => call(submit, { method: "POST", body: JSON.stringify({ ...body, ...change }) }),
    poll: (id: string) => call(poll(id)),
  };
}
const prompted = (prompt: string) => ({ input: { ...textToVideo.input, prompt } });
const hits = (emulator: Emulator) => emulator.requests.map(({ fault }) => fault ?? "");

describe.each(names)("%s in its own words", (name) => {
  test.each(["404", "429", "500", "503"] as const)("%s of a submit and of a poll", async (kind) => {
    const { emulator, submit, poll } = setup(name);
    const id = (await submit()).body.data?.taskId ?? "";
    emulator.injectFault({ on: "submit", kind });
    emulator.injectFault({ on: "poll", kind });
    for (const answer of [await submit(), await poll(id)]) {
      expect(answer.status).toBe(Number(kind));
      expect(Object.keys(answer.body)).toEqual(
        { apixo: ["code", "message", "data"], aivideoapi: ["error"], apimodels: ["code", "msg", "data"] }[name],
      );
    }
    expect(emulator.ledger).toHaveLength(1);
  });

  test("an unknown state", async () => {
    const { emulator, submit, poll } = setup(name);
    const id = (await submit()).body.data?.taskId ?? "";
    emulator.injectFault({ on: "poll", kind: "unknown-state" });
    expect(JSON.stringify((await poll(id)).body)).toMatch(/"(state|status)":"paused"/);
    expect(JSON.stringify((await poll(id)).body)).toMatch(/"(state|status)":"pending"/);
  });

  test("a failure with each code that it documents, and its refund", async () => {
    const { emulator, submit, poll } = setup(name);
    const codes = { apixo: 19, aivideoapi: 1, apimodels: 3 };
    const seen: string[] = [];
    const error = /no vendor here documents the code "NOPE"; use one of (.*)/;
    expect(() => emulator.injectFault({ on: "submit", kind: "fail:NOPE", vendor: name })).toThrow(error);
    try {
      emulator.injectFault({ on: "submit", kind: "fail:NOPE", vendor: name });
    } catch (thrown) {
      const [, list = ""] = error.exec((thrown as Error).message) ?? [];
      for (const code of list.replace(/^\w+: /, "").split(", ")) {
        emulator.injectFault({ on: "submit", kind: `fail:${code}` });
        const id = (await submit()).body.data?.taskId ?? "";
        await emulator.clock.advance(1_000_000);
        expect(JSON.stringify((await poll(id)).body)).toContain(`"${code}"`);
        seen.push(code);
      }
    }
    expect(seen).toHaveLength(codes[name]);
    const refunds = emulator.ledger.filter(({ kind }) => kind === "refund");
    expect(refunds).toHaveLength(name === "apixo" ? 0 : seen.length);
  });

  test("the id is cut in the middle, or the body behind it", async () => {
    const { emulator, submit } = setup(name);
    const { apiKey, baseUrl, fetch } = emulator.for(name);
    const { taskId = "" } = (await submit()).body.data ?? {};
    for (const [kind, pattern] of [
      ["cut-id", /"taskId":"[\w-]+$/],
      ["cut", /"taskId":"[\w-]+"$/],
    ] as const) {
      emulator.injectFault({ on: "submit", kind });
      const answer = await fetch(baseUrl + vendors[name].submit, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        body: JSON.stringify(vendors[name].body),
      });
      let text = "";
      const read = async () => {
        for await (const chunk of answer.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
      };
      await expect(read()).rejects.toThrow("terminated");
      expect(text).toMatch(pattern);
      const [, id = ""] = /"taskId":"([\w-]+)/.exec(text) ?? [];
      expect(id.length).toBe(kind === "cut" ? taskId.length : Math.ceil(taskId.length / 2));
    }
  });
});

describe("injectFault()", () => {
  test("hits as often as said, after as many as said, and several in their order", async () => {
    const { emulator, submit } = setup("apixo");
    emulator.injectFault({ on: "submit", kind: "503", times: 2, after: 1 });
    emulator.injectFault({ on: "submit", kind: "500", after: 2 });
    emulator.injectFault({ on: "submit", kind: "429" });
    const seen = [];
    for (let i = 0; i < 6; i++) seen.push((await submit()).status);
    expect(seen).toEqual([429, 503, 503, 500, 200, 200]);
    expect(hits(emulator)).toEqual(["429", "503", "503", "500", "", ""]);
  });

  test("may be for one vendor, and goes with reset", async () => {
    const { emulator, submit } = setup("apixo");
    emulator.injectFault({ on: "submit", kind: "503", vendor: "apimodels", times: Infinity });
    emulator.injectFault({ on: "submit", kind: "500", times: Infinity });
    expect((await submit()).status).toBe(500);
    emulator.reset();
    expect((await submit()).status).toBe(200);
  });

  test("does not hit a vendor with a code that it does not document", async () => {
    const { emulator, submit } = setup("aivideoapi");
    emulator.injectFault({ on: "submit", kind: "fail:CONTENT_VIOLATION" });
    await submit();
    expect(hits(emulator)).toEqual([""]);
  });

  test("by probability hits about as often, and the same for the same seed", async () => {
    const run = async (seed: number) => {
      const { emulator, submit } = setup("apixo", { seed });
      emulator.injectFault({ on: "submit", kind: "503", times: Infinity, probability: 0.3 });
      for (let i = 0; i < 300; i++) await submit();
      return hits(emulator);
    };
    const [a, b, c] = [await run(1), await run(1), await run(2)];
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    expect(a.filter(Boolean).length).toBeGreaterThan(60);
    expect(a.filter(Boolean).length).toBeLessThan(120);
  });

  test.each<[object, RegExp]>([
    [{ on: "submit", kind: "boom" }, /there is no fault "boom"; use one of .*, reset-before-read, .*, fail:<code>/],
    [{ on: "submit", kind: "cut-mp4" }, /cut-mp4 is a fault on download, not on "submit"/],
    [{ on: "status", kind: "503" }, /503 is a fault on submit, poll, download, result, find, cancel, not on "status"/],
    [{ on: "submit", kind: "503", times: 0 }, /times must be a whole number above 0/],
    [{ on: "submit", kind: "503", after: -1 }, /after must be a whole number/],
    [{ on: "submit", kind: "503", probability: 2 }, /probability must be a number from 0 to 1/],
    [{ on: "submit", kind: "503", vendor: "acme" }, /vendor must be one of apixo/],
    [{ on: "submit", kind: "503", at: 0.5 }, /at says nothing about 503/],
    [{ on: "submit", kind: "cut", at: 5 }, /at must be a number from 0 to 1/],
    [{ on: "submit", kind: "500", retryAfter: 1 }, /retryAfter says nothing about 500/],
    [
      { on: "submit", kind: "cut", accepted: false },
      /accepted has no choice with cut on submit, which is always accepted/,
    ],
    [{ on: "submit", kind: "429", accepted: true }, /which is never accepted/],
    [{ on: "poll", kind: "500", accepted: true }, /accepted has no choice with 500 on poll; leave it out/],
    [{ on: "submit", kind: "fail:nope" }, /no vendor here documents the code "nope"; use one of apixo: CONTENT_/],
    ["503", /must be an object/] as never,
  ])("refuses %j", (fault, message) => {
    expect(() => createEmulator().injectFault(fault as never)).toThrow(message);
  });
});

describe("the option faults", () => {
  const rates = { submit: { "reset-after-accept": 0.2, "500": 0.2 }, poll: { "503": 0.5 } } as const;

  test("draws by rate and seed, changes no id, and begins again with reset", async () => {
    const run = async (options: object) => {
      const { emulator, submit, poll } = setup("apixo", options);
      const once = async () => {
        for (let i = 0; i < 100; i++) await submit().catch(() => {});
        for (let i = 0; i < 50; i++) await poll("x");
        return hits(emulator);
      };
      const first = await once();
      const ids = emulator.ledger.map(({ taskId }) => taskId);
      emulator.reset();
      return { first, ids, again: await once() };
    };
    const [a, b, other, none] = [
      await run({ faults: rates }),
      await run({ faults: rates }),
      await run({ faults: rates, seed: 9 }),
      await run({}),
    ];
    expect(a).toEqual(b);
    expect(a.again).toEqual(a.first);
    expect(other.first).not.toEqual(a.first);
    expect(a.ids).toEqual(none.ids.slice(0, a.ids.length));
    const count = (kind: string) => a.first.filter((hit) => hit === kind).length;
    expect([count("reset-after-accept"), count("500"), count("503")].map((n) => n > 8 && n < 40)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("what is asked for one by one goes first", async () => {
    const { emulator, submit } = setup("apixo", { faults: { submit: { "500": 1 } } });
    emulator.injectFault({ on: "submit", kind: "429" });
    expect((await submit()).status).toBe(429);
    expect((await submit()).status).toBe(500);
  });

  test.each<[unknown, RegExp]>([
    [[], /faults must be an object/],
    [{ submit: 0.5 }, /faults.submit must be an object/],
    [{ submit: { "503": 2 } }, /faults.submit\["503"\] must be a number from 0 to 1, not 2/],
    [{ submit: { "503": 0.6, "500": 0.6 } }, /the shares add up to 1.2/],
    [{ submit: { boom: 0.1 } }, /there is no fault "boom"/],
    [{ post: { "503": 0.1 } }, /not on "post"/],
  ])("refuses %j", (faults, message) => {
    expect(() => createEmulator({ faults } as never)).toThrow(message);
  });
});

describe("words in a prompt", () => {
  test.each([
    ["a cat [fault:reset-after-accept]", { submit: "reset-after-accept" }],
    ["[stuck] [poll:404][download:cut-mp4]", { task: "stuck", later: ["404", "cut-mp4"] }],
    ["[fail:CONTENT_VIOLATION] and [fault:503]", { task: "fail:CONTENT_VIOLATION", submit: "503" }],
    ["[fault:cut-mp4] [poll:stuckish] [fault:] [x:503] a [cat] [FAULT:503]", {}],
    [undefined, {}],
  ])("%j", (prompt, expected) => {
    const { submit, task, later } = promptWordsOf(prompt);
    expect({ submit: submit?.kind, task: task?.kind, later: later.map(({ kind }) => kind) }).toEqual({
      submit: undefined,
      task: undefined,
      later: [],
      ...expected,
    });
  });

  test("hit the submit each time, at every vendor", async () => {
    for (const name of names) {
      const { emulator, submit } = setup(name);
      const { body } = vendors[name];
      const prompt = "[fault:503]";
      const change = "input" in body ? { input: { ...body.input, prompt } } : { prompt };
      for (let i = 0; i < 2; i++) expect((await submit(change)).status).toBe(503);
      expect(hits(emulator)).toEqual(["503", "503"]);
      expect((await submit()).status).toBe(200);
    }
  });

  test("are the task's fate, and hit what happens to it later once each", async () => {
    const { emulator, submit, poll } = setup("apixo");
    const other = (await submit()).body.data?.taskId ?? "";
    const cursed = prompted("[fail:NSFW] [poll:503] [poll:html-502] [fault:cut]");
    await submit(cursed).catch(() => {});
    const id = emulator.ledger[1]?.taskId ?? "";
    expect((await poll(other)).status).toBe(200);
    expect((await poll(id)).status).toBe(503);
    await poll(id).catch(() => {});
    await emulator.clock.advance(100_000);
    expect((await poll(id)).body.data).toMatchObject({ state: "failed", failCode: "NSFW" });
    expect(hits(emulator)).toEqual(["", "cut", "", "503", "html-502", ""]);
  });

  test("[stuck]: the task never ends", async () => {
    const { emulator, submit, poll } = setup("apixo");
    const id = (await submit(prompted("[stuck]"))).body.data?.taskId ?? "";
    await emulator.clock.advance(86_400_000);
    expect((await poll(id)).body.data).toMatchObject({ state: "processing" });
  });
});

test("FAULTS.md has a row for every kind of fault", async () => {
  const { readFile } = await import("node:fs/promises");
  const page = await readFile(new URL("../../FAULTS.md", import.meta.url), "utf8");
  const missing = Object.keys(kinds).filter((kind) => !new RegExp(`^\\|.*\`${kind}\`.*\\|`, "m").test(page));
  expect(missing).toEqual([]);
});
