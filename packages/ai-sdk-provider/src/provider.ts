import { NoSuchModelError, type ProviderV4 } from "@ai-sdk/provider";
import type { VideoClient } from "@vidtask/core";
import { checkOptions, membersOf, nearest, required, rule, type Rules } from "@vidtask/core/router";
import { register, type ClientOf } from "./registry.ts";
import type { ModelIdOf } from "./types.ts";
import { VidtaskVideoModel } from "./video-model.ts";

/** The video models of a client, for `generateVideo`, `startVideo`, `getVideoStatus` and provider registries. */
export interface VidtaskProvider<C = VideoClient> extends ProviderV4 {
  /** @throws NoSuchModelError for a model that the client does not have; those of a router are families, such as `kling-2.6` */
  video(modelId: ModelIdOf<C>): VidtaskVideoModel;
  /** The same, by the name that the SDK's registries ask for. */
  videoModel(modelId: ModelIdOf<C>): VidtaskVideoModel;
  /**
   * A model that this version does not list, by its vendor's id: see `unlistedModel` of core. The request is
   * `providerOptions.vidtask.extraBody`, with the vendor's own fields (`UnlistedOptions`); it must include the SDK's prompt, and
   * no other setting is allowed. No field is checked, and `maxPrice` needs a price from the client's `prices`.
   *
   * @throws NoSuchModelError for a router, which chooses among listed models
   */
  unlistedVideo(modelId: string): VidtaskVideoModel;
}

/** The options of a provider. */
export type VidtaskProviderOptions<C> = {
  /** What makes the videos: a client of a vendor, or a router (`createVidtask`). */
  client: C;
  /** The name by which a model that was sent to another process finds the provider there. @default the client's `vendor` */
  name?: string | undefined;
};

/**
 * Creates a provider for the AI SDK over a vidtask client or router.
 *
 * @throws InvalidRequestError if `client` is not a client, or an option is unknown
 */
export function createVidtaskProvider<C extends VideoClient>(options: VidtaskProviderOptions<C>): VidtaskProvider<C> {
  const checked = checkOptions<VidtaskProviderOptions<VideoClient>>(options, RULES, {
    of: "createVidtaskProvider",
    vendor: "",
    phase: "plan",
  });
  const { client } = checked;
  membersOf(client); // throws where it is none
  const name = checked.name ?? client.vendor;
  register(name, () => client);
  return providerOf(
    () => client,
    (modelId, isUnlisted) => new VidtaskVideoModel(name, () => client, modelId, isUnlisted),
  );
}

/** The provider whose client is made when the first model is. */
export function providerOf<C>(
  clientOf: ClientOf,
  make: (modelId: string, isUnlisted?: boolean) => VidtaskVideoModel,
): VidtaskProvider<C> {
  const video = (modelId: string): VidtaskVideoModel => {
    const known = Object.keys(clientOf().models);
    if (known.includes(modelId)) return make(modelId);
    const meant = nearest(String(modelId), known);
    const remedy = meant === undefined ? `there are ${known.join(", ")}` : `did you mean ${meant}?`;
    const hint = "(`unlistedVideo` asks for one that this version does not list)";
    const message = `${clientOf().vendor} has no video model ${JSON.stringify(modelId)}: ${remedy} ${hint}`;
    throw new NoSuchModelError({ modelId, modelType: "videoModel", message });
  };
  const unlistedVideo = (modelId: string): VidtaskVideoModel => {
    const members = membersOf(clientOf());
    if (members.length === 1 && members[0]?.client.vendor === clientOf().vendor) return make(modelId, true);
    const message = "a router chooses among listed models: make a provider over the vendor's own client for this one";
    throw new NoSuchModelError({ modelId, modelType: "videoModel", message });
  };
  const none = (modelType: "languageModel" | "embeddingModel" | "imageModel") => (modelId: string) => {
    throw new NoSuchModelError({ modelId, modelType, message: `vidtask has video models only, no ${modelType}` });
  };
  return {
    specificationVersion: "v4",
    video,
    videoModel: video,
    unlistedVideo,
    languageModel: none("languageModel"),
    embeddingModel: none("embeddingModel"),
    imageModel: none("imageModel"),
  };
}

const RULES: Rules<VidtaskProviderOptions<VideoClient>> = {
  client: required(
    "a vidtask client: what createApixo(), createVidtask() or another factory returned",
    (value) => value,
  ),
  name: rule("a string with at least one character", (value) => typeof value === "string" && value !== ""),
};
