#!/usr/bin/env node
// The program `vidtask-mcp`.
import { readFileSync } from "node:fs";
import { run } from "./main.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};
process.stdout.on("error", () => {}); // a host, or a reader, that has gone: stdin ends, too
await run(process.argv.slice(2), version);
