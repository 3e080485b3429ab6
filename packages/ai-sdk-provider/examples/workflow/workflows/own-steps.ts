// Steps of one's own: each may run again after a crash, and the video is paid for once, because the row's id is its key.
import { createApixoProvider } from "@vidtask/ai-sdk-provider/apixo";
import { sqliteJournal } from "@vidtask/apixo/node";
import {
  experimental_getVideoStatus as getVideoStatus,
  experimental_startVideo as startVideo,
  type JSONValue,
} from "ai";
import { FatalError, sleep } from "workflow";

export async function videoOf(row: { id: string; prompt: string }): Promise<string> {
  "use workflow";
  const operation = await start(row);
  for (;;) {
    const url = await look(operation);
    if (url !== undefined) return url;
    await sleep("1s");
  }
}

async function start({ id, prompt }: { id: string; prompt: string }): Promise<JSONValue> {
  "use step";
  const { operation } = await startVideo({ model: model(), prompt, headers: { "idempotency-key": id } });
  return operation;
}

/** The address of the video, once there is one. */
async function look(operation: JSONValue): Promise<string | undefined> {
  "use step";
  const status = await getVideoStatus(model(), { operation });
  if (status.status === "error") throw new FatalError(status.error);
  const [video] = status.status === "completed" ? status.videos : [];
  return video?.type === "url" ? video.url : undefined;
}

/** In a step, which has all of Node: a workflow has none of it. */
const model = () => createApixoProvider({ journal: sqliteJournal("journal.db") }).video("kling-2-6");
