// `npm run test:registry`: everything is published to a real registry, then installed and used as users do.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { published, root, run } from "../../../.ci/pack.ts";
import { copyOfClone, install, version, versionsOf, writeChangeset } from "./registry/clone.ts";
import { bytesIn, installedWith } from "./registry/installed.ts";
import { newUser, start } from "./registry/user.ts";
import { startRegistry } from "./registry/verdaccio.ts";

const HELP = `npm run test:registry

Starts verdaccio on 127.0.0.1, without an uplink, and publishes into it what the packages depend on, and then, by
\`npm run release\`, the packages of a copy of this clone. In empty folders, with nothing but that registry in reach, it
installs @vidtask/apixo alone, and vidtask; type-checks and runs the README's samples against the emulator; then releases
a repair of one vendor and looks at what moved. About two minutes. Ctrl-C leaves nothing behind but verdaccio itself,
which is installed once, into the folder for temporary files.`;

/** What an install of one vendor may weigh: zod has 6.3 of it, core 2.3 with its source maps. */
const MOST_MEGABYTES = 9.5;

const began = performance.now();
const step = (text: string) =>
  console.log(`\n[${String(Math.round((performance.now() - began) / 1000)).padStart(3)} s] ${text}`);
const say = (text: string) => console.log(text.trim().replaceAll(/^/gm, "        "));

const wrongRequest = `import { createApixo } from "@vidtask/apixo";
// @ts-expect-error -- 5 or 10
createApixo().plan({ model: "kling-2-6", prompt: "a waterfall", duration: 7 });
`;

const emulatorServer = `import { createEmulator } from "@vidtask/emulator";
const server = await createEmulator({ clock: { speed: 600 } }).listen();
console.log(JSON.stringify(server.for("apixo")));
`;

const routerProgram = `import { createEmulator } from "@vidtask/emulator";
import { createAIVideoAPI, createAPIModels, createApixo, createVidtask } from "vidtask";
import { saveVideo } from "vidtask/node";

const emulator = createEmulator({ clock: "manual" });
const vidtask = createVidtask({
  vendors: [
    createApixo(emulator.for("apixo")),
    createAIVideoAPI(emulator.for("aivideoapi")),
    createAPIModels(emulator.for("apimodels")),
  ],
});
const request = { model: "kling-2.6", prompt: "a waterfall", duration: 5 } as const;
const done = await emulator.clock.until(vidtask.generate(request, { idempotencyKey: "row-1", prefer: "cheapest" }));
const { bytes } = await saveVideo(vidtask, done, "router.mp4");
console.log("router.ts:", done.vendor, "made a video of", bytes, "bytes; charges:", emulator.ledger.length);
`;

try {
  const { values } = parseArgs({ options: { help: { type: "boolean", short: "h" } } });
  if (values.help) console.log(HELP);
  else await testRegistry();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
process.exit(); // the registry and the emulator would run on

async function testRegistry(): Promise<void> {
  step("a registry that knows nothing");
  const registry = await startRegistry(say);
  say(registry.url);

  step("what the packages depend on, and what their user type-checks with");
  const folders = published().flatMap(({ source }) => installedWith(join(root, source)));
  const tools = ["typescript", "@types/node"].flatMap((name) => installedWith(join(root, "node_modules", name)));
  const others = [...new Set([...folders, ...tools])].filter((folder) => !folder.startsWith(join(root, "packages")));
  for (const folder of others) say(await registry.publishInstalled(folder));

  step("a copy of this clone: its changesets become versions, `npm run release` publishes them");
  const copy = copyOfClone();
  await install(copy);
  writeFileSync(
    join(copy, ".npmrc"),
    `registry=${registry.url}\n//${registry.url.slice(7)}/:_authToken=${registry.token}\n`,
  );
  await run("git", ["init", "-q", "-b", "main"], { cwd: copy });
  await commit(copy, "Everything");
  await version(copy);
  await release(copy);
  const first = versionsOf(copy);

  step("npm install @vidtask/apixo, in an empty folder");
  const one = newUser("one-vendor", registry.url);
  await one.npm("install", "@vidtask/apixo");
  say(one.packages().join("\n"));
  const names = one.packages().map((line) => line.split(" ")[0]);
  assert.deepEqual(names, ["@vidtask/apixo", "@vidtask/core", "ky", "zod"], "another package is on disk");
  const megabytes = bytesIn(join(one.folder, "node_modules")) / 1e6;
  say(`${megabytes.toFixed(1)} MB on disk`);
  assert.ok(megabytes < MOST_MEGABYTES, `more than ${MOST_MEGABYTES} MB on disk`);

  step(
    "the READMEs' samples with it: `Use` over HTTP and real time (runs on), and the emulator's with a vendor in the process",
  );
  await one.npm("install", "--save-dev", "@vidtask/emulator", "typescript", "@types/node");
  one.write("use.ts", sample("README.md", "Use"));
  one.write("offline.ts", sample("packages/emulator/README.md", "In a test, without a port"));
  one.write("wrong.ts", wrongRequest);
  await one.typeCheck("use.ts", "offline.ts", "wrong.ts");
  say("type-checked; a duration that the model does not take is refused");
  one.write("emulator.mjs", emulatorServer);
  const emulator = await start(process.execPath, ["emulator.mjs"], one.folder);
  const { apiKey, baseUrl } = JSON.parse(emulator.line) as { apiKey: string; baseUrl: string };
  const using = one.node("use.ts", { APIXO_API_KEY: apiKey, APIXO_BASE_URL: baseUrl });
  using.catch(() => {}); // told where it is awaited
  await one.node("offline.ts");
  say("offline.ts: one video, charged once");

  step("npm install vidtask, in another");
  const umbrella = newUser("umbrella", registry.url);
  await umbrella.npm("install", "vidtask");
  await umbrella.npm("install", "--save-dev", "@vidtask/emulator", "typescript", "@types/node");
  say(umbrella.packages().join("\n"));
  umbrella.write("several.ts", sample("packages/vidtask/README.md", "Several vendors as one"));
  umbrella.write("router.ts", routerProgram);
  await umbrella.typeCheck("several.ts", "router.ts");
  say(await umbrella.node("router.ts"));

  step("the sample `Use` ends");
  const printed = await using;
  emulator.stop();
  say(printed);
  const saved = readFileSync(join(one.folder, "waterfall.mp4"));
  assert.equal(saved.toString("latin1", 4, 8), "ftyp", "waterfall.mp4 is no mp4");

  step("a repair of @vidtask/aivideoapi is released");
  writeChangeset(copy, { "@vidtask/aivideoapi": "patch" }, "You see the spend limit again.");
  await version(copy);
  await release(copy);
  const moved = [];
  for (const [name, old] of Object.entries(first)) {
    const now = (await registry.read(name))["dist-tags"].latest;
    say(`${name.padEnd(22)} ${old} ${now === old ? "unmoved" : `-> ${now}`}`);
    if (now !== old) moved.push(name);
  }
  // It, and every package that depends on it, also through `vidtask`.
  const dependents = ["@vidtask/ai-sdk-provider", "@vidtask/aivideoapi", "@vidtask/cli", "@vidtask/mcp", "vidtask"];
  assert.deepEqual(moved.toSorted(), dependents, "other packages have moved");
  const { versions } = await registry.read("vidtask");
  const needs = versions[versionsOf(copy)["vidtask"] ?? ""]?.dependencies ?? {};
  say(`vidtask needs ${JSON.stringify(needs)}`);
  const wanted = Object.entries(first).map(([name, old]) => [
    name,
    `^${name === "@vidtask/aivideoapi" ? versionsOf(copy)[name] : old}`,
  ]);
  for (const [name = "", range] of wanted.filter(([name = ""]) => name in needs)) assert.equal(needs[name], range);

  step("what their users see");
  say(`one vendor: npm outdated: ${(await one.npm("outdated", "@vidtask/apixo")).trim() || "nothing"}`);
  const before = umbrella.packages();
  await umbrella.npm("update", "vidtask");
  say(
    `umbrella: npm update: ${umbrella
      .packages()
      .filter((line) => !before.includes(line))
      .join(", ")}`,
  );
  say(
    readFileSync(join(umbrella.folder, "node_modules/vidtask/CHANGELOG.md"), "utf8")
      .split("\n## ")
      .slice(0, 2)
      .join("\n## "),
  );
  step("everything as it should be; removing the folders …");
}

async function commit(copy: string, message: string): Promise<void> {
  await run("git", ["add", "-A"], { cwd: copy });
  await run(
    "git",
    ["-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "--allow-empty", "-qm", message],
    {
      cwd: copy,
    },
  );
}

async function release(copy: string): Promise<void> {
  await commit(copy, "Version packages");
  const identity = { GIT_COMMITTER_NAME: "test", GIT_COMMITTER_EMAIL: "test@localhost" };
  const printed = await run("pnpm", ["release"], { cwd: copy, env: identity });
  say(
    printed
      .split("\n")
      .filter((line) => /^(package|(@vidtask\/)?\w+ [\d.]+ )/.test(line))
      .join("\n"),
  );
  say(`tags: ${(await run("git", ["tag", "--points-at", "HEAD"], { cwd: copy })).trim().split("\n").join(", ")}`);
}

/** The first sample below a heading of a page. */
function sample(page: string, heading: string): string {
  const [, section = ""] = readFileSync(join(root, page), "utf8").split(`\n## ${heading}\n`);
  const [, code] = /^```ts\n(.*?)^```/ms.exec(section.split("\n## ")[0] ?? "") ?? [];
  assert.ok(code, `${page} has no sample below "${heading}"`);
  return code;
}
