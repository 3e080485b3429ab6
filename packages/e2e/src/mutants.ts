// One rule of the paid request broken at a time, to see that the suites over real sockets notice.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { onInterrupt } from "@vidtask/bench/progress";
import { copyWith, type Mutant } from "./mutated-copy.ts";

const SEND = "core/src/submit/send.ts";
const NODE = "core/src/submit/node-http.ts";

/** Each breaks one rule of the paid request. */
export const mutants: { readonly [name: string]: Mutant } = {
  pool: {
    broken: "the paid request leaves through the shared pool",
    patches: [
      { file: SEND, from: "const direct = nodeTransport(", to: "const direct = false && nodeTransport(" },
      { file: SEND, from: "init: { client: denoClient }", to: "init: {}" },
      { file: SEND, from: "init: { keepalive: false }", to: "init: {}" },
    ],
  },
  follow: {
    broken: "redirects of the paid request are followed",
    patches: [
      { file: SEND, from: `redirect: "manual" as const`, to: `redirect: "follow" as const` },
      {
        file: NODE,
        from: "const read = collect(",
        to: `const { location } = response.headers;
          if (location)
            return void postOnce(node, { ...post, url: new URL(location, post.url).href }, proxyEnv).then((sent) => settle(() => sent));
          const read = collect(`,
      },
    ],
  },
  signal: {
    broken: "the caller's abort cancels the paid request",
    patches: [
      { file: SEND, from: "new Exchange()", to: "new Exchange((way as any).signal)" },
      {
        file: SEND,
        from: "postByFetch(outgoing, way)",
        to: "postByFetch(outgoing, { ...way, signal: (post as any).signal })",
      },
      { file: SEND, from: "{ send, init, proves }: Way)", to: "way: Way)" },
      { file: SEND, from: "const turn = ", to: "const { send, init, proves } = way; const turn = " },
      {
        file: NODE,
        from: "const inTime = ",
        to: `const { signal } = post as any;
    signal?.addEventListener("abort", () => fail(signal.reason));
    const inTime = `,
      },
      {
        file: "core/src/submit/pay.ts",
        from: "sendOnce(post,",
        to: "sendOnce({ ...post, signal: run.stop } as typeof post,",
      },
    ],
  },
  resend: {
    broken: "a reset counts as proof that nothing left",
    patches: [
      {
        file: SEND,
        from: "|| proves(error);",
        to: "|| /reset|closed|lost/i.test(String(error) + String((error as Error).cause)) || proves(error);",
      },
      { file: NODE, from: "isWritten ? {", to: "isWritten && !/ECONNRESET/.test(String((error as any).code)) ? {" },
    ],
  },
};

export const mutantNames = Object.keys(mutants);

/** A copy of the workspace with one of these mutants in it. */
export function mutate(name: string): { root: string; remove(): void } {
  const mutant = mutants[name];
  if (!mutant) throw new RangeError(`there is no mutant ${name}; there are ${mutantNames.join(", ")}`);
  return copyWith(mutant);
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
