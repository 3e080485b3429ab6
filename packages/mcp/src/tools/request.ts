// A request as an agent writes it.
import type { VideoRequest } from "vidtask";
import { z } from "zod";
import type { Folder } from "../folder.ts";

const text = (about: string) => z.string().optional().describe(about);
const media = (what: string) => text(`${what}: an https URL, or the name of a file in the server's folder`);

/** The fields of a request beside its model. Which of them a model takes, and how, is the model's to say. */
export const REQUEST_FIELDS = {
  prompt: text("what the video shows"),
  negativePrompt: text("what the video should not show"),
  image: media("the first frame"),
  endImage: media("the last frame"),
  motionVideo: media("the video to copy the motion from"),
  duration: z.number().optional().describe("seconds of video"),
  aspectRatio: text('such as "16:9"'),
  resolution: text('such as "720p"'),
  quality: text("a quality level of the model, such as pro"),
  sound: z.boolean().optional().describe("whether the video has sound"),
  voices: z.array(z.string()).optional().describe("ids of the vendor's voices"),
  cfgScale: z.number().optional().describe("0 to 1: how closely the video follows the prompt"),
  seed: z.number().optional().describe("the same seed gives similar videos"),
};

type Given = { [K in keyof typeof REQUEST_FIELDS]?: z.output<(typeof REQUEST_FIELDS)[K]> };

const MEDIA = ["image", "endImage", "motionVideo"] as const;

/** What was given, with the files of the folder in place of their names. @throws Refusal for a file that is not there */
export async function readRequest(given: Given, folder: Folder): Promise<Omit<VideoRequest, "model">> {
  const fields = Object.entries(given).filter(([name, value]) => name in REQUEST_FIELDS && value !== undefined);
  const request: Omit<VideoRequest, "model"> = Object.fromEntries(fields);
  for (const field of MEDIA) {
    const name = given[field];
    if (name !== undefined) request[field] = await folder.media(name, field);
  }
  return request;
}
