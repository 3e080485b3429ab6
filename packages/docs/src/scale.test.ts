// The page of ten million videos a day: its trips are counted here, and its day follows from them.
import { DatabaseSync } from "node:sqlite";
import { createApixo, createReceiver, step } from "@vidtask/apixo";
import { createEmulator } from "@vidtask/emulator";
import { sqlStore, type Query } from "@vidtask/stores/sql";
import { expect, test } from "vitest";
import { textOf } from "./pages.ts";

const page = textOf("packages/docs/guides/scale.md");
const HOUR = 3_600_000;

type Trips = { journal: number; slots: number };

/** Trips to the store of each part of a video, of the second one: some things are looked at once. */
async function countTrips() {
  const trips: Trips = { journal: 0, slots: 0 };
  const db = new DatabaseSync(":memory:");
  const run: Query = async (sql, values) => {
    trips[sql.includes("_slots") ? "slots" : "journal"]++;
    return db.prepare(sql).all(...values);
  };
  const store = sqlStore(run, { dialect: "sqlite" });
  await store.migrate();
  const tripsOf = async (work: () => Promise<unknown>): Promise<Trips> => {
    const { journal, slots } = trips;
    await work();
    return { journal: trips.journal - journal, slots: trips.slots - slots };
  };
  let callback: Trips = { journal: 0, slots: 0 };
  const emulator = createEmulator({
    clock: "manual",
    vendors: ["apixo"],
    async deliverCallback(request) {
      let answer = new Response(null, { status: 503 });
      callback = await tripsOf(async () => (answer = await receiver.fetch(request)));
      return answer;
    },
  });
  const options = { ...emulator.for("apixo"), journal: store.journal, limits: { shared: store.slots } };
  const polling = createApixo(options);
  const secret = "0123456789abcdef0123456789abcdef";
  const called = createApixo({ ...options, callback: { url: "https://app.test/hooks", secret } });
  const receiver = createReceiver({ clients: [called], onTask() {} });
  const stepOf = (client: typeof polling, key: string) => {
    const request = { model: "kling-2-6", prompt: "a waterfall" } as const;
    return tripsOf(() => emulator.clock.until(step(client, { idempotencyKey: key, request })));
  };
  const made = async (n: number) => {
    const submit = await stepOf(polling, `polled-${n}`);
    const running = await stepOf(polling, `polled-${n}`);
    await emulator.clock.advance(HOUR);
    const end = await stepOf(polling, `polled-${n}`);
    await stepOf(called, `called-${n}`);
    await emulator.clock.advance(HOUR);
    return { submit, running, end, callback, afterwards: await stepOf(called, `called-${n}`) };
  };
  await made(1);
  return made(2).finally(() => db.close());
}

const shown = (figure: number) => Math.round(figure).toLocaleString("en-US");

test("the page has the round trips that are counted, and the day that follows from them", async () => {
  const { submit, running, end, callback, afterwards } = await countTrips();
  const part = (name: string, { journal, slots }: Trips) => `| ${name} | ${journal} | ${slots} |`;
  expect(page).toContain(part("its submit", submit));
  expect(page).toContain(part("a poll that finds it running", running));
  expect(page).toContain(part("the poll that finds its end", end));
  expect(page).toContain(part("its callback, instead of polls", callback));
  expect(page).toContain(part("the step after a callback", afterwards));

  const submits = 10_000_000 / 86_400;
  const atOnce = submits * 60;
  expect(page).toContain(`| submits per second | ${shown(submits)} |`);
  expect(page).toContain(`| tasks at once | ${shown(atOnce)} |`);
  expect(page).toContain(`| accounts at APIXO, for 1,000 tasks at once each | ${Math.ceil(atOnce / 1_000)} |`);

  const way = (name: string, reads: number, trips: (of: keyof Trips) => number) => {
    const requests = submits * (1 + reads);
    const accounts = Math.ceil(requests / (10_000 / 60));
    return `| ${name} | ${shown(requests)} | ${accounts} | ${shown(submits * trips("journal"))} | ${shown(submits * trips("slots"))} |`;
  };
  const polled = (polls: number) => (of: keyof Trips) => submit[of] + (polls - 1) * running[of] + end[of];
  // The polls are those of the page on polling, for a task of 50 to 70 s.
  expect(page).toContain(way("vidtask's own schedule, 11.6 polls", 11.6, polled(11.6)));
  expect(page).toContain(way("APIXO's documented schedule, 3.5 polls", 3.5, polled(3.5)));
  expect(page).toContain(way("callbacks, one read each", 1, (of) => submit[of] + callback[of] + afterwards[of]));
});
