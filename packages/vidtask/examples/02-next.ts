import { createApixo, createReceiver, formatRef } from "@vidtask/apixo";
import { after } from "next/server";
import { db } from "@/db";
const apixo = createApixo({
  callback: { url: "https://app.example/api/videos/callback", secret: process.env["CALLBACK_SECRET"]! },
});
const receiver = createReceiver({
  clients: [apixo],
  onTask: (task, { idempotencyKey: key }) =>
    db.update(key, {
      ref: formatRef(task),
      status: task.state,
      url: task.state === "succeeded" ? task.videos[0].url : null,
    }),
});
export async function submitRoute(request: Request) {
  const { prompt } = (await request.json()) as { prompt: string };
  const row = await db.insert({ status: "submitting", prompt });
  const task = await apixo.submit(
    { model: "kling-2-6", prompt },
    { idempotencyKey: row.id, signal: AbortSignal.timeout(8_000) },
  );
  await db.update(row.id, { ref: formatRef(task) }); // not the status: `onTask` may have written the end already
  return Response.json({ id: row.id });
}
export const callbackRoute = (request: Request) => receiver.fetch(request, { waitUntil: after });
