// `npm start`: a video from a prompt, through the real client, over HTTP, against the emulator. Costs nothing.
import { open, stat } from "node:fs/promises";
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { createEmulator } from "@vidtask/emulator";
import {
  createApixo,
  InvalidRequestError,
  VidtaskError,
  type Task,
  type VideoClient,
  type VideoRequest,
} from "vidtask";
import { saveVideo } from "vidtask/node";

/** The emulator's time passes this many times as fast: a minute of generation takes four seconds. */
const SPEED = 15;

const HELP = `npm start -- [options]      makes a video with the emulated vendor and saves it under out/

  --prompt TEXT         what to show                        (a waterfall in the forest, birds chirping)
  --model NAME          kling-2-6 | kling-2-5-turbo-pro     (kling-2-6)
  --duration SECONDS    5 | 10                              (5)
  --aspect-ratio A:B    16:9 | 9:16 | 1:1                   (16:9; not together with --image)
  --image URL           start frame: makes it image-to-video
  --no-sound            a silent video (kling-2-5-turbo-pro is always silent)
  --help                this text

Nothing is sent to a vendor and nothing is paid; the emulator runs inside this command on 127.0.0.1.`;

const { values } = parseOptions();
if (values.help) {
  console.log(HELP);
} else {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  process.exitCode = await run(requestOf(values), interrupt.signal).catch(explain);
}

async function run(request: VideoRequest, signal: AbortSignal): Promise<number> {
  // Another seed each time, so that another run does not replace this video.
  const emulator = createEmulator({ clock: { speed: SPEED }, seed: Date.now() });
  const server = await emulator.listen();
  const endpoint = server.for("apixo");
  // The wide type: the model comes from the command line and is checked at run time.
  const client: VideoClient = createApixo(endpoint);
  const progress = createProgress(() => endpoint.clock.elapsed());
  try {
    const { expected, body } = client.plan(request);
    console.log(`emulated apixo on ${server.url}, time × ${SPEED}`);
    console.log(`POST /generateTask/${request.model} ${JSON.stringify(body)}`);
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
cost      ${charged.toFixed(2)} USD in the emulator's ledger (an assumed price; APIXO's pages print none)

The same against the real vendor, with APIXO_API_KEY set:

  const apixo = createApixo();
  const done = await apixo.generate(${JSON.stringify(request)});
  await saveVideo(apixo, done, "video.mp4");
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
  return error.code === "aborted" ? 130 : 1;
}

function requestOf(options: typeof values): VideoRequest {
  const { prompt, model, duration, image } = options;
  const hasSound = model === "kling-2-6";
  return {
    model,
    prompt,
    duration: Number(duration),
    ...(hasSound ? { sound: !options["no-sound"] } : {}),
    ...(image === undefined ? { aspectRatio: options["aspect-ratio"] ?? "16:9" } : { image }),
    ...(image !== undefined && options["aspect-ratio"] ? { aspectRatio: options["aspect-ratio"] } : {}),
  };
}

function parseOptions() {
  try {
    return parseArgs({
      options: {
        prompt: { type: "string", default: "a waterfall in the forest, birds chirping" },
        model: { type: "string", default: "kling-2-6" },
        duration: { type: "string", default: "5" },
        "aspect-ratio": { type: "string" },
        image: { type: "string" },
        "no-sound": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

/** The length an mp4 says it has, in seconds, from its movie header. */
async function lengthOf(path: string): Promise<number> {
  const file = await open(path);
  try {
    const bytes = await file.readFile();
    const header = bytes.indexOf("mvhd");
    return bytes.readUInt32BE(header + 20) / bytes.readUInt32BE(header + 16);
  } finally {
    await file.close();
  }
}
