// Starts the server, says how to use it, and stops it when told.
import { createEmulator, type EmulatorServer } from "../emulator.ts";
import { checkOptions } from "../options.ts";
import { environmentOf } from "../vendors/environment.ts";
import { DEFAULT_PORT, HELP, readArguments, UsageError, type Asked } from "./arguments.ts";
import { loadVendors } from "./load-vendors.ts";

/** The exit code: 0 when stopped, 1 when it could not start, 2 for a wrong command line. */
export async function run(args: readonly string[], version: string, name = "vidtask-emulator"): Promise<number> {
  let asked: ReturnType<typeof readArguments>;
  let started: { server: EmulatorServer; text: string };
  try {
    asked = readArguments(args);
    if (asked === "help") return say(HELP);
    if (asked === "version") return say(`${version}\n`);
    started = await start(asked, version);
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    const isUsage = error instanceof UsageError || error instanceof RangeError || error instanceof TypeError;
    process.stderr.write(
      `${name}: ${isUsage ? `${message}\n${name} --help lists the options` : whyNot(message, code)}\n`,
    );
    return isUsage ? 2 : 1;
  }
  if (!asked.quiet) say(started.text);
  await toldToStop();
  await started.server.close();
  return 0;
}

async function start(asked: Asked, version: string): Promise<{ server: EmulatorServer; text: string }> {
  const { port } = asked;
  const vendors = asked.vendors && (await loadVendors(asked.vendors));
  const options = { ...asked.options, vendors };
  const emulator = createEmulator(options);
  const token = process.env["VIDTASK_EMULATOR_TOKEN"] || undefined;
  const server = await emulator.listen(port, { token });
  const lines = checkOptions(options).vendors.flatMap((vendor) =>
    Object.entries(environmentOf(vendor, server.url + vendor.path)).map(([name, value]) => `${name}=${value}`),
  );
  const text = [
    `# vidtask-emulator ${version}: no video is generated, no money is spent`,
    `# page: ${server.url}/`,
    `# control API: ${server.url}/_emulator, with Authorization: Bearer ${server.token}`,
    ...lines,
    "",
  ];
  return { server, text: text.join("\n") };
}

function whyNot(message: string, code: string | undefined): string {
  const port = /:(\d+)$/.exec(message)?.[1] ?? String(DEFAULT_PORT);
  if (code === "EADDRINUSE")
    return `port ${port} is in use, perhaps by another emulator: stop that, or choose another with --port (0 takes a free one)`;
  if (code === "EACCES") return `port ${port} may not be used by this user: choose one above 1023 with --port`;
  return message;
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

const toldToStop = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => {
        resolve();
        process.once(signal, () => process.exit(1)); // told twice: at once
      });
  });
