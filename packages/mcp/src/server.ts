// The MCP server: six tools over clients that share one journal and one budget.
import { setTimeout } from "node:timers/promises";
import { McpServer, type ServerContext } from "@modelcontextprotocol/server";
import type { Budget, BudgetOptions, Clock, Journal, VideoClient } from "vidtask";
import type { z } from "zod";
import { answer, failure, type Data } from "./answers.ts";
import type { Desk } from "./desk.ts";
import { createFolder } from "./folder.ts";
import { createJobs, type Jobs } from "./patience.ts";
import { createSpending } from "./spending.ts";
import { balance, balanceInput } from "./tools/balance.ts";
import { list, listInput } from "./tools/list.ts";
import { quote, quoteInput } from "./tools/quote.ts";
import { save, saveInput } from "./tools/save.ts";
import { status, statusInput } from "./tools/status.ts";
import { submit, submitInput } from "./tools/submit.ts";

/** What a server is made of. Amounts in US dollars. */
export type VideoServerOptions = {
  /** Makes the clients with the journal and the budget of this server: `(common) => [createApixo(common)]`. */
  clients(common: { journal: Journal; budget: BudgetOptions }): readonly VideoClient[];
  /** Where what was paid for is remembered. `sqliteJournal(path)` has the budget too, for any number of servers. */
  journal: Journal & { budget?: Budget };
  /** Where reservations are kept. @default the journal's own */
  budget?: Budget | undefined;
  /** The only folder in which pictures are read and videos written. */
  folder: string;
  /** US dollars that one call may cost. */
  usdPerCall: number;
  /** US dollars that all servers over this store may spend in a day of UTC. */
  usdPerDay: number;
  /** @default the machine's */
  clock?: Clock | undefined;
  /** What the server says of itself. @default "0.0.0" */
  version?: string | undefined;
};

/** The tools over one set of clients, for any number of connections. */
export type VideoServer = {
  /** An MCP server for one connection: `await server().connect(transport)`, or the factory of `serveStdio`. */
  server(): McpServer;
  /** Settles when every paid request that has left is answered and journaled. */
  close(): Promise<void>;
};

const INSTRUCTIONS =
  "Makes AI videos that cost money. First quote (free), then have the price confirmed by the person who pays, then submit under an idempotency key of your own. The same key never pays twice: after any error or time-out call again with the same key, never with a new one. A video takes minutes: call video_status until it has ended, then video_save, because its URL expires.";

/**
 * An MCP server for agents; connect it to a transport. Quoting, looking and saving cost nothing; only `video_submit` pays, and
 * only for a price that was confirmed, within the budget.
 *
 * @throws TypeError for options that name no client, no folder or no amount
 */
export function createVideoServer(options: VideoServerOptions): VideoServer {
  const desk = deskOf(options);
  const { version = "0.0.0" } = options;
  return {
    server: () => withTools(new McpServer({ name: "vidtask", version }, { instructions: INSTRUCTIONS }), desk),
    async close() {
      await desk.jobs.idle();
      await Promise.all(desk.clients.map((client) => client.drain()));
    },
  };
}

function deskOf({ clients, journal, budget, folder, usdPerCall, usdPerDay, clock = realClock }: VideoServerOptions) {
  for (const [name, usd] of Object.entries({ usdPerCall, usdPerDay }))
    if (!(typeof usd === "number" && usd > 0 && Number.isFinite(usd)))
      throw new TypeError(`${name} must be US dollars, more than 0, not ${String(usd)}`);
  if (typeof folder !== "string" || folder === "") throw new TypeError("folder must be the path of a folder");
  const store = budget ?? journal.budget;
  if (!store) throw new TypeError("budget: this journal keeps none; give memoryBudget(), or use sqliteJournal(path)");
  const spending = createSpending(store, { usdPerCall, usdPerDay }, clock);
  const made = clients({ journal, budget: spending.budget });
  if (made.length === 0) throw new TypeError("clients: there must be one at least");
  const jobs: Jobs = createJobs();
  return { clients: made, journal, folder: createFolder(folder), spending, jobs, clock } satisfies Desk;
}

type About = { title: string; description: string; isFree: boolean };

function withTools(server: McpServer, desk: Desk): McpServer {
  function tool<S extends z.ZodObject>(
    name: string,
    { title, description, isFree }: About,
    inputSchema: S,
    run: (desk: Desk, input: z.output<S>, context: ServerContext) => Promise<Data>,
  ): void {
    const annotations = {
      title,
      readOnlyHint: isFree,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    };
    const callback = async (input: unknown, context: ServerContext) => {
      try {
        return answer(await run(desk, input as z.output<S>, context));
      } catch (error) {
        return failure(error);
      }
    };
    server.registerTool(name, { title, description, inputSchema, annotations }, callback as never);
  }
  const free = (title: string, description: string): About => ({ title, description, isFree: true });
  tool(
    "video_quote",
    free("Quote a video", "What each vendor would do for a request, and its price. Free: nothing is sent to a vendor."),
    quoteInput,
    quote,
  );
  tool(
    "video_submit",
    {
      title: "Pay for a video",
      description:
        "PAYS for one video. Needs the price that was confirmed and an idempotency key. Returns at once; the video takes minutes. After an error or a time-out call again with the same key: it pays once.",
      isFree: false,
    },
    submitInput,
    submit,
  );
  tool(
    "video_status",
    free(
      "Follow a video",
      "The state of a task, by key or ref. Waits up to 25 s for its end; call again while it runs.",
    ),
    statusInput,
    status,
  );
  tool(
    "video_list",
    free("List videos", "What was submitted before, by any process over this journal, the newest first."),
    listInput,
    list,
  );
  tool(
    "video_save",
    {
      title: "Save a video",
      description:
        "Downloads a finished video into the server's folder, before its URL expires. Free; replaces no file.",
      isFree: false,
    },
    saveInput,
    save,
  );
  tool("video_balance", free("Balance", "What is left at each vendor, and of the budget."), balanceInput, (one) =>
    balance(one),
  );
  return server;
}

const realClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, signal ? { signal } : {}),
};
