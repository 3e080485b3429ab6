// `npm run test:cli`: the whole of what `batch.test.ts` shows with fewer rows.
import { test } from "vitest";
import { killedTwice } from "../test/batch.ts";

test("200 rows over three vendors with faults and lost answers, killed twice and started again: 200 files, 200 charges, one line each", async () => {
  await killedTwice({ rows: 200, concurrency: 20, kills: [40, 120], taskMs: 1_000, lost: 6 });
}, 300_000);
