// The pages that show the committed results. A test fails when they show anything else.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plot } from "./plot.ts";
import { FOLDER, type Results } from "./results.ts";
import { summaryOf, tablesOf } from "./tables.ts";

const README = join(FOLDER, "../README.md");
const [BEGIN, END] = ["<!-- peers: written by npm run bench peers -- --write -->", "<!-- /peers -->"];

export type Page = { readonly file: string; readonly text: string };

/** What the pages hold when they show these results. */
export const pagesOf = (results: Results): Page[] => [
  { file: join(FOLDER, "peers.md"), text: page(results) },
  { file: join(FOLDER, "peers.svg"), text: plot(results) },
  { file: README, text: readme(readFileSync(README, "utf8"), results) },
];

export function writePages(results: Results): void {
  for (const { file, text } of pagesOf(results)) writeFileSync(file, text);
}

const versionsOf = ({ peers }: Results) => [...new Set(peers.flatMap(({ versions }) => versions))].join(", ");
const when = ({ date, node }: Results) => `${date}, Node ${node.slice(1)}`;

const page = (results: Results): string => `# Beside other clients

${when(results)}: ${versionsOf(results)}. \`npm run bench peers\` measures it again; [how](../README.md#npm-run-bench-peers). Each
client asks a server on this machine in its own vendor's protocol.

${tablesOf(results).join("\n\n")}

![Polls and lag of each client, for tasks that take 20, 60 and 180 s](peers.svg)
`;

function readme(text: string, results: Results): string {
  const [before = "", rest = ""] = text.split(BEGIN);
  const [, after = ""] = rest.split(END);
  if (!rest || !after) throw new Error(`${README} has no ${BEGIN} … ${END}`);
  const told = `${when(results)}: ${versionsOf(results)}.`;
  return `${before}${BEGIN}\n${summaryOf(results)}\n\n${told}\n${END}${after}`;
}
