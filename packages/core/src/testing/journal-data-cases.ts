// What an entry can hold, and how entries are listed.
import assert from "node:assert/strict";
import type { JournalEntry } from "../journal/journal.ts";
import type { JournalState } from "../journal/states.ts";
import { collect, entry, keysIn, refTo, type Case } from "./journal-suite.ts";

const STATES: JournalState[] = ["begun", "sending", "accepted", "refused", "unknown", "lost", "succeeded", "failed"];
const day = (index: number) => `2026-01-${String(index + 1).padStart(2, "0")}T00:00:00.000Z`;

export function valueCases(test: Case): void {
  test("every field comes back as it was given", async ({ one, two, open, name }) => {
    const full = fullEntry(name("k"), name("id"));
    await one.begin(full);
    assert.deepEqual(await two.get(full.key), full);
    assert.deepEqual(await two.findByTask(refTo(name("id"))), full);
    assert.deepEqual(
      (await collect(two.list())).find(({ key }) => key === full.key),
      full,
    );
    if (one.durable) assert.deepEqual(await (await open()).get(full.key), full);

    const { key, version, ...patch } = fullEntry(name("other"), name("id2"));
    await one.begin(entry(key, { version }));
    assert.deepEqual(await one.update(key, version, patch), { key, version: version + 1, ...patch });
    assert.deepEqual(await two.get(key), { key, version: version + 1, ...patch });
  });

  test("any text survives, and a lot of it", async ({ one, two, name }) => {
    const prompt =
      "\u{1F3DE}\u{FE0F} 滝 e\u0301 \u202eabc \u2028 \\ ' \" \u0000 \u0001 \ud800 \n\t'; DROP TABLE submits; --".repeat(
        2500,
      );
    const odd = { "a.b": [1, [2, [{}]]], "": "", $1: "?", length: null, "\u{1F600}": [] };
    const large = entry(name("k"), { request: { model: "acme-1", prompt, extraBody: odd } });
    await one.begin(large);
    assert.deepEqual(await two.get(large.key), large);
    const vendor = name("a' OR '1'='1");
    await one.update(large.key, 1, { ref: refTo(name("id"), vendor) });
    assert.equal((await two.findByTask(refTo(name("id"), vendor)))?.request["prompt"], prompt);
  });

  test("what goes in and what comes out are copies", async ({ one, name }) => {
    const given = entry(name("k"));
    const ref = refTo(name("id"));
    await one.begin(given);
    const handed = [
      given,
      await one.update(given.key, 1, { ref }),
      await one.get(given.key),
      await one.findByTask(ref),
    ];
    handed.push(...(await collect(one.list())).filter(({ key }) => key === given.key));
    for (const object of handed) {
      assert.ok(object);
      object.request["prompt"] = "changed";
      object.state = "lost";
    }
    ref.id = "changed";
    assert.deepEqual(await one.get(given.key), entry(given.key, { version: 2, ref: refTo(name("id")) }));
  });
}

export function listCases(test: Case): void {
  test("a list can be asked for states, and for what changed since", async ({ one, two, name }) => {
    const keys = STATES.map(name);
    for (const [index, state] of STATES.entries())
      await one.begin(entry(name(state), { state, updatedAt: day(index), createdAt: day(9) }));
    const listed = async (filter?: { state?: readonly JournalState[]; since?: string }) =>
      new Set(await keysIn(two.list(filter), keys));
    assert.deepEqual(await listed(), new Set(keys));
    assert.deepEqual(await listed({}), new Set(keys));
    assert.deepEqual(await listed({ state: ["unknown", "begun", "begun"] }), new Set([name("begun"), name("unknown")]));
    assert.deepEqual(await listed({ state: [] }), new Set());
    for (const count of [5, 6, STATES.length])
      // databases differ in how much one statement may join
      assert.deepEqual(await listed({ state: STATES.slice(0, count) }), new Set(keys.slice(0, count)));
    assert.deepEqual(await listed({ since: day(6) }), new Set([name("succeeded"), name("failed")]));
    assert.deepEqual(await listed({ state: ["begun", "failed"], since: day(1) }), new Set([name("failed")]));
    await one.update(name("begun"), 1, { state: "sending", updatedAt: day(8) });
    assert.deepEqual(await listed({ since: day(8) }), new Set([name("begun")]));
    assert.deepEqual(await listed({ state: ["begun"] }), new Set());
  });

  test("a list that is asked for the newest first has the same rows, in that order or in its own", async ({
    one,
    two,
    name,
  }) => {
    const keys = [1, 2, 3].map((n) => name(`in turn ${n}`));
    for (const key of keys) await one.begin(entry(key, { state: "failed" }));
    const listed = await keysIn(two.list({ state: ["failed", "lost"], newestFirst: true }), keys);
    const own = await keysIn(two.list({ state: ["failed", "lost"] }), keys);
    assert.deepEqual(listed[0] === keys[2] ? listed.toReversed() : listed, listed[0] === keys[2] ? keys : own);
  });

  test("a list shows every row once while others are written", async ({ one, two, name }) => {
    const keys = Array.from({ length: 250 }, (_, index) => name(`k${index}`));
    for (const key of keys) await one.begin(entry(key));
    const seen: string[] = [];
    for await (const { key } of one.list()) {
      if (!keys.includes(key)) continue;
      seen.push(key);
      if (seen.length % 10 > 0) continue;
      // Behind, ahead, and new.
      for (const moved of [seen[0], keys.findLast((other) => !seen.includes(other))]) {
        const { version } = (moved === undefined ? undefined : await two.get(moved)) ?? {};
        if (moved !== undefined && version !== undefined)
          assert.ok(await two.update(moved, version, { state: "unknown", updatedAt: day(20) }));
      }
      await two.begin(entry(name(`new${seen.length}`)));
    }
    assert.deepEqual(seen.toSorted(), keys.toSorted());
  });

  test("a list that is left, or not read on, is in no other's way", async ({ one, two, name }) => {
    for (const word of ["a", "b"]) await one.begin(entry(name(word)));
    for await (const _ of one.list()) break;
    const paused = one.list()[Symbol.asyncIterator]();
    assert.equal((await paused.next()).done, false);
    assert.ok(await two.update(name("a"), 1, { state: "sending" }));
    assert.ok(await one.update(name("a"), 2, { state: "accepted" }));
    await paused.return?.();
  });
}

const fullEntry = (key: string, id: string): Required<Omit<JournalEntry, "error">> => {
  const ref = { ...refTo(id), submittedAt: day(1) };
  return {
    key,
    generatedKey: true,
    vendor: "acme",
    model: "acme-1",
    variant: "image-to-video",
    account: "acme https://api.acme.test",
    request: {
      model: "acme-1",
      prompt: "x",
      duration: 5,
      sound: false,
      cfgScale: 0.1,
      voices: ["a"],
      extraBody: { a: null },
    },
    requestHash: "v1:0",
    state: "succeeded",
    version: 7,
    attempt: 2,
    writeId: "w",
    owner: "a",
    sendBefore: day(1),
    sentAt: day(1),
    traceparent: `00-${"4b".repeat(16)}-${"f0".repeat(8)}-01`,
    token: "0123456789abcdef0123456789abcdef",
    windowFrom: day(1),
    postHash: "0123456789abcdef",
    resentAt: day(1),
    ref,
    unconfirmedTaskId: id,
    task: {
      ...ref,
      state: "succeeded",
      completedAt: day(2),
      videos: [
        { url: "https://cdn.acme.test/v.mp4?sig=a%2Fb", expiresAt: day(3), duration: 5.04, width: 1280, height: 720 },
      ],
    },
    priceUsd: 0.1 + 0.2,
    deliveryLeaseUntil: day(2),
    deliveredAt: day(2),
    previousAttempts: [{ state: "refused", attempt: 1 }, { state: "lost" }],
    createdAt: day(0),
    updatedAt: day(2),
  };
};
