import type { CommandRun } from "../clients/run.ts";
import { EXIT } from "../exit-codes.ts";
import { submitRequest, type SubmitOptions } from "../request/submit.ts";

/** Submits and leaves. */
export const run: CommandRun<SubmitOptions> = async (run) => {
  const session = await run.open();
  await submitRequest(run, session);
  if (session.emulated?.isEmbedded)
    run.out.say("this emulator ends now, and the task with it: `vidtask emulate` in another terminal keeps them");
  else run.out.say(`go on: ${run.next.again ?? ""}`);
  return EXIT.done;
};
