// `npm run release`: publishes each package whose version the registry does not have, with a git tag, after the check
// `packages`. Before it, `npx changeset version` turns changesets into versions and changelogs; commit that. Registry and
// token are those of your .npmrc. In CI, PNPM_CONFIG_PROVENANCE=true signs where a package was built, which needs the
// field `repository` in each package.json.
// With `--dry-run` all but the publishing is done in a copy of this clone, and what would be published is told.
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { changesetsOf, copyOfClone, install, version } from "../packages/e2e/src/registry/clone.ts";
import { readFlag } from "./flags.ts";
import { root, run, scratchFolder, unpackedProject } from "./pack.ts";
import { checkPackages } from "./packages.ts";

const isRehearsal = readFlag("release", "--dry-run");
const say = (text: string) => console.log(text);
const changeset = (cwd: string, ...args: string[]) =>
  run(process.execPath, [join(root, "node_modules/@changesets/cli/bin.js"), ...args], {
    cwd,
    isShown: args[0] === "publish",
    // They are built: the script `prepack` would build them again.
    env: { PNPM_CONFIG_IGNORE_SCRIPTS: "true" },
  });

try {
  await (isRehearsal ? rehearse() : release());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function release(): Promise<void> {
  const waiting = changesetsOf(root).map((file) => basename(file));
  if (waiting.length > 0)
    throw new Error(
      `${waiting.length} changesets are no versions yet (${waiting.join(", ")}). ` +
        "Run: npx changeset version; commit; then npm run release again.",
    );
  const packed = await prepare(root);
  if (packed) await changeset(root, "publish", "--from-pack-dir", packed);
}

async function rehearse(): Promise<void> {
  say("copying this clone, installing its dependencies there …");
  const clone = copyOfClone();
  await install(clone);
  await version(clone);
  say(`${changesetsOf(root).length} changesets became versions`);
  await prepare(clone);
  say("\nNothing was published, and nothing in this clone has changed.");
}

/** Builds, packs and checks; the folder of the tarballs, or nothing when there is nothing to publish. */
async function prepare(clone: string): Promise<string | undefined> {
  say("building …");
  await run("turbo", ["run", "build", "--output-logs=errors-only"], { cwd: clone });
  say("asking the registry what it has, packing the rest …");
  const folder = scratchFolder("release");
  await changeset(clone, "pack", "--out-dir", folder);
  type Release = { name: string; version: string; tag: string; tarball: { path: string } };
  const { plan } = JSON.parse(readFileSync(join(folder, "publish-plan.json"), "utf8")) as { plan: Release[][] };
  const releases = plan.flat().map((one) => ({ ...one, tarball: join(folder, one.tarball.path) }));
  if (releases.length === 0) {
    say("Nothing to publish: the registry has every version.");
    return undefined;
  }
  const { packages } = await unpackedProject(releases);
  const { failed, problems } = await checkPackages(packages);
  if (failed > 0) throw new Error(`Not published:\n${problems.join("\n")}`);
  for (const { name, version: number, tag, tarball } of releases)
    say(`${`${name} ${number}`.padEnd(30)}${tag.padEnd(9)}${(statSync(tarball).size / 1e3).toFixed(1).padStart(8)} kB`);
  if (isRehearsal)
    for (const { name, folder: unpacked } of packages) {
      const changelog = join(unpacked, "CHANGELOG.md");
      const [, latest = ""] = (existsSync(changelog) ? readFileSync(changelog, "utf8") : "").split(/^(?=## )/m);
      say(`\n${name}\n${latest.trim()}`);
    }
  return folder;
}
