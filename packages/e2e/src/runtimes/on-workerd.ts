// The entry of a Worker: `/run` runs what its body names and streams what comes of it; everything else is for the
// handlers that it serves, each under a number.
import { runProgram, type About } from "./run-program.ts";

const handlers: ((request: Request) => Promise<Response>)[] = [];

const worker = {
  async fetch(
    request: Request,
    _env: unknown,
    context: { waitUntil(work: Promise<unknown>): void },
  ): Promise<Response> {
    const { origin, pathname } = new URL(request.url);
    if (pathname !== "/run")
      return handlers[Number(pathname.split("/")[1])]?.(request) ?? new Response(null, { status: 410 });
    const about = (await request.json()) as About;
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const say = (line: string) => void writer.write(new TextEncoder().encode(`${line}\n`));
    const serve = async (handler: (typeof handlers)[number]) => `${origin}/${handlers.push(handler) - 1}`;
    context.waitUntil(runProgram(about, { serve }, say).finally(() => writer.close()));
    return new Response(readable);
  },
};

// oxlint-disable-next-line import/no-default-export -- what workerd calls
export default worker;
