import type { Experimental_VideoModelV4 as VideoModelV4 } from "@ai-sdk/provider";
import { parseRef, VidtaskError, type VideoClient } from "@vidtask/apixo";
const response = (modelId: string) => ({ timestamp: new Date(), modelId, headers: undefined });
export const videoModel = (client: VideoClient, modelId: string): VideoModelV4 => ({
  specificationVersion: "v4",
  provider: `vidtask.${client.vendor}`,
  modelId,
  maxVideosPerCall: 1,
  handleWebhookOption: async ({ webhook }) => {
    const { url, received } = await webhook();
    return { webhookUrl: url, received };
  },
  async doStart({
    prompt,
    image,
    duration,
    aspectRatio,
    generateAudio,
    providerOptions,
    webhookUrl,
    abortSignal,
    headers,
  }) {
    const media =
      image &&
      (image.type === "url"
        ? image.url
        : typeof image.data === "string"
          ? `data:${image.mediaType};base64,${image.data}`
          : new Blob([image.data as BlobPart], { type: image.mediaType }));
    const operation = await client.submit(
      {
        model: modelId,
        prompt,
        image: media,
        duration,
        aspectRatio,
        sound: generateAudio,
        ...providerOptions["vidtask"],
      },
      { idempotencyKey: headers?.["idempotency-key"], callbackUrl: webhookUrl, signal: abortSignal }, // the SDK re-sends doStart: the key makes that free
    );
    return { operation, warnings: [], response: response(modelId) };
  },
  async doStatus({ operation, abortSignal }) {
    const task = await client.get(parseRef(operation), { signal: abortSignal }).catch((e) => {
      if (VidtaskError.isInstance(e) && e.retryable) return undefined; // the SDK's loop dies on any throw
      throw e;
    });
    if (task?.state === "succeeded")
      return {
        status: "completed",
        videos: task.videos.map((v) => ({ type: "url", url: v.url, mediaType: "video/mp4" })),
        warnings: [],
        response: response(modelId),
      };
    if (task?.state === "failed") return { status: "error", error: task.failure.message, response: response(modelId) };
    return { status: "pending", response: response(modelId) };
  },
});
