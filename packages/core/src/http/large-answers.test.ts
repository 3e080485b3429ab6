// Long answers, made to be slow: whatever reads them takes the time of their length.
import { expect, test } from "vitest";
import { acmeAnswers, acmeReceiver, callbackTo, DONE } from "../test/acme-callbacks.ts";
import { acmeClient, ref, request } from "../test/acme.ts";
import { cpuMsUntil } from "../test/turns.ts";
import type { Step } from "../testing/stub-fetch.ts";

/** An eighth of the longest that is read: a walk over the text for each of its parts would still take many seconds. */
const LENGTH = 2 ** 17;
/** Well above what any needs. */
const MOST_MS = 500;

const pieces = [
  '"',
  "\\",
  '\\"',
  "[",
  '{"a":',
  '"a":',
  "<p>",
  "https://",
  "Bearer ",
  "vtc1",
  "%25",
  "&#37;",
  "1",
  " ",
  ".",
];
const fill = (piece: string, length = LENGTH) => piece.repeat(Math.floor(length / piece.length));
const shapes: Record<string, (piece: string) => string> = {
  "nothing else": (piece) => fill(piece),
  "an object that breaks off": (piece) => `{"id":"${fill(piece)}`,
  "a message": (piece) => JSON.stringify({ error: { code: "bad_request", message: fill(piece) } }),
  "an id": (piece) => JSON.stringify({ id: fill(piece) }),
  "a state": (piece) => JSON.stringify({ status: fill(piece) }),
  "a URL": (piece) => JSON.stringify({ status: "done", url: `https://${fill(piece)}a/v.mp4` }),
};

test.each(Object.entries(shapes))("of one piece again and again, as %s", async (_shape, made) => {
  for (const piece of pieces) {
    const body = made(piece);
    for (const status of [200, 400]) {
      const answer: Step = () => new Response(body, { status });
      const cost = await cpuMsUntil(async () => {
        await acmeClient([answer])
          .client.submit(request, { submitTimeout: 0 })
          .catch(() => {});
        await acmeClient([answer])
          .client.get(ref)
          .catch(() => {});
      });
      expect(cost, `${status} ${piece}`).toBeLessThan(MOST_MS);
    }
  }
});

test.each(Object.entries(shapes))("of a callback, as %s", async (_shape, made) => {
  const acme = acmeReceiver(acmeAnswers(["t1"], { t1: DONE }));
  await acme.pay();
  for (const piece of pieces) {
    const body = made(piece);
    const cost = await cpuMsUntil(() => acme.receiver.fetch(callbackTo(acme.urls()[0], "", { body })));
    expect(cost, `${piece}`).toBeLessThan(MOST_MS);
  }
});
