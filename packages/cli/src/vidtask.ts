#!/usr/bin/env node
// The program `vidtask`.
import { readFileSync } from "node:fs";
import * as nodeModule from "node:module";

// What was compiled once is not compiled again: a third of the time that a short command takes.
nodeModule.enableCompileCache?.(); // since Node 22.1
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};
const { main } = await import("./main.ts");
const { EXIT } = await import("./exit-codes.ts");
const code = await main(process.argv.slice(2), version);
process.exitCode = code;
// What nobody waits for any longer, a terminal or a vendor that says nothing, keeps no process. All that was said is out first.
if (code === EXIT.interrupted) process.stdout.write("", () => process.exit());
