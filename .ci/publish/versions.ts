// The check `versions`: what a changeset moves, tried with the real tool in copies of this clone.
import { changelogOf, copyOfClone, version, versionsOf, writeChangeset, type Changes } from "./clone.ts";
import { published, type Outcome } from "./pack.ts";

const SENTENCE = "You can see what changed.";
const manifests = published().map(({ manifest }) => manifest);
const dependents = (name: string): string[] => {
  const direct = manifests.filter(({ dependencies = {} }) => name in dependencies).map((manifest) => manifest.name);
  return [...new Set([...direct, ...direct.flatMap(dependents)])];
};
const isEmulator = (name: string) => name === "@vidtask/emulator";
const reexporting = (name: string) => dependents(name).filter((one) => !isEmulator(one));

/** Whatever depends on what they name moves by a patch at least, and nothing else. */
const scenarios: Record<string, Changes> = {
  "a repair in one vendor": { "@vidtask/aivideoapi": "patch" },
  "something new in one vendor": all("minor", "@vidtask/apixo", ...reexporting("@vidtask/apixo")),
  "a repair in core": { "@vidtask/core": "patch" },
  "something new in core": all("minor", "@vidtask/core", ...reexporting("@vidtask/core")),
  "something new in the emulator": { "@vidtask/emulator": "minor" },
};

export async function checkVersions(): Promise<Outcome> {
  const problems: string[] = [];
  for (const [what, changes] of Object.entries(scenarios)) {
    const found = await tryOut(changes);
    if (found.length > 0) problems.push([what, ...found].join("\n  "));
  }
  try {
    await version(copyOfClone());
  } catch (error) {
    problems.push(`the changesets of this clone: ${error}`);
  }
  const failed = problems.length;
  return { passed: Object.keys(scenarios).length + 1 - failed, failed, problems };
}

async function tryOut(changes: Changes): Promise<string[]> {
  const copy = copyOfClone();
  const before = versionsOf(copy);
  writeChangeset(copy, changes, SENTENCE);
  await version(copy);
  const after = versionsOf(copy);
  const moves = { ...all("patch", ...Object.keys(changes).flatMap(dependents)), ...changes };
  const isRepair = Object.values(changes).every((bump) => bump === "patch");
  return Object.entries(before).flatMap(([name, old]) => {
    const wanted = increased(old, moves[name]);
    if (after[name] !== wanted) return [`${name} ${old} became ${after[name]}, not ${wanted}`];
    // A repair is told wherever it arrives, what is new where the changeset says that users notice.
    const told = changes[name] || isRepair ? SENTENCE : "It needs ";
    return moves[name] && !changelogOf(copy, name).includes(told) ? [`the changelog of ${name} lacks: ${told}`] : [];
  });
}

function all(bump: "patch" | "minor", ...names: string[]): Changes {
  return Object.fromEntries(names.map((name) => [name, bump]));
}

function increased(old: string, bump: "patch" | "minor" | undefined): string {
  const [major = 0, minor = 0, patch = 0] = old.split(".").map(Number);
  if (bump === "minor") return `${major}.${minor + 1}.0`;
  return bump === "patch" ? `${major}.${minor}.${patch + 1}` : old;
}
