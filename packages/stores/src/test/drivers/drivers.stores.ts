// The conformance suites through the database clients of this folder's own package.json, as the README has each.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient as createLibSql } from "@libsql/client";
import { describeBudget, describeJournal, describeSlots } from "@vidtask/core/testing";
import { Miniflare } from "miniflare";
import { createClient as createNodeRedis } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { redisStore } from "../../redis.ts";
import { sqlStore, type Query } from "../../sql.ts";
import { describeLostAnswers } from "../lost-answers.ts";
import { startRedis, type Running } from "../servers.ts";

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

/** A database of the kind, opened anew: a second handle on the same data. */
type Kind = { name: string; start: () => Promise<() => Query> };

const kinds: Kind[] = [
  {
    name: "D1",
    async start() {
      const worker = new Miniflare({
        modules: true,
        script: "export default { fetch: () => new Response() }",
        d1Databases: ["DB"],
      });
      closing.push(() => worker.dispose());
      const db = await worker.getD1Database("DB");
      return () => async (sql, values) =>
        (
          await db
            .prepare(sql)
            .bind(...values)
            .all()
        ).results;
    },
  },
  {
    name: "libSQL, in a file",
    async start() {
      const folder = mkdtempSync(join(tmpdir(), "vidtask-libsql-"));
      closing.push(() => rmSync(folder, { recursive: true }));
      return () => {
        const client = createLibSql({ url: `file:${join(folder, "videos.db")}` });
        closing.push(() => client.close());
        return async (sql, args) => (await client.execute({ sql, args })).rows;
      };
    },
  },
];

describe.each(kinds)("$name", ({ start }) => {
  let queries: Query[];
  let turn = 0;
  beforeAll(async () => {
    const open = await start();
    queries = [open(), open()];
    await sqlStore(queries[0] as Query, { dialect: "sqlite" }).migrate();
    await sqlStore(queries[1] as Query, { dialect: "sqlite" }).migrate(); // again, by the next deploy
  }, 60_000);
  const open = () => sqlStore(queries[turn++ % 2] as Query, { dialect: "sqlite" });
  describeLostAnswers((wire) =>
    sqlStore((...call) => wire(() => (queries[turn++ % 2] as Query)(...call)), { dialect: "sqlite" }),
  );
  describeJournal(() => open().journal, { test });
  describeSlots(() => open().slots, { test, ordered: false });
  describeBudget(() => open().budget, { test });

  test("what has ended is pruned, and what is open is not", async () => {
    const { journal } = open();
    const before = new Date(Date.now() + 60_000).toISOString();
    await journal.prune({ before });
    expect(await journal.prune({ before })).toBe(0);
    const states = new Set<string>();
    for await (const { state } of journal.list()) states.add(state);
    for (const ended of ["succeeded", "failed", "refused", "lost"]) expect(states).not.toContain(ended);
  });
});

describe("Redis through node-redis", () => {
  let server: Running;
  const clients: ReturnType<typeof createNodeRedis>[] = [];
  beforeAll(async () => {
    server = await startRedis("--appendonly", "yes", "--appendfsync", "always");
    closing.push(() => server.stop());
    for (let n = 0; n < 2; n++) {
      const client = createNodeRedis({ url: `redis://127.0.0.1:${server.port}` });
      client.on("error", () => {});
      await client.connect();
      closing.push(() => client.destroy());
      clients.push(client);
    }
  }, 60_000);
  let turn = 0;
  const open = () => {
    const redis = clients[turn++ % 2] as (typeof clients)[number];
    return redisStore(async (script, keys, args) => redis.eval(script, { keys, arguments: args }), {
      durability: "always",
    });
  };
  describeJournal(() => open().journal, { test });
  describeSlots(() => open().slots, { test });
  describeBudget(() => open().budget, { test });
});
