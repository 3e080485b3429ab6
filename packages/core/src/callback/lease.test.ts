// How long a process that died or froze inside `onTask` keeps others from running it.
import { expect, test } from "vitest";
import { acmeAnswers, acmeReceiver, callbackTo, DONE, durableJournal } from "../test/acme-callbacks.ts";
import { handClock } from "../test/hand-clock.ts";
import { until } from "../test/turns.ts";

const SECOND = 1_000;

/** Two processes over one journal; the first has begun `onTask`, and stops before it can renew its lease. */
async function frozenInOnTask() {
  const journal = durableJournal();
  const clock = handClock();
  const frozen = { ...clock, sleep: () => new Promise<never>(() => {}) };
  let calls = 0;
  const hang = () => (calls++, new Promise<never>(() => {}));
  const first = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { journal, clock: frozen, onTask: hang });
  const second = acmeReceiver(acmeAnswers([], { t1: DONE }), { journal, clock });
  await first.pay();
  const [url] = first.urls();
  void first.receiver.fetch(callbackTo(url));
  await until(() => calls === 1);
  return { clock, second, callBack: () => clock.until(second.callBack(url)) };
}

test("a process that does not renew its lease keeps it for almost 30 s", async () => {
  const { clock, callBack } = await frozenInOnTask();
  await clock.advance(29 * SECOND);
  expect(await callBack()).toBe(503);
});

test("another process runs onTask once the lease has lapsed", async () => {
  const { clock, second, callBack } = await frozenInOnTask();
  await clock.advance(31 * SECOND);
  expect(await callBack()).toBe(200);
  expect(second.handled).toHaveLength(1);
});
