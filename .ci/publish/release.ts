// `npm run release`: publishes each package whose version the registry does not have, after the checks of `packages`.
import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { changelogOf, changesetsOf, copyOfClone, install, version } from "./clone.ts";
import { unpackedProject, type Packed } from "./pack.ts";
import { checkPackages, linksOf } from "./packages.ts";
import { root, run } from "./run.ts";
import { scratchFolder } from "./scratch.ts";

const HELP = `npm run release                 publishes what the registry does not have, each with a git tag
npm run release -- --dry-run    versions, builds, packs and checks in a copy of this clone, and says what would be published

Before it: \`npx changeset version\` turns the changesets into versions and changelogs; commit that.
The registry and its token are those of your .npmrc.
In CI, PNPM_CONFIG_PROVENANCE=true signs where a package was built. It is no setting of the packages, because outside of
CI nothing can be signed, and publishing would fail; it also needs the field \`repository\` in each package.json.`;

type Release = { name: string; version: string; tag: string; tarball: { path: string } };

const say = (text: string) => console.log(text);
const changeset = join(root, "node_modules/@changesets/cli/bin.js");
const kB = (bytes: number) => `${(bytes / 1e3).toFixed(1)} kB`;

try {
  const { values } = parseArgs({ options: { "dry-run": { type: "boolean" }, help: { type: "boolean", short: "h" } } });
  if (values.help) say(HELP);
  else await (values["dry-run"] ? rehearse() : release());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function release(): Promise<void> {
  const waiting = changesetsOf(root);
  if (waiting.length > 0)
    throw new Error(
      `${waiting.length} changesets are no versions yet (${waiting.map((file) => basename(file)).join(", ")}). ` +
        "Run: npx changeset version; commit; then npm run release again.",
    );
  const packed = await prepare(root);
  if (!packed) return;
  await run(process.execPath, [changeset, "publish", "--from-pack-dir", packed], { cwd: root, isShown: true });
}

async function rehearse(): Promise<void> {
  say("copying this clone, installing its dependencies there …");
  const clone = copyOfClone();
  await install(clone);
  await version(clone);
  say(`${changesetsOf(root).length} changesets became versions`);
  const isPacked = await prepare(clone);
  say(isPacked ? "\nNothing was published, and nothing in this clone has changed." : "");
}

/** Builds, packs and checks; the folder of the tarballs, or nothing when there is nothing to publish. */
async function prepare(clone: string): Promise<string | undefined> {
  say("building …");
  await run("turbo", ["run", "build", "--output-logs=errors-only"], { cwd: clone });
  say("asking the registry what it has, packing the rest …");
  const folder = scratchFolder("release");
  // They are built: the script `prepack` would build them again.
  const env = { PNPM_CONFIG_IGNORE_SCRIPTS: "true" };
  await run(process.execPath, [changeset, "pack", "--out-dir", folder], { cwd: clone, env });
  const { plan } = JSON.parse(readFileSync(join(folder, "publish-plan.json"), "utf8")) as { plan: Release[][] };
  const releases = plan.flat().map((one) => ({ ...one, tarball: join(folder, one.tarball.path) }));
  if (releases.length === 0) {
    say("Nothing to publish: the registry has every version.");
    return undefined;
  }
  const { packages } = await unpackedProject(releases);
  const { failed, problems } = await checkPackages(packages);
  if (failed > 0) throw new Error(`Not published:\n${problems.join("\n")}`);
  say(`\n${"package".padEnd(30)}${"tag".padEnd(9)}${"packed".padStart(10)}${"unpacked".padStart(11)}  files`);
  for (const { name, version: number, tag, tarball } of releases)
    for (const packed of packages.filter((one) => one.name === name)) {
      const sizes = [kB(statSync(tarball).size).padStart(10), kB(bytesOf(packed)).padStart(11)].join("");
      say(`${`${name} ${number}`.padEnd(30)}${tag.padEnd(9)}${sizes}${String(packed.files.length).padStart(7)}`);
    }
  for (const { name, version: number } of releases) say(`\n${name} ${changesOf(clone, name, number)}`);
  const unlinked = packages.filter(({ manifest }) => !manifest["repository"]);
  if (unlinked.length > 0) {
    const names = unlinked.map(({ name }) => name).join(", ");
    if (process.env["PNPM_CONFIG_PROVENANCE"] === "true")
      throw new Error(
        `Not published: provenance names the repository, and package.json has no \`repository\`: ${names}`,
      );
    const links = unlinked.reduce((sum, packed) => sum + linksOf(packed).length, 0);
    say(
      `\nNote: without \`repository\` in package.json ${links} links of the READMEs lead nowhere on a registry's page: ${names}`,
    );
  }
  return folder;
}

function bytesOf({ folder, files }: Packed): number {
  return files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}

/** The section of its changelog for this version, without headings. */
function changesOf(clone: string, name: string, number: string): string {
  const [section = ""] = changelogOf(clone, name).split(`## ${number}\n`).slice(1);
  const [text = ""] = section.split("\n## ");
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  return [number, ...lines].join("\n  ");
}
