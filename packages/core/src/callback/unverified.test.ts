// What a callback says beyond the vendor's status: shown to `onTask`, believed nowhere.
import { expect, test } from "vitest";
import type { EndedTask } from "../task/task.ts";
import { acmeAnswers, acmeReceiver, callbackTo, DONE, RUNNING, type AcmeTasks } from "../test/acme-callbacks.ts";
import type { Unverified } from "../vendor-spec/readings.ts";
import type { Adapter } from "../vendor-spec/spec.ts";

const DETAILS = {
  videoDuration: 5,
  videoSize: "1280x720",
  thumbnailUrl: "https://cdn.acme.test/v.jpg",
  failCode: "TOO_DARK",
  costTime: 41_388,
};

/** A vendor whose callbacks say `unverified`, and what `onTask` was told. */
function acmeThatSays(unverified: unknown, tasks: AcmeTasks = { t1: DONE }) {
  const seen: { idempotencyKey: string; unverified?: Unverified }[] = [];
  const ended: EndedTask[] = [];
  const callback: NonNullable<Adapter["callback"]> = {
    read: (body) => ({ id: (body as { id: string }).id, unverified: unverified as Unverified }),
  };
  const acme = acmeReceiver(
    acmeAnswers(["t1"], tasks),
    { onTask: (task, about) => void (ended.push(task), seen.push(about)) },
    { callback },
  );
  return { ...acme, seen, ended };
}

test("onTask sees it beside the task", async () => {
  const acme = acmeThatSays(DETAILS);
  await acme.pay("row-1");
  await acme.callBack();
  expect(acme.seen).toEqual([{ idempotencyKey: "row-1", unverified: DETAILS }]);
});

test("it is in no task, no row of the journal and no event", async () => {
  const acme = acmeThatSays(DETAILS);
  await acme.pay("row-1");
  await acme.callBack();
  const kept = JSON.stringify([
    await acme.journal.get("row-1"),
    await acme.client.get({ vendor: "acme", model: "acme-1", id: "t1" }),
    acme.ended,
    acme.events,
  ]);
  for (const detail of ["v.jpg", "TOO_DARK", "1280x720", "41388"]) expect(kept).not.toContain(detail);
});

test("it is there, too, where the journal knows the end already", async () => {
  const acme = acmeThatSays(DETAILS);
  await acme.pay("row-1");
  await acme.client.get({ vendor: "acme", model: "acme-1", id: "t1" });
  expect(await acme.callBack()).toBe(200);
  expect(acme.seen).toEqual([{ idempotencyKey: "row-1", unverified: DETAILS }]);
});

test("of a callback that comes before the end nothing is kept for later", async () => {
  const tasks: AcmeTasks = { t1: RUNNING };
  const acme = acmeThatSays(DETAILS, tasks);
  await acme.pay("row-1");
  const waiting: Promise<unknown>[] = [];
  tasks["t1"] = RUNNING;
  await acme.receiver.fetch(callbackTo(acme.urls()[0]), { waitUntil: (work) => void waiting.push(work) });
  tasks["t1"] = DONE;
  await Promise.all(waiting);
  expect(acme.seen).toEqual([{ idempotencyKey: "row-1" }]);
});

test.each<[what: string, unverified: unknown]>([
  ["nothing", undefined],
  ["members without a value", { videoDuration: undefined, failCode: undefined }],
  ["no object", "five seconds"],
  [
    "members of another kind",
    { videoDuration: "5", videoSize: 720, thumbnailUrl: null, failCode: {}, costTime: Number.NaN },
  ],
  ["a member that is not documented", { videoUrl: "https://evil.test/v.mp4" }],
  ["a text that is too long", { failCode: "x".repeat(2_001) }],
])("a callback that says %s leaves it out", async (_what, unverified) => {
  const acme = acmeThatSays(unverified);
  await acme.pay("row-1");
  expect(await acme.callBack()).toBe(200);
  expect(acme.seen).toEqual([{ idempotencyKey: "row-1" }]);
});
