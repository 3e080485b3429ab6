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
process.exitCode = await main(process.argv.slice(2), version);
