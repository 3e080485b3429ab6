// Part one, seen from the server: paid requests read per submit.
import type { Host } from "../host.ts";
import type { Runtime } from "../install.ts";
import { cases, SETTLED_MS, type Case } from "./cases.ts";
import type { PaidTold } from "./program.ts";
import { startRaw, type Post } from "./server.ts";

/** `isTold`: the program ran to its end. */
export type PaidRow = { fault: string; cells: readonly string[]; isTold: boolean; wrong: readonly string[] };

export const PAID_HEAD = ["paid requests read per submit", "on a reused connection", "beside the GET's", "endings"];

export const casesOn = ({ kind }: Runtime): readonly Case[] =>
  cases.filter(({ on = {} }) => !(kind in on) || on[kind] !== undefined);

export async function runCase({ kind }: Runtime, host: Host, one: Case): Promise<PaidRow> {
  const { fault, submits } = one;
  const server = await startRaw(fault);
  const baseUrl = `http://127.0.0.1:${server.port}/api/v1`;
  const told = await host.run<PaidTold>({ program: "paid", baseUrl, fault, submits });
  await server.close();
  const { posts } = server;
  const reused = posts.filter(({ isReused }) => isReused).length;
  const beside = posts.filter(({ isBesideKept }) => isBesideKept).length;
  const read = `${(posts.length / submits).toFixed(2)} (${posts.length}/${submits})`;
  const cells = [read, String(reused), String(beside)];
  if (typeof told === "string")
    return { fault, cells: [...cells, told], isTold: false, wrong: ["it tells how every submit ended"] };
  const wrong = wrongs(one, one.on?.[kind] ?? one.wanted, kind, { posts, reused, beside, told });
  return { fault, cells: [...cells, counted(told.endings)], isTold: true, wrong };
}

type Seen = { posts: readonly Post[]; reused: number; beside: number; told: PaidTold };

/** What was wanted and is not. */
function wrongs(one: Case, wanted: Case["wanted"], kind: Runtime["kind"], seen: Seen): string[] {
  const { posts, reused, beside, told } = seen;
  const { endings, slowestAbortMs } = told;
  const isFresh = kind !== "workerd";
  const rules: [string, boolean][] = [
    [
      `${wanted.posts} read per submit`,
      wanted.posts === "at most 1" ? posts.length <= one.submits : posts.length === wanted.posts * one.submits,
    ],
    [
      `${one.submits} endings, each ${wanted.endings.join(" or ")}`,
      endings.length === one.submits && endings.every((ending) => wanted.endings.includes(ending as never)),
    ],
    ["none on a reused connection", !isFresh || reused === 0],
    ["the GET's connection was kept alive", !isFresh || one.losesGet === true || beside === posts.length],
    [`an abort settles within ${SETTLED_MS} ms`, slowestAbortMs < SETTLED_MS],
  ];
  return rules.flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

const counted = (endings: readonly string[]): string =>
  [...new Set(endings)].map((one) => `${endings.filter((ending) => ending === one).length} × ${one}`).join("; ");
