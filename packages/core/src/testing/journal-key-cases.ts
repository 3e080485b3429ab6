// What one key stands for, and whose a task is.
import assert from "node:assert/strict";
import type { JournalState } from "../journal/states.ts";
import { entry, refTo, type Case } from "./journal-suite.ts";

const STATES: JournalState[] = ["begun", "sending", "accepted", "refused", "unknown", "lost", "succeeded", "failed"];

export function keyCases(test: Case): void {
  test("a key is begun once: the second call gets the entry that is there", async ({ one, two, name }) => {
    const [key, other] = [name("k"), name("other")];
    assert.equal(await one.begin(entry(key)), undefined);
    assert.deepEqual(await two.begin(entry(key, { model: "acme-2", version: 9 })), entry(key));
    assert.deepEqual(await two.get(key), entry(key));
    assert.equal(await two.begin(entry(other)), undefined);
    assert.deepEqual(await one.get(other), entry(other));
  });

  test("only a refused or lost entry is replaced, and only by a higher version", async ({ one, two, name }) => {
    for (const state of STATES) {
      const there = entry(name(state), { state, version: 3 });
      const isFree = state === "refused" || state === "lost";
      await one.begin(there);
      for (const version of [1, 3]) assert.deepEqual(await two.begin(entry(there.key, { version })), there, state);
      assert.deepEqual(await two.begin(entry(there.key, { version: 4 })), isFree ? undefined : there, state);
      assert.equal((await one.get(there.key))?.version, isFree ? 4 : 3, state);
    }
  });

  test("an entry that replaces another is kept as given, earlier attempts included", async ({ one, two, name }) => {
    const key = name("k");
    await one.begin(
      entry(key, { owner: "a", unconfirmedTaskId: "c", sentAt: "2026-01-01T00:00:01.000Z", priceUsd: 1 }),
    );
    await one.update(key, 1, { state: "refused" });
    const previousAttempts = [{ state: "refused", attempt: 1 }];
    const next = entry(key, { version: 3, attempt: 1, previousAttempts, owner: "b" });
    assert.equal(await two.begin(next), undefined);
    assert.deepEqual(await one.get(key), next);
  });

  test("an update applies at its version only, raises it by one, and returns the entry", async ({ one, two, name }) => {
    const key = name("k");
    await one.begin(entry(key));
    const sending = entry(key, { state: "sending", version: 2, owner: "a" });
    assert.deepEqual(await two.update(key, 1, { state: "sending", owner: "a" }), sending);
    for (const version of [0, 1, 3]) assert.equal(await one.update(key, version, { state: "refused" }), undefined);
    assert.deepEqual(await one.get(key), sending);
    assert.deepEqual(await one.update(key, 2, {}), { ...sending, version: 3 });
  });

  test("the entry that an update may start from is a hint: one of another key or version changes nothing", async ({
    one,
    two,
    name,
  }) => {
    const [key, other] = [name("k"), name("other")];
    for (const each of [key, other]) await one.begin(entry(each, { owner: each }));
    const first = entry(key, { owner: key });
    const second = await one.update(key, 1, { priceUsd: 1 }, first);
    assert.deepEqual(second, { ...first, version: 2, priceUsd: 1 });
    // Of an older version, of another key, and of the right version of what is not there.
    assert.equal(await two.update(key, 1, { priceUsd: 2 }, first), undefined);
    const third = await two.update(key, 2, { state: "sending" }, first);
    assert.deepEqual(third, { ...second, version: 3, state: "sending" });
    const fourth = await one.update(key, 3, { priceUsd: 4 }, entry(other, { version: 3, owner: other }));
    assert.deepEqual(fourth, { ...third, version: 4, priceUsd: 4 });
    assert.equal(await one.update(name("x"), 1, {}, entry(name("x"))), undefined);
    assert.deepEqual(await two.get(key), fourth);
    assert.deepEqual(await two.get(other), entry(other, { owner: other }));
  });

  test("an update cannot rename a key or set its version", async ({ one, two, name }) => {
    const key = name("k");
    await one.begin(entry(key));
    assert.deepEqual(await one.update(key, 1, { key: name("x"), version: 99 }), entry(key, { version: 2 }));
    assert.deepEqual(await two.get(key), entry(key, { version: 2 }));
    assert.equal(await two.get(name("x")), undefined);
  });

  test("what was never begun is not there", async ({ one, name }) => {
    assert.equal(await one.get(name("k")), undefined);
    assert.equal(await one.update(name("k"), 1, { state: "refused" }), undefined);
    assert.equal(await one.findByTask(refTo(name("id"))), undefined);
    assert.equal(await one.get(name("k")), undefined);
  });

  test("keys that look alike are different keys", async ({ one, two, name }) => {
    const alike = [
      "k",
      "K",
      "k ",
      " k",
      "7",
      "07",
      "7.0",
      "\u00e9",
      "e\u0301",
      "%",
      "_",
      "k'--",
      '"k"',
      "é".repeat(27),
    ];
    for (const word of alike) assert.equal(await one.begin(entry(name(word), { owner: word })), undefined, word);
    for (const word of alike) assert.equal((await two.get(name(word)))?.owner, word);
  });
}

export function refCases(test: Case): void {
  test("an entry is found by vendor and id of its task, whatever else the ref says", async ({ one, two, name }) => {
    const [key, id] = [name("k"), name("id")];
    await one.begin(entry(key));
    const accepted = await one.update(key, 1, { state: "accepted", ref: refTo(id) });
    assert.deepEqual(
      await two.findByTask({ ...refTo(id), model: "x", submittedAt: "2026-01-01T00:00:00.000Z" }),
      accepted,
    );
    assert.equal(await two.findByTask(refTo(id, "other")), undefined);
    assert.equal(await two.findByTask(refTo(id.toUpperCase())), undefined);
  });

  test("a task belongs to one key: a second one is refused and stays as it was", async ({ one, two, name }) => {
    const [a, b, id] = [name("a"), name("b"), name("id")];
    for (const key of [a, b]) await one.begin(entry(key));
    assert.ok(await one.update(a, 1, { state: "accepted", ref: refTo(id) }));
    assert.equal(await two.update(b, 1, { state: "accepted", ref: refTo(id) }), undefined);
    assert.deepEqual(await one.get(b), entry(b));
    assert.equal((await two.findByTask(refTo(id)))?.key, a);
    assert.ok(await two.update(a, 2, { ref: refTo(id), state: "succeeded" }), "its own ref again");
    assert.ok(await two.update(b, 1, { ref: refTo(id, "other") }), "the same id at another vendor");
    assert.equal((await one.findByTask(refTo(id, "other")))?.key, b);
  });

  test("a key's task of an earlier attempt is not found any more and is free", async ({ one, two, name }) => {
    const [key, late, old, id] = [name("k"), name("late"), name("old"), name("new")];
    await one.begin(entry(key, { state: "unknown" }));
    await one.update(key, 1, { ref: refTo(old) });
    await one.update(key, 2, { state: "lost" });
    assert.equal((await two.findByTask(refTo(old)))?.state, "lost");
    await two.begin(entry(key, { version: 4 }));
    assert.equal(await one.findByTask(refTo(old)), undefined);
    assert.ok(await one.update(key, 4, { ref: refTo(id) }));
    assert.equal((await two.findByTask(refTo(id)))?.key, key);
    await two.begin(entry(late));
    assert.ok(await one.update(late, 1, { ref: refTo(old) }));
    assert.equal((await two.findByTask(refTo(old)))?.key, late);
  });

  test("an update that does not name the task keeps it", async ({ one, two, name }) => {
    const [key, id] = [name("k"), name("id")];
    await one.begin(entry(key));
    await one.update(key, 1, { ref: refTo(id) });
    await two.update(key, 2, { state: "accepted" });
    assert.deepEqual(await one.findByTask(refTo(id)), entry(key, { version: 3, state: "accepted", ref: refTo(id) }));
  });
}
