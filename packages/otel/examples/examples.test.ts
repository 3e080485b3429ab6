// The examples as a reader runs them: processes of their own, and the dashboard over what they really measure.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { runBoth } from "./two-processes.ts";

const GUIDE = join(import.meta.dirname, "../../docs/guides/opentelemetry.md");
/** Without what is drawn or measured. */
const alike = (text: string) =>
  text
    .replaceAll(/\b[\da-f]{16,32}\b/g, "<id>")
    .replaceAll(/\d+\.\d+ s$/gm, "<time>")
    .replaceAll(/(?<=vidtask\.(polls|bytes) {2})\d+/g, "<count>")
    .replaceAll(/(?<=:)\w+$/gm, "<task>");

test("a wait and a download in a second process link to the submit of the first", async () => {
  const { submit, worker } = await runBoth();
  const [, span] = /^vidtask\.submit.*\n  span (.*)$/m.exec(submit) ?? [];
  expect(span).toMatch(/^[\da-f]{16} {2}trace [\da-f]{32}$/);
  const spans = worker.split(/\n(?=vidtask)/).map((text) => text.split("\n"));
  expect(spans.map(([name, , link]) => [name?.split(" ")[0], link])).toEqual([
    ["vidtask.wait", `  link ${span}`],
    ["vidtask.download", `  link ${span}`],
  ]);
  const [, trace] = span?.split("  ") ?? [];
  expect(worker.split("\n").filter((line) => line.startsWith("  span") && line.endsWith(` ${trace}`))).toEqual([]);
  expect(submit + worker).not.toMatch(/waterfall|https?:/);
  const [, guide = ""] = /```text\n(.*?)\n```/s.exec(readFileSync(GUIDE, "utf8")) ?? [];
  expect(alike(`$ node submit.ts\n${submit}\n\n$ node worker.ts\n${worker}`)).toBe(alike(guide));
});

type Panel = { title: string; targets: { expr: string }[] };
const dashboard = JSON.parse(readFileSync(join(import.meta.dirname, "dashboard.json"), "utf8")) as { panels: Panel[] };
const selectors = dashboard.panels.flatMap(({ title, targets }) =>
  targets.flatMap(({ expr }) =>
    [...expr.matchAll(/(\w*)\{([^}]*)\}/g)].map(([selector, name, labels]) => ({ title, selector, name, labels })),
  ),
);

test("every panel of the dashboard finds what the program measures", async () => {
  const program = spawn(process.execPath, [join(import.meta.dirname, "grafana.ts")], {
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void program.kill("SIGKILL"));
  const [url] = (await once(createInterface(program.stdout), "line")) as [string];
  const scrape = async () => samplesIn(await (await fetch(url)).text());
  let samples = await scrape();
  while (selectors.some((selector) => !finds(selector, samples))) {
    await setTimeout(100);
    samples = await scrape();
  }
  expect(selectors.length).toBeGreaterThan(10);
  const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
  const used = [...JSON.stringify(dashboard).matchAll(/(?<=\bby \(|\{\{)[\w, ]+/g)].flatMap(([text]) =>
    text.split(", "),
  );
  expect(used.filter((label) => !labels.has(label))).toEqual([]);
  program.kill("SIGTERM");
  expect(await once(program, "exit")).toEqual([0, null]);
});

type Sample = { labels: { [name: string]: string } };

function samplesIn(text: string): Sample[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [, name = "", labels = ""] = /^(\w+)\{(.*)\} /.exec(line) ?? [];
    const found = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = "", value = ""]) => [label, value]);
    return { labels: { __name__: name, ...(Object.fromEntries(found) as Sample["labels"]) } };
  });
}

/** As Prometheus matches, with every vendor chosen. */
function finds({ name, labels = "" }: (typeof selectors)[number], samples: readonly Sample[]): boolean {
  const matchers = [...labels.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)].map(([, label = "", operator, value = ""]) => {
    const pattern = new RegExp(`^(?:${value.replace("$vendor", ".*")})$`);
    return ({ labels }: Sample) => {
      const found = labels[label] ?? "";
      if (operator === "=~") return pattern.test(found);
      return operator === "=" ? found === value : found !== value;
    };
  });
  return samples.some((sample) => (!name || sample.labels["__name__"] === name) && matchers.every((is) => is(sample)));
}
