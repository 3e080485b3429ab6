// What only Node can do, and nothing of the DOM that comes with the packages.
import { createServer } from "node:http";
import { createApixo, createReceiver } from "@vidtask/apixo";
import { saveVideo, sqliteJournal, toNodeHandler, type SaveVideoOptions } from "@vidtask/core/node";

const { APIXO_API_KEY: apiKey } = process.env;
const options: SaveVideoOptions = {
  index: 0,
  signal: undefined,
  onProgress: (bytes, total) => void (bytes / (total ?? 1)),
};

export async function main(): Promise<number> {
  const journal = sqliteJournal("submits.sqlite", { prompts: undefined });
  await using apixo = createApixo({ apiKey, journal });
  const done = await apixo.generate({ model: "kling-2-6", prompt: "a waterfall" });
  createServer(toNodeHandler(createReceiver({ clients: [apixo], onTask: () => {} })));
  return (await saveVideo(apixo, done, "video.mp4", options)).bytes;
}

// @ts-expect-error -- the DOM's own
export const page = document;
