// A submit whose answer was lost: found by its echo, and by nothing else.
import assert from "node:assert/strict";
import type { ClientOptions } from "../context/options.ts";
import { memoryJournal } from "../journal/memory-journal.ts";
import { SubmitUnknownError } from "../task/errors.ts";
import { taskIdOf, type Adapter } from "../vendor-spec/spec.ts";
import { jumpClock } from "./jump-clock.ts";
import { answer, reset, type Step } from "./stub-fetch.ts";
import { examplesOf, type Answered } from "./vendor-fixtures.ts";
import { CALLBACK, errorOf, played, stepsOf, type Suite } from "./vendor-suite.ts";
import { assertCredentials, callbackUrlIn } from "./vendor-wire.ts";

/** What the vendor echoes. */
type Echo = { id: string; token: string; callbackUrl: string };

export function findCases(suite: Suite, find: NonNullable<Adapter["find"]>): void {
  const { test, request, fixtures, adapter } = suite;
  const [running] = examplesOf(fixtures.processing);
  /** A lost submit, whose vendor is asked and answers with what is echoed of it. */
  const lost = (change: Partial<Echo> = {}) => {
    const journal = memoryJournal();
    const callback: ClientOptions = adapter.callback ? { callback: CALLBACK } : {};
    const clock = jumpClock({ origin: madeAt(suite, running) });
    const listing: Step = async (seen) => {
      const token = (await journal.get("k"))?.token ?? "";
      const [post] = parts.paid();
      const callbackUrl = post && adapter.callback ? callbackUrlIn(post) : "";
      return answer(200, fixtures.find?.({ id, token, callbackUrl, ...change }))(seen);
    };
    const id = acceptedId(suite);
    // Also one that is sent again, where the vendor has an idempotency window.
    const unlessPaid =
      (step: Step): Step =>
      (seen) =>
        (parts.paid().includes(seen) ? reset : step)(seen);
    const turns = [[reset], [unlessPaid(listing)], stepsOf(running).map(unlessPaid)];
    const parts = played(suite, turns, { journal, clock, ...callback });
    return { ...parts, id, journal, submitting: () => parts.client.submit(request, { idempotencyKey: "k" }) };
  };

  test("a submit whose answer was lost is found by what the vendor echoes of it, and was paid once", async () => {
    const parts = lost();
    const task = await parts.submitting();
    assert.equal(task.id, parts.id);
    assert.equal(parts.paid().length, 1);
    assert.equal((await parts.journal.get("k"))?.state, "accepted");
    const [, looked] = parts.seen;
    await assertCredentials(suite, parts, looked);
  });

  test("a task that echoes another submit is not taken for the lost one", async () => {
    const token = "f".repeat(32);
    const parts = lost({ token, callbackUrl: `${CALLBACK.url}/${token}` });
    const error = await errorOf(parts.submitting());
    assert.ok(SubmitUnknownError.isInstance(error), String(error));
    assert.equal((await parts.journal.get("k"))?.ref, undefined);
  });

  test("`find.read` gives the id of its answer and an echo of what `submit.call` sends", async () => {
    const sought = { token: "0".repeat(32), model: request.model, variant: "", sentAt: "2026-01-01T00:00:00.000Z" };
    const id = acceptedId(suite);
    const echo = { id, token: sought.token, callbackUrl: `${CALLBACK.url}/x` };
    const [found] = find.read(fixtures.find?.(echo), sought);
    assert.equal(found?.id, id);
    assert.ok(found?.token === echo.token || found?.callbackUrl === echo.callbackUrl, "it echoes nothing");
  });
}

/** The id of the accepted fixture. */
export function acceptedId({ adapter, fixtures }: Suite): string {
  const [[first]] = examplesOf(fixtures.accepted);
  const id = taskIdOf(adapter, adapter.submit.read(first?.body).id);
  assert.ok(id !== undefined, "`submit.read` finds no id in `fixtures.accepted`");
  return id;
}

/** When the task of a status was made, by that status; a task made long before or after its submit is another's. */
export function madeAt(suite: Suite, answers: readonly Answered[]): number {
  const { adapter, request } = suite;
  const ref = { vendor: adapter.vendor, model: request.model, id: acceptedId(suite) };
  try {
    const [first, second] = answers;
    const said = adapter.status.read(first?.body, ref, first?.status ?? 200);
    const read = "call" in said ? said.read(second?.body, second?.status ?? 200) : said;
    const at = Date.parse(read?.createdAt ?? "");
    if (at > 0) return at;
  } catch {
    // The tests of reading tell of it.
  }
  return Date.UTC(2026, 0, 1);
}
