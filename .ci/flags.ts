// The flag of a script here. Another word ends it before it does anything: a misspelt `--dry-run` must not publish.

/** Whether `flag` was given; after `--help`, or a word that is not known, the process has ended. */
export function isGiven(script: string, flag?: string, words: readonly string[] = process.argv.slice(2)): boolean {
  const usage = `npm run ${script}${flag === undefined ? "" : ` -- [${flag}]`}`;
  if (words.includes("--help")) {
    console.log(usage);
    process.exit(0);
  }
  const unknown = words.filter((word) => word !== flag);
  if (unknown.length > 0) {
    console.error(`Unknown: ${unknown.join(" ")}. Usage: ${usage}`);
    process.exit(2);
  }
  return words.length > 0;
}
