// Every command, with its options: what `--help`, `--help --json` and completion show. What a command does is loaded when it runs.
import { Argument, Command, Option } from "commander";
import { aNumber, aTime, dollars, many, wholeFrom } from "./arguments.ts";
import type { CommandRun } from "./clients/run.ts";
import { EXIT_MEANS } from "./exit-codes.ts";

type Load = () => Promise<{ run: CommandRun<never> }>;
type Add = (command: Command) => Command;

const DAY = 86_400_000;
const TASK = new Argument("<task>", "its key, or its ref: vendor:model:id");

const choice: Add = (command) =>
  command
    .option("-m, --model <name>", "a family, or a vendor's own name: `vidtask models` lists them", "kling-2.6")
    .option("--vendor <names>", "only these, in this order: apixo,apimodels")
    .addOption(
      new Option("--prefer <which>", "who is asked first, where no vendor is named")
        .choices(["cheapest", "fastest"])
        .default("cheapest"),
    )
    .option("--drop-fields <names>", "fields that may be left out for a vendor that does not have them");

const request: Add = (command) =>
  command
    .option("-i, --image <url-or-file>", "the start frame; of motion control, the character")
    .option("--end-image <url-or-file>", "the last frame")
    .option("--motion-video <url-or-file>", "of motion control: the video whose motion is taken")
    .option("-d, --duration <seconds>", "how long the video is", aNumber)
    .option("--aspect-ratio <ratio>", "width and height, as 16:9")
    .option("--sound", "with sound")
    .option("--no-sound", "without sound")
    .option("--quality <quality>", "a word of the model's, such as std or pro")
    .option("--resolution <lines>", "as 720p")
    .option("--seed <number>", "the same seed gives similar videos", aNumber)
    .option("--character-orientation <way>", "of motion control: image or video")
    .option("--watermark <text>", "of Veo: a text in the picture")
    .option("--enable-translation", "of Veo: the prompt is translated into English first")
    .option("--no-enable-translation", "of Veo: the prompt is taken as it is")
    .option("--negative-prompt <text>", "what the video should not show")
    .option("--voice <id>", "a voice of the vendor's; may be given twice", many)
    .option("--cfg-scale <number>", "0 to 1: how closely the video keeps to the prompt", aNumber)
    .option("--routing <way>", "of APIXO: auto, value or official")
    .option("--extra-body <json>", "merged into what is sent to the vendor");

const unlisted: Add = (command) =>
  command.option(
    "--unlisted",
    "the model is one that this version does not list: --model has its vendor's id, --extra-body the whole request",
  );

const paying: Add = (command) =>
  command
    .option(
      "-k, --key <key>",
      "your name for this video: under one key it is paid for once (default: drawn, and shown)",
    )
    .option("--max-price <usd>", "refuse above this price, and where no page prints one", dollars)
    .option("--submit-timeout <time>", "how long queueing and safe retries may take (default: 2m)", aTime)
    .option("--no-callback", "send no callback address, though one is configured")
    .option("--callback-url <url>", "an endpoint of your own for the vendor's callback");

const waiting: Add = (command) =>
  command
    .option("--wait-timeout <time>", "how long to wait; the task runs on (default: 2h)", aTime)
    .option("--poll <time>", "how often to ask (default: by the model's documented times)", aTime);

/** `onRun` runs a command: it is given what to load, the arguments and the options. */
export function createProgram(
  version: string,
  onRun: (load: Load, words: readonly unknown[], options: object) => Promise<void>,
): Command {
  const program = new Command("vidtask")
    .description("AI videos from the command line, paid once and never lost.")
    .version(version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show help; with --json as a schema of all commands")
    .option("--json", "one JSON object a line; their types are those of the package @vidtask/cli")
    .option("-v, --verbose", "show retries and passing faults, too")
    .option("--emulate [url]", "no vendor and no cost: the emulator at this URL, a running one, or one of its own")
    .option("--journal <file>", "where tasks are remembered (default: VIDTASK_JOURNAL, or your data folder)")
    .option("--config <file>", "keys and settings (default: VIDTASK_CONFIG, or your configuration folder)")
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(vidtask --help shows what there is)")
    .exitOverride()
    .addHelpText("after", helpEnd());

  const add = (usage: string, description: string, load: Load, ...parts: Add[]): Command => {
    const command = program.command(usage).description(description);
    for (const part of parts) part(command);
    return command.action(async () => onRun(load, command.processedArgs, command.optsWithGlobals()));
  };
  const task: Add = (command) => command.addArgument(TASK);
  const prompt: Add = (command) =>
    command.argument("[prompt]", "what the video shows; without it, or as -, from stdin");

  add(
    "generate",
    "make a video: submit, wait, save",
    () => import("./commands/generate.ts"),
    prompt,
    request,
    choice,
    unlisted,
    paying,
    waiting,
  ).option("-o, --output <file>", "where the video goes (default: <key>.mp4)");
  add(
    "submit",
    "submit a task, and leave",
    () => import("./commands/submit.ts"),
    prompt,
    request,
    choice,
    unlisted,
    paying,
  );
  add("wait", "wait for a task", () => import("./commands/wait.ts"), task, waiting).option(
    "-o, --output <file>",
    "save the video there",
  );
  add("status", "what tasks are doing now", () => import("./commands/status.ts")).argument(
    "<task...>",
    "their keys, or their refs: vendor:model:id",
  );
  add("download", "save the video of a task that has succeeded", () => import("./commands/download.ts"), task)
    .option("-o, --output <file>", "where the video goes (default: <key>.mp4)")
    .option("--index <n>", "which of its videos, from 0", wholeFrom(0));
  add("list", "what runs, what is unknown, what has finished, what it cost", () => import("./commands/list.ts"))
    .addOption(
      new Option("--state <which>", "only these").choices(["open", "running", "unknown", "finished", "expiring"]),
    )
    .option("--since <time>", "how far back what has ended is shown", aTime, 7 * DAY)
    .option("--within <time>", "of expiring: result URLs that die within this time", aTime, DAY)
    .option("--refresh", "ask the vendors of those that run");
  add(
    "batch",
    "make the videos of a CSV or JSONL file; run again, it goes on",
    () => import("./commands/batch.ts"),
    request,
    choice,
    waiting,
  )
    .argument("<file>", "rows with an id each, and the fields of a request as columns")
    .option("-o, --output <folder>", "where videos and results go (default: the name)")
    .option("--name <name>", "names the batch: a row's key is <name>/<id> (default: the file's name)")
    .option("--results <file>", "one line of JSON for each row (default: results.jsonl in the folder)")
    .option("--concurrency <n>", "how many rows at a time", wholeFrom(1), 8)
    .option("--budget <usd>", "what all rows together may cost, in this and every later run", dollars)
    .option("--max-price <usd>", "refuse a row above this price, or whose price no page prints", dollars)
    .option("--submit-timeout <time>", "how long queueing and safe retries of a row may take", aTime, 10 * 60_000)
    .option("--dry-run", "check all rows and say what they cost");
  add(
    "plan",
    "what would be sent, and what it costs; free, without a key",
    () => import("./commands/plan.ts"),
    prompt,
    request,
    choice,
    unlisted,
  );
  add(
    "compare",
    "what each vendor would do, and what it costs; free, without a key",
    () => import("./commands/compare.ts"),
    prompt,
    request,
    choice,
  );
  add("models", "the models, and what they take", () => import("./commands/models.ts"))
    .argument("[model]", "a family, or a vendor's own name")
    .option("--vendor <names>", "only of these: apixo,apimodels");
  add(
    "resume",
    "wait for all that is open, after a crash or a closed terminal; pays for nothing",
    () => import("./commands/resume.ts"),
    waiting,
  ).option("-o, --output <folder>", "save the videos there");
  add(
    "settle",
    "close an unknown submit, after a look into the vendor's dashboard",
    () => import("./commands/settle.ts"),
  )
    .argument("<key>", "the key of the submit")
    .argument("<outcome>", "the ref of its task, or lost: the key may then pay again")
    .option("--force", "lost at once: a task that turns up later was paid for, too");
  add("cancel", "stop a task, where its vendor can", () => import("./commands/cancel.ts"), task).option(
    "--destroy",
    "also where the vendor deletes the task with its video",
  );
  add("balance", "what your accounts hold", () => import("./commands/balance.ts")).option(
    "--vendor <names>",
    "only of these: apixo,apimodels",
  );
  add("listen", "receive callbacks, and print the end of each task", () => import("./commands/listen.ts"))
    .option("--port <n>", "where it listens; 0 takes a free port", wholeFrom(0), 8787)
    .option("--host <address>", "on which address", "127.0.0.1");
  add(
    "emulate",
    "start the emulator: the vendors on this machine, with a page to look at",
    () => import("./commands/emulate.ts"),
  )
    .option("--port <n>", "where it listens; 0 takes a free port (default: 4310)")
    .option("--fast", "every task takes 2 s")
    .option("--vendors <names>", "only these: apixo,apimodels (default: all)")
    .option("--credits <usd>", "what each account holds (default: 100)")
    .option("--faults <list>", "how likely something goes wrong: submit:503=0.1,poll:404=0.05")
    .option("--seed <n>", "the same seed draws the same ids, times and faults (default: 1)")
    .option("--quiet", "say nothing but errors");
  add("doctor", "check keys, clock, journal and vendors, for nothing", () => import("./commands/doctor.ts"));
  program
    .command("completion")
    .description("print the completion script of your shell")
    .addArgument(new Argument("<shell>", "which one").choices(["zsh", "bash", "fish", "powershell"]))
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
Keys come from APIXO_API_KEY, AIVIDEOAPI_API_KEY and APIMODELS_API_KEY, or from the configuration, never from the command line.

Exit codes: ${Object.entries(EXIT_MEANS)
  .map(([code, means]) => `${code} ${means}`)
  .join("; ")}`;
