import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createReceiver } from "vidtask";
import { toNodeHandler } from "vidtask/node";
import type { CommandRun } from "../clients/run.ts";
import { lineOfTask } from "../clients/task-line.ts";
import { EXIT } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";

type Options = { port: number; host: string };

/** A receiver of callbacks that prints the end of each task, as its vendor's status says it; until Ctrl-C. */
export const run: CommandRun<Options> = async ({ out, options, signal, open }) => {
  const session = await open({ needsPast: true });
  if (!session.callback)
    throw new UsageError("there is no callback URL", [
      session.emulated
        ? "Set VIDTASK_CALLBACK_URL to http://127.0.0.1:<port>/ and VIDTASK_CALLBACK_SECRET to 32 bytes at random, here and where you submit."
        : "Set VIDTASK_CALLBACK_URL to the https address that leads here and VIDTASK_CALLBACK_SECRET to 32 bytes at random, here and where you submit.",
      "The secret: openssl rand -hex 32",
    ]);
  const receiver = createReceiver({
    clients: [session.router],
    onTask: async (task, { idempotencyKey }) => {
      out.emit(lineOfTask(task, await session.journal.get(idempotencyKey)));
    },
  });
  const server = createServer(toNodeHandler(receiver));
  // An empty one, as of a variable that is not set, would be every address of this machine.
  if (options.host === "") throw new UsageError("--host must be an address, as 127.0.0.1");
  server.listen(options.port, options.host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new UsageError(`cannot listen on ${options.host}:${options.port} (${(error as Error).message})`);
  }
  const { port } = server.address() as AddressInfo;
  out.say(`listening on http://${options.host}:${port}, for callbacks to ${session.callback}; Ctrl-C ends it`);
  if (!signal.aborted) await once(signal, "abort");
  server.close();
  server.closeAllConnections();
  return EXIT.done;
};
