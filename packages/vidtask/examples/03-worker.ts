import { createApixo, createReceiver, formatRef, parseRef } from "@vidtask/apixo";
interface Env {
  DB: D1Database;
  APIXO_API_KEY: string;
  SECRET: string;
  ORIGIN: string;
}
export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const apixo = createApixo({
      apiKey: env.APIXO_API_KEY,
      callback: { url: `${env.ORIGIN}/callback`, secret: env.SECRET },
    });
    const save = (verb: "ignore" | "replace", key: string, ref: string, state: string) =>
      env.DB.prepare(`insert or ${verb} into video values (?,?,?)`).bind(key, ref, state).run();
    const url = new URL(request.url);
    if (url.pathname.startsWith("/callback/"))
      // one segment more: the token
      return createReceiver({
        clients: [apixo],
        onTask: (t, { idempotencyKey: key }) => save("replace", key, formatRef(t), t.state),
      }).fetch(request, ctx);
    if (request.method === "GET")
      return Response.json(await apixo.get(parseRef(decodeURIComponent(url.pathname.slice(1)))));
    const key = crypto.randomUUID();
    const task = await apixo.submit({ model: "kling-2-6", prompt: await request.text() }, { idempotencyKey: key });
    await save("ignore", key, formatRef(task), task.state); // `onTask` may have written the end already
    return Response.json({ key }, { status: 202 });
  },
};
