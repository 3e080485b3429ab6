// AIVideoAPI for the AI SDK.
import { createAIVideoAPI, type ClientOptions } from "@vidtask/aivideoapi";
import { providerOf, type VidtaskProvider } from "./provider.ts";
import { clientNamed, once, register, type ClientOf, type SerializedModel } from "./registry.ts";
import type { ModelIdOf, VidtaskOptions } from "./types.ts";
import { serialized, VidtaskVideoModel } from "./video-model.ts";

type Client = ReturnType<typeof createAIVideoAPI>;

/** What `providerOptions.aivideoapi` takes for a model of AIVideoAPI, as JSON: its fields, and the options of a start. */
export type AIVideoAPIVideoOptions<Model extends ModelIdOf<Client> = ModelIdOf<Client>> = VidtaskOptions<Client, Model>;

const NAME = "aivideoapi";

/** A model of AIVideoAPI. Another process makes it anew, from the provider it made itself, else from its environment. */
export class AIVideoAPIVideoModel extends VidtaskVideoModel {
  /** @internal */
  constructor(clientOf: ClientOf, modelId: string, isUnlisted?: boolean) {
    super(NAME, clientOf, modelId, isUnlisted);
  }

  /** For `@workflow/serde`: what finds the model again in another process; no key. */
  static [Symbol.for("workflow-serialize")](model: VidtaskVideoModel): SerializedModel {
    return serialized(NAME, model);
  }

  /** The model over this process's provider of AIVideoAPI. */
  static [Symbol.for("workflow-deserialize")]({ modelId, isUnlisted }: SerializedModel): AIVideoAPIVideoModel {
    return new AIVideoAPIVideoModel(clientNamed(NAME, fromEnvironment), modelId, isUnlisted);
  }
}

const fromEnvironment: ClientOf = once(() => createAIVideoAPI());

const providerOver = (clientOf: ClientOf): VidtaskProvider<Client> =>
  providerOf(clientOf, (modelId, isUnlisted) => new AIVideoAPIVideoModel(clientOf, modelId, isUnlisted));

/**
 * A provider of AIVideoAPI's models for the AI SDK. The options are those of `createAIVideoAPI`; the key comes from `apiKey` or
 * `AIVIDEOAPI_API_KEY`.
 *
 * @throws InvalidRequestError for a wrong option. A missing key is told at the first start, before anything is sent.
 */
export function createAIVideoAPIProvider(options?: ClientOptions): VidtaskProvider<Client> {
  const client = createAIVideoAPI(options);
  register(NAME, () => client);
  return providerOver(() => client);
}

/** AIVideoAPI with the key of `AIVIDEOAPI_API_KEY`. Its client is made when the first model is. */
export const aivideoapi: VidtaskProvider<Client> = /* @__PURE__ */ providerOver(fromEnvironment);
