#!/usr/bin/env node
// The program `vidtask`.
import { readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";

// What was compiled once is not compiled again: a third of the time that a short command takes.
enableCompileCache?.();
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};
const { main } = await import("./main.ts");
process.exitCode = await main(process.argv.slice(2), version);
