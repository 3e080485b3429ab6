#!/usr/bin/env node
// The program `vidtask-mcp`.
import { readFileSync } from "node:fs";
import { run } from "./main.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};
await run(process.argv.slice(2), version);
