// What a receiver is made of, with what it may not be; and what drain says of an `onTask` that hangs.
import { expect, test } from "vitest";
import { createReceiver } from "../client/functions.ts";
import { acmeAnswers, acmeReceiver, callback, DONE } from "../test/acme-callbacks.ts";
import { acmeClient } from "../test/acme.ts";
import { thrownBy } from "../test/thrown-by.ts";
import { blamed, issuesOf, rows, WRONG } from "../test/wrong-values.ts";
import { errorOf } from "../testing/vendor-suite.ts";

const { client } = acmeClient([], { callback });
const onTask = () => {};
const make = (options: unknown) => createReceiver(options as never);

const wrong = [
  ...rows("clients", [undefined, null, client, [], {}, "clients", [{}], [client, undefined], [client, "acme"]]),
  ...rows("clients", [[acmeClient([]).client]]),
  ...rows("onTask", [undefined, null, ...WRONG.callable]),
  ...rows("onTasks", [onTask]),
];
test.each(wrong)("a receiver with $option: $value is refused where it is made", ({ option, value }) => {
  const error = thrownBy(() => make({ clients: [client], onTask, [option]: value }));
  expect(error).toMatchObject({ code: "invalid_request", phase: "callback" });
  expect(blamed(error)).toEqual([option]);
});

test.each([undefined, null, {}])("a receiver made of %j lacks both", (options) => {
  const issues = issuesOf(thrownBy(() => make(options)));
  expect(issues.map(({ path }) => path)).toEqual(["clients", "onTask"]);
  for (const { message } of issues) expect(message).toMatch(/^is required: /);
});

test("the one of several clients that is none is named", () => {
  const error = thrownBy(() => make({ clients: [client, {}], onTask }));
  expect(issuesOf(error).map(({ path }) => path)).toEqual(["clients.1"]);
});

test("drain says that an `onTask` hangs, and of which key", async () => {
  let end = () => {};
  let begin = () => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const hangs = () => new Promise<void>((resolve) => ((end = resolve), begin()));
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }), { onTask: hangs });
  await acme.pay("row-17");
  const answering = acme.callBack();
  await begun;
  const { message } = (await errorOf(acme.client.drain({ timeout: 20 }))) as Error;
  expect(message).toContain("after 20 ms these are still under way: a callback of key row-17, onTask of key row-17");
  expect(message).not.toContain("paid");
  end();
  expect(await answering).toBe(200);
  await acme.client.drain();
});
