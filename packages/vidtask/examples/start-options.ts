// The command line of `npm start`, and the request it stands for.
import { parseArgs } from "node:util";
import {
  createAIVideoAPI,
  createAPIModels,
  createApixo,
  InvalidRequestError,
  type ClientOptions,
  type VideoClient,
  type VideoRequest,
} from "vidtask";

// The wide type: the model comes from the command line and is checked at run time.
type Factory = { name: string; create: (options?: ClientOptions) => VideoClient };
export const FACTORIES = {
  apixo: { name: "createApixo", create: createApixo },
  aivideoapi: { name: "createAIVideoAPI", create: createAIVideoAPI },
  apimodels: { name: "createAPIModels", create: createAPIModels },
} satisfies Record<string, Factory> as Record<"apixo" | "aivideoapi" | "apimodels", Factory>;

const models = Object.entries(FACTORIES).map(
  ([vendor, { create }]) => `  ${vendor.padEnd(12)} ${Object.keys(create().models).join(", ")}`,
);

export const HELP = `npm start -- [options]      makes a video with an emulated vendor and saves it under out/

  --vendor NAME         ${Object.keys(FACTORIES).join(" | ").padEnd(38)} (default: apixo)
  --model NAME          one of the vendor's models             (default: its first)
  --prompt TEXT         what the video shows                   (default: a waterfall in the forest, birds chirping)
  --duration SECONDS    a length that the model takes          (default: 5)
  --aspect-ratio A:B    16:9 | 9:16 | 1:1                      (default: 16:9, without an image)
  --quality NAME        std | pro, if the model has them       (default: pro with sound)
  --resolution NAME     720p | 1080p, if the model has them
  --image URL           the first frame
  --motion-video URL    for motion control: the video to copy the motion from
  --no-sound            make a silent video
  --help                show this text

Models:
${models.join("\n")}

Nothing is sent to a vendor and nothing is paid; the emulator runs inside this command on 127.0.0.1.`;

export type Options = ReturnType<typeof parseOptions>;

/** Ends the process with status 2 when an option is wrong. */
export function parseOptions() {
  try {
    const { values } = parseArgs({
      options: {
        vendor: { type: "string", default: "apixo" },
        model: { type: "string" },
        prompt: { type: "string", default: "a waterfall in the forest, birds chirping" },
        duration: { type: "string" },
        quality: { type: "string" },
        resolution: { type: "string" },
        "aspect-ratio": { type: "string" },
        image: { type: "string" },
        "motion-video": { type: "string" },
        "no-sound": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const { vendor } = values;
    if (vendor !== "apixo" && vendor !== "aivideoapi" && vendor !== "apimodels")
      throw new TypeError(`--vendor must be one of ${Object.keys(FACTORIES).join(", ")}, not ${vendor}`);
    return { ...values, vendor } as const;
  } catch (error) {
    console.error(`${(error as Error).message}\nnpm start -- --help lists the options`);
    return process.exit(2);
  }
}

/** The request of the options, with what its model takes and needs. */
export function requestOf(client: VideoClient, options: Options): VideoRequest {
  const [first = ""] = Object.keys(client.models);
  const { model = first, prompt, image, quality, resolution } = options;
  const takes = (field: string) => Object.hasOwn(client.models[model]?.request.def.shape ?? {}, field);
  const isHeard = !options["no-sound"] && takes("sound");
  const grade = quality ?? (isHeard && takes("quality") ? "pro" : undefined);
  const asked = { model, prompt, image, motionVideo: options["motion-video"], quality: grade, resolution };
  const needs = neededBy(client, asked);
  const picture = image ?? (needs.includes("image") ? "https://example.com/photo.jpg" : undefined);
  const motion = asked.motionVideo ?? (needs.includes("motionVideo") ? "https://example.com/dance.mp4" : undefined);
  const ratio = options["aspect-ratio"] ?? (picture === undefined && takes("aspectRatio") ? "16:9" : undefined);
  const length = options.duration ?? (takes("duration") && motion === undefined ? "5" : undefined);
  return {
    model,
    prompt,
    duration: length === undefined ? undefined : Number(length),
    sound: isHeard ? true : undefined,
    quality: grade,
    resolution,
    image: picture,
    motionVideo: motion,
    aspectRatio: ratio,
  };
}

/** The media without which the model refuses the request, as its plan says. */
function neededBy(client: VideoClient, request: VideoRequest): string[] {
  try {
    client.plan(request);
    return [];
  } catch (error) {
    if (!InvalidRequestError.isInstance(error)) throw error;
    return error.issues.map(({ path }) => path);
  }
}
