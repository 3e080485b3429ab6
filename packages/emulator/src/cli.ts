#!/usr/bin/env node
// The program `vidtask-emulator`.
import { readFileSync } from "node:fs";
import { run } from "./cli/run.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};
process.stdout.on("error", () => {}); // a reader that has gone ends nothing
// The command of @vidtask/cli runs this file under its own name.
const name = process.argv[1] === "vidtask emulate" ? "vidtask emulate" : "vidtask-emulator";
process.exitCode = await run(process.argv.slice(2), version, name);
