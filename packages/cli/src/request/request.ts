// What the options of `generate`, `submit`, `plan` and `compare`, or a row of a batch, ask for.
import type { VideoRequest } from "@vidtask/core";
import { orStop } from "../interrupt.ts";
import { UsageError } from "../usage-error.ts";
import { isKeyed } from "../vendors.ts";
import { readMedia } from "./media.ts";
import { utf8 } from "./utf8.ts";

/** The fields of a request as the command line gives them. */
export type RequestOptions = {
  negativePrompt?: string;
  image?: string;
  endImage?: string;
  motionVideo?: string;
  duration?: number;
  aspectRatio?: string;
  sound?: boolean;
  quality?: string;
  resolution?: string;
  seed?: number;
  characterOrientation?: string;
  watermark?: string;
  enableTranslation?: boolean;
  voice?: string[];
  cfgScale?: number;
  routing?: string;
  extraBody?: string;
};

/** Which vendors may be asked, and how one is chosen. */
export type ChoiceOptions = {
  model: string;
  vendor?: string;
  prefer?: "cheapest" | "fastest";
  dropFields?: string;
  /** The model's id is the vendor's, and not looked up. */
  unlisted?: boolean;
};

/** Fields that go into the request as they are. */
const PLAIN = [
  "negativePrompt",
  "duration",
  "aspectRatio",
  "sound",
  "quality",
  "resolution",
  "seed",
  "cfgScale",
  "characterOrientation",
  "watermark",
  "enableTranslation",
  "routing",
] as const;

/** A request for a family. @throws UsageError for what cannot be read */
export async function readRequest(
  family: string,
  prompt: string | undefined,
  options: RequestOptions,
  base?: string,
): Promise<VideoRequest> {
  const { image, endImage, motionVideo, voice, extraBody, ...plain } = options;
  const media = { image, endImage, motionVideo };
  const request: VideoRequest = { model: family };
  if (prompt !== undefined) request.prompt = prompt;
  for (const name of PLAIN) if (plain[name] !== undefined) Object.assign(request, { [name]: plain[name] });
  for (const [name, given] of Object.entries(media))
    if (given !== undefined) request[name] = await readMedia(given, name, base);
  if (voice !== undefined) request.voices = voice;
  if (extraBody !== undefined) request.extraBody = jsonObject(extraBody) as NonNullable<VideoRequest["extraBody"]>;
  return request;
}

function jsonObject(text: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (isKeyed(json)) return json;
  } catch {
    // Said below.
  }
  throw new UsageError("--extra-body must be a JSON object", [`For example: --extra-body '{"seed":7}'`]);
}

/** The prompt: the argument, or what comes through a pipe where there is none, or `-`. */
export async function readPrompt(argument: string | undefined, signal: AbortSignal): Promise<string | undefined> {
  if (argument !== undefined && argument !== "-") return argument;
  if (process.stdin.isTTY && argument === undefined) return undefined;
  const chunks = await orStop(signal, process.stdin.toArray());
  const text = utf8(Buffer.concat(chunks), "what came through the pipe");
  return text.trim() === "" ? undefined : text.trim();
}
