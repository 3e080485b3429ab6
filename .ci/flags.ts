// The one flag that a script here may take. Any other word ends it before it does anything: a misspelt `--dry-run` must not publish.

/** Whether the flag was given. Ends the process after `--help` or an unknown word. */
export function readFlag(script: string, flag?: string): boolean {
  const words = process.argv.slice(2);
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
