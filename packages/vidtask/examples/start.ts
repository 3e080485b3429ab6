// `npm start`: a video from a prompt, through the real client, over HTTP, against the emulator. Costs nothing.
import { stat } from "node:fs/promises";
import { relative } from "node:path";
import { createEmulator } from "@vidtask/emulator";
import { AbortedError, InvalidRequestError, VidtaskError, type Task } from "vidtask";
import { saveVideo } from "vidtask/node";
import { FACTORIES, HELP, parseOptions, requestOf, type Options } from "./start-options.ts";
import { lengthOf } from "./video-length.ts";

/** The emulator's time passes so fast that the expected maximum takes this long. */
const SHOWTIME_MS = 5_000;

const options = parseOptions();
if (options.help) {
  console.log(HELP);
} else {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  process.exitCode = await run(options, interrupt.signal).catch(explain);
}

async function run(given: Options, signal: AbortSignal): Promise<number> {
  const { vendor } = given;
  const { name, create } = FACTORIES[vendor];
  const request = requestOf(create(), given);
  const { expected, body, price, warnings } = create().plan(request);
  const speed = Math.ceil((expected?.maxMs ?? 180_000) / SHOWTIME_MS);
  // Another seed each time, so that another run does not replace this video.
  const emulator = createEmulator({ clock: { speed }, seed: Date.now() });
  const server = await emulator.listen();
  const endpoint = server.for(vendor);
  const client = create(endpoint);
  const progress = createProgress(() => endpoint.clock.elapsed());
  try {
    console.log(`emulated ${vendor} on ${server.url}, time × ${speed}`);
    console.log(`${request.model} ${JSON.stringify(body)}`);
    for (const { about, message } of warnings) console.log(`note: ${about}: ${message}`);
    const task = await client.submit(request, { signal });
    progress.start(task, expected);
    const onEvent = (event: { type: string; task?: Task }) => event.task && progress.seen(event.task);
    const done = await client.wait(task, { signal, onEvent, poll: { first: 5_000 } });
    progress.end();
    const saved = await saveVideo(client, done, `out/${done.id}.mp4`, { signal });
    const charged = emulator.ledger.reduce((sum, { usd, kind }) => sum + (kind === "charge" ? usd : -usd), 0);
    console.log(`
saved     ${relative(process.cwd(), saved.path)}
length    ${(await lengthOf(saved.path)).toFixed(1)} s
size      ${Math.round((await stat(saved.path)).size / 1000)} kB
task      ${done.id}
cost      ${charged.toFixed(4)} USD in the emulator's ledger${price ? "" : " (assumed: the vendor's pages give no price for it)"}

The same against the real vendor, with ${vendor.toUpperCase()}_API_KEY set:

  const ${vendor} = ${name}();
  const done = await ${vendor}.generate(${JSON.stringify(request)});
  await saveVideo(${vendor}, done, "video.mp4");
`);
    return 0;
  } finally {
    progress.end();
    await server.close();
  }
}

/** One line that moves on a terminal; a line a change elsewhere. Times are the emulator's. */
function createProgress(elapsed: () => number) {
  let started = 0;
  let state = "submitted";
  let expectation = "";
  let timer: NodeJS.Timeout | undefined;
  const isTerminal = process.stdout.isTTY;
  const line = () => `${state.padEnd(10)} ${Math.round((elapsed() - started) / 1000)} s${expectation}`;
  const show = () => (isTerminal ? process.stdout.write(`\r\u001b[2K${line()}`) : console.log(line()));
  return {
    start(task: Task, expected?: { minMs: number; maxMs: number }) {
      started = elapsed();
      state = task.state;
      if (expected) expectation = ` of ${expected.minMs / 1000}–${expected.maxMs / 1000} s expected`;
      show();
      timer = setInterval(show, isTerminal ? 100 : 1_000);
    },
    seen(task: Task) {
      state = task.state;
      show();
    },
    end() {
      if (timer && isTerminal) process.stdout.write("\n");
      clearInterval(timer);
      timer = undefined;
    },
  };
}

function explain(error: unknown): number {
  if (InvalidRequestError.isInstance(error)) {
    console.error("This request breaks the vendor's documented rules:");
    for (const { path, message } of error.issues) console.error(`  ${path} ${message}`);
    console.error("npm start -- --help shows what can be asked for. Nothing was sent.");
    return 2;
  }
  if (!VidtaskError.isInstance(error)) throw error;
  console.error(error.message);
  return AbortedError.isInstance(error) ? 130 : 1;
}
