// Every command, with its options: what `--help`, `--help --json` and completion show. What a command does is loaded when it runs.
import { Argument, Command, Option } from "commander";
import { aNumber, aTime, dollars, many, wholeFrom } from "./arguments.ts";
import type { CommandRun } from "./clients/run.ts";
import { EXIT_MEANS } from "./exit-codes.ts";

type Load = () => Promise<{ run: CommandRun<never> }>;
type Add = (command: Command) => Command;

const DAY = 86_400_000;
/** The default of a time, in milliseconds; its help shows it as one would write it. */
const timeOption = (flags: string, description: string, ms: number, text: string): Option =>
  new Option(flags, description).argParser(aTime).default(ms, text);
const TASK = new Argument("<task>", "its key, or its ref: vendor:model:id");

const choice: Add = (command) =>
  command
    .option(
      "-m, --model <name>",
      "a family, or a vendor's own name for a model; `vidtask models` lists them",
      "kling-2.6",
    )
    .option("--vendor <names>", "try only these, in this order: apixo,apimodels")
    .addOption(
      new Option("--prefer <which>", "which vendor to try first when none is named")
        .choices(["cheapest", "fastest"])
        .default("cheapest"),
    )
    .option("--drop-fields <names>", "fields to leave out for a vendor that does not have them");

const request: Add = (command) =>
  command
    .option("-i, --image <url-or-file>", "the first frame; for motion control, the character")
    .option("--end-image <url-or-file>", "the last frame")
    .option("--motion-video <url-or-file>", "for motion control: the video to copy the motion from")
    .option("-d, --duration <seconds>", "length of the video", aNumber)
    .option("--aspect-ratio <ratio>", "width to height, such as 16:9")
    .option("--sound", "with sound")
    .option("--no-sound", "without sound")
    .option("--quality <quality>", "a quality level of the model, such as std or pro")
    .option("--resolution <lines>", "such as 720p")
    .option("--seed <number>", "the same seed gives similar videos", aNumber)
    .option("--character-orientation <way>", "for motion control: image or video")
    .option("--watermark <text>", "for Veo: text to show in the picture")
    .option("--enable-translation", "for Veo: translate the prompt into English first")
    .option("--no-enable-translation", "for Veo: use the prompt as it is")
    .option("--negative-prompt <text>", "what the video should not show")
    .option("--voice <id>", "one of the vendor's voices; may be repeated", many)
    .option("--cfg-scale <number>", "0 to 1: how closely the video follows the prompt", aNumber)
    .option("--routing <way>", "for APIXO: auto, value or official")
    .option("--extra-body <json>", "extra fields to merge into the request body");

const unlisted: Add = (command) =>
  command.option(
    "--unlisted",
    "use a model that this version does not list: --model is the vendor's id for it, --extra-body the whole request",
  );

const paying: Add = (command) =>
  command
    .option(
      "-k, --key <key>",
      "your name for this video; each key is paid for at most once (default: a random key, which is shown)",
    )
    .option("--max-price <usd>", "refuse a higher price, and a model whose price is not printed", dollars)
    .option("--submit-timeout <time>", "how long to queue and retry before giving up (default: 2m)", aTime)
    .option("--no-callback", "do not send the configured callback URL")
    .option("--callback-url <url>", "send the vendor's callback to this URL of yours");

const waiting: Add = (command) =>
  command
    .option("--wait-timeout <time>", "how long to wait; the task itself runs on (default: 2h)", aTime)
    .option("--poll <time>", "how often to ask the vendor (default: depends on the model's documented times)", aTime);

/** `onRun` runs a command: it is given what to load, the arguments and the options. */
export function createProgram(
  version: string,
  onRun: (load: Load, words: readonly unknown[], options: object) => Promise<void>,
): Command {
  const program = new Command("vidtask")
    .description("AI videos from the command line, paid once and never lost.")
    .version(version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show help; with --json, all commands as data")
    .option("--json", "print one JSON object per line; the package @vidtask/cli has their types")
    .option("-v, --verbose", "also show retries and temporary faults")
    .option(
      "--emulate [url]",
      "use an emulator instead of the vendors, at no cost: the one at this URL, else one that is running, else a new one",
    )
    .option(
      "--journal <file>",
      "the file that remembers tasks (default: VIDTASK_JOURNAL, or a file in your data folder)",
    )
    .option(
      "--config <file>",
      "the file with keys and settings (default: VIDTASK_CONFIG, or a file in your configuration folder)",
    )
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(vidtask --help lists commands and options)")
    .exitOverride()
    .addHelpText("after", helpEnd());

  const add = (usage: string, description: string, load: Load, ...parts: Add[]): Command => {
    const command = program.command(usage).description(description);
    for (const part of parts) part(command);
    return command.action(async () => onRun(load, command.processedArgs, command.optsWithGlobals()));
  };
  const task: Add = (command) => command.addArgument(TASK);
  const prompt: Add = (command) =>
    command.argument("[prompt]", "what the video shows; read from stdin if it is absent or -");

  add(
    "generate",
    "make a video: submit, wait and save",
    () => import("./commands/generate.ts"),
    prompt,
    request,
    choice,
    unlisted,
    paying,
    waiting,
  ).option("-o, --output <file>", "the file to save the video to (default: <key>.mp4)");
  add(
    "submit",
    "submit a task without waiting for it",
    () => import("./commands/submit.ts"),
    prompt,
    request,
    choice,
    unlisted,
    paying,
  );
  add("wait", "wait for a task", () => import("./commands/wait.ts"), task, waiting).option(
    "-o, --output <file>",
    "save the video to this file",
  );
  add("status", "show the current state of tasks", () => import("./commands/status.ts")).argument(
    "<task...>",
    "their keys, or their refs: vendor:model:id",
  );
  add("download", "save the video of a task that has succeeded", () => import("./commands/download.ts"), task)
    .option("-o, --output <file>", "the file to save the video to (default: <key>.mp4)")
    .option("--index <n>", "which of its videos, counted from 0 (default: 0)", wholeFrom(0));
  add("list", "list tasks: running, unknown and finished, with what they cost", () => import("./commands/list.ts"))
    .addOption(
      new Option("--state <which>", "list only these").choices(["open", "running", "unknown", "finished", "expiring"]),
    )
    .addOption(timeOption("--since <time>", "list tasks that ended within this time", 7 * DAY, "7d"))
    .addOption(timeOption("--within <time>", "for expiring: URLs that die within this time", DAY, "1d"))
    .option("--refresh", "ask the vendors about running tasks first");
  add(
    "batch",
    "make a video for each row of a CSV or JSONL file; run it again to go on",
    () => import("./commands/batch.ts"),
    request,
    choice,
    waiting,
  )
    .argument("<file>", "one row per video: an id, and the fields of a request as columns")
    .option("-o, --output <folder>", "the folder for videos and results (default: the name)")
    .option("--name <name>", "name of the batch: a row's key is <name>/<id> (default: the file's name)")
    .option("--results <file>", "the file that gets one line of JSON per row (default: results.jsonl in the folder)")
    .option("--concurrency <n>", "how many rows to work on at once", wholeFrom(1), 8)
    .option("--budget <usd>", "what all rows together may cost, over this and all later runs", dollars)
    .option("--max-price <usd>", "refuse a row with a higher price, or whose price is not printed", dollars)
    .addOption(
      timeOption("--submit-timeout <time>", "how long to queue and retry a row before giving up", 600_000, "10m"),
    )
    .option("--dry-run", "only check all rows and show what they would cost");
  add(
    "plan",
    "show what would be sent and what it costs; free, needs no key",
    () => import("./commands/plan.ts"),
    prompt,
    request,
    choice,
    unlisted,
  );
  add(
    "compare",
    "show what each vendor would do and what it costs; free, needs no key",
    () => import("./commands/compare.ts"),
    prompt,
    request,
    choice,
  );
  add("models", "list the models and the fields they take", () => import("./commands/models.ts"))
    .argument("[model]", "a family, or a vendor's own name for a model")
    .option("--vendor <names>", "only these: apixo,apimodels");
  add(
    "resume",
    "after a crash, wait for every open task; pays for nothing",
    () => import("./commands/resume.ts"),
    waiting,
  ).option("-o, --output <folder>", "save the videos to this folder");
  add(
    "settle",
    "close an unknown submit, once you have checked the vendor's dashboard",
    () => import("./commands/settle.ts"),
  )
    .argument("<key>", "the key of the submit")
    .argument("<outcome>", "the ref of its task; or lost, after which the key may pay again")
    .option("--force", "declare it lost without waiting; if its task turns up later, that was paid for too");
  add("cancel", "stop a task, if its vendor can", () => import("./commands/cancel.ts"), task).option(
    "--destroy",
    "also if the vendor then deletes the task and its video",
  );
  add("balance", "show the balance of your accounts", () => import("./commands/balance.ts")).option(
    "--vendor <names>",
    "only these: apixo,apimodels",
  );
  add("listen", "receive callbacks and print each task as it ends", () => import("./commands/listen.ts"))
    .option("--port <n>", "port to listen on; 0 takes a free one", wholeFrom(0, 65_535), 8787)
    .option("--host <address>", "address to listen on", "127.0.0.1");
  add(
    "emulate",
    "start an emulator of the vendors on this machine, with a web page",
    () => import("./commands/emulate.ts"),
  )
    .option("--port <n>", "port to listen on; 0 takes a free one (default: 4310)")
    .option("--fast", "let every task take 2 s")
    .option("--vendors <names>", "only these: apixo,apimodels (default: all)")
    .option("--credits <usd>", "balance of each account at the start (default: 100)")
    .option("--faults <list>", "faults with their probability: submit:503=0.1,poll:404=0.05")
    .option("--seed <n>", "the same seed gives the same ids, times and faults (default: 1)")
    .option("--quiet", "print only errors");
  add("doctor", "check keys, clock, journal and vendors; costs nothing", () => import("./commands/doctor.ts"));
  program
    .command("completion")
    .description("print the completion script of your shell")
    .addArgument(new Argument("<shell>", "your shell").choices(["zsh", "bash", "fish", "powershell"]))
    .action(async (shell: string) => {
      await addCompletion(program);
      await program.parseAsync(["complete", shell], { from: "user" });
    });
  return program;
}

/** Adds `complete`, which the completion script of a shell asks. */
export async function addCompletion(program: Command): Promise<void> {
  const { default: tab } = await import("@bomb.sh/tab/commander");
  tab(program);
}

const helpEnd = (): string => `
API keys come from APIXO_API_KEY, AIVIDEOAPI_API_KEY and APIMODELS_API_KEY, or from the configuration file, never from the command line.

Exit codes: ${Object.entries(EXIT_MEANS)
  .map(([code, means]) => `${code} ${means}`)
  .join("; ")}`;
