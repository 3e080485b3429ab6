// The lines of a package's CHANGELOG.md: sentences to its user, and what it needs now.
const sentence = ({ summary }) => summary.trim().replaceAll("\n", "\n  ");

export const getReleaseLine = (changeset) => `- ${sentence(changeset)}`;

export function getDependencyReleaseLine(changesets, dependencies) {
  if (dependencies.length === 0) return "";
  const versions = new Map(dependencies.map(({ name, newVersion }) => [name, `\`${name}\` ${newVersion}`]));
  // A repair is told wherever it arrives. What is new is told by a changeset that names those whose users notice.
  const repairs = changesets.filter(({ releases }) =>
    releases.every(({ name, type }) => type === "patch" && versions.has(name)),
  );
  const lines = repairs.map(
    (changeset) => `- ${sentence(changeset)} (${changeset.releases.map(({ name }) => versions.get(name)).join(", ")})`,
  );
  return [...lines, `- It needs ${[...versions.values()].join(", ")}.`].join("\n");
}
