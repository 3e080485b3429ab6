// The entry on Node, Bun and Deno: what to run is the last argument, what comes of it is printed.
import type * as NodeCases from "./conformance/node-cases.ts";
import { runProgram, type About } from "./run-program.ts";

type Handler = (request: Request) => Promise<Response>;
type Globals = {
  process: { argv: string[]; exit(code: number): never };
  Bun?: { serve(options: { port: 0; hostname: string; fetch: Handler }): { port: number } };
  Deno?: {
    serve(options: { port: 0; hostname: string; onListen(): void }, handler: Handler): { addr: { port: number } };
  };
};
const { process, Bun, Deno } = globalThis as unknown as Globals;
const hostname = "127.0.0.1";

const about = JSON.parse(process.argv.at(-1) ?? "") as About;
// A path that no bundler sees: those cases import Node.
const forNode = about.program === "conformance" ? ((await import(about.nodeCases)) as typeof NodeCases) : undefined;

async function serve(handler: Handler): Promise<string> {
  if (Bun) return `http://${hostname}:${Bun.serve({ port: 0, hostname, fetch: handler }).port}`;
  if (Deno) return `http://${hostname}:${Deno.serve({ port: 0, hostname, onListen() {} }, handler).addr.port}`;
  if (!forNode) throw new Error("nothing to serve with");
  return forNode.serve(handler);
}

await runProgram(about, { serve, nodeCases: forNode?.nodeCases }, (line) => console.log(line));
process.exit(0);
