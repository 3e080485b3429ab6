// Copies of the sources with one rule broken, to see that the suites notice. The sources themselves stay as they are.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onInterrupt } from "@vidtask/bench/progress";

type Patch = { file: string; from: string | RegExp; to: string };

type Mutant = {
  broken: string;
  patches: readonly Patch[];
};

/** Each breaks one rule of the paid request. */
export const mutants: { readonly [name: string]: Mutant } = {
  pool: {
    broken: "the paid request leaves through the shared pool",
    patches: [
      { file: "core/src/submit/send.ts", from: "init: { dispatcher }, proof: where", to: "init: {}, proof: where" },
      {
        file: "core/src/submit/send.ts",
        from: "init: { client: denoClient }, proof: where",
        to: "init: {}, proof: where",
      },
      {
        file: "core/src/submit/send.ts",
        from: "init: { keepalive: false }, proof: where",
        to: "init: {}, proof: where",
      },
    ],
  },
  follow: {
    broken: "redirects of the paid request are followed",
    patches: [
      { file: "core/src/submit/send.ts", from: `redirect: "manual" as const`, to: `redirect: "follow" as const` },
    ],
  },
  signal: {
    broken: "the caller's abort cancels the paid request",
    patches: [
      {
        file: "core/src/submit/send.ts",
        from: "exchangeSignal(post.timeoutMs)",
        to: "exchangeSignal(post.timeoutMs, (post as { signal?: AbortSignal }).signal)",
      },
      {
        file: "core/src/submit/pay.ts",
        from: "await sendOnce(post)",
        to: "await sendOnce({ ...post, signal: run.stop } as typeof post)",
      },
    ],
  },
  resend: {
    broken: "a reset counts as proof that nothing left",
    patches: [
      {
        file: "core/src/submit/send.ts",
        from: "const isProven = isWitnessed ?",
        to: `const isProven = /reset|closed|lost/i.test(String(error) + String((error as Error).cause)) ? true : isWitnessed ?`,
      },
    ],
  },
};

export const mutantNames = Object.keys(mutants);

/** A copy of the workspace in a temporary folder with one mutant in it. */
export function mutate(name: string): { root: string; remove(): void } {
  const mutant = mutants[name];
  if (!mutant) throw new RangeError(`there is no mutant ${name}; there are ${mutantNames.join(", ")}`);
  const workspace = join(import.meta.dirname, "../../..");
  const root = mkdtempSync(join(tmpdir(), "vidtask-mutant-"));
  const remove = () => rmSync(root, { recursive: true, force: true });
  const forget = onInterrupt(remove);
  for (const entry of readdirSync(join(workspace, "packages")))
    cpSync(join(workspace, "packages", entry), join(root, "packages", entry), {
      recursive: true,
      verbatimSymlinks: true, // they point to each other: inside the copy
      filter: (path) => !/\/(dist|\.turbo|\.reports|\.readme)$/.test(path),
    });
  for (const entry of ["node_modules", "fixtures"]) symlinkSync(join(workspace, entry), join(root, entry));
  writeFileSync(join(root, "package.json"), readFileSync(join(workspace, "package.json")));
  for (const { file, from, to } of mutant.patches) {
    const path = join(root, "packages", file);
    const text = readFileSync(path, "utf8");
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`the mutant ${name} no longer fits packages/${file}`);
    writeFileSync(path, changed);
  }
  return {
    root,
    remove() {
      forget();
      remove();
    },
  };
}

/** Runs one of these programs from a mutated copy. @returns its exit code: 1 is what a mutant is for. */
export async function runMutated(name: string, program: string, args: readonly string[]): Promise<number> {
  console.log(`mutant ${name}: ${mutants[name]?.broken}`);
  const { root, remove } = mutate(name);
  try {
    const child = spawn(process.execPath, [join(root, "packages/e2e/src", program), ...args], { stdio: "inherit" });
    const forget = onInterrupt(() => child.kill("SIGTERM"));
    const code = await new Promise<number>((resolve) => child.once("close", (ended) => resolve(ended ?? 1)));
    forget();
    console.log(code === 0 ? `The mutant ${name} was NOT seen.` : `The mutant ${name} was seen.`);
    return code;
  } finally {
    remove();
  }
}
