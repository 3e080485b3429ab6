// The peers in the versions of packages/bench/peers, installed apart from the workspace, and the modules that programs load.
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packedProject, root, run } from "../../../../.ci/pack.ts";
import type { Peer } from "./peer.ts";
import { peers } from "./peers.ts";

const MANIFEST = join(import.meta.dirname, "../../peers");
const FOLDER = join(root, "out/peers");

export type Installed = {
  /** Where the peer's modules are found. */
  readonly folder: string;
  /** The module that loads it. */
  readonly entry: string;
  /** `@fal-ai/client 1.10.1`, of each of its packages. */
  readonly versions: readonly string[];
};

const versionIn = (folder: string, name: string): string => {
  const { version } = JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8")) as {
    version: string;
  };
  return `${name} ${version}`;
};
export const fileNameOf = ({ name }: Peer): string => name.replace(/\W+/g, "-").replace(/^-|-$/g, "");

/** Installs the peers from their lockfile, where that is not done, and packs our own. */
export async function installPeers(): Promise<ReadonlyMap<string, Installed>> {
  mkdirSync(FOLDER, { recursive: true });
  const isThere = ["package.json", "package-lock.json"].every((file) => {
    const there = join(FOLDER, file);
    return existsSync(there) && readFileSync(there, "utf8") === readFileSync(join(MANIFEST, file), "utf8");
  });
  if (!isThere || !existsSync(join(FOLDER, "node_modules"))) {
    console.log("Installing the peers …");
    cpSync(MANIFEST, FOLDER, { recursive: true });
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: FOLDER });
  }
  console.log("Building and packing …");
  const { folder: ours } = await packedProject();
  symlinkSync(join(FOLDER, "node_modules/ai"), join(ours, "node_modules/ai"));
  return new Map(
    peers.map((peer) => {
      const folder = peer.packages.some((name) => name.startsWith("@vidtask/")) ? ours : FOLDER;
      const entry = join(folder, `entry-${fileNameOf(peer)}.mjs`);
      writeFileSync(entry, `${peer.entry}\n`);
      return [peer.name, { folder, entry, versions: peer.packages.map((name) => versionIn(folder, name)) }];
    }),
  );
}
