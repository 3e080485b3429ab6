// AIVideoAPI for the AI SDK.
import { createAIVideoAPI, type ClientOptions } from "@vidtask/aivideoapi";
import { providerOf, type VidtaskProvider } from "./provider.ts";
import { clientNamed, once, register, type ClientOf, type SerializedModel } from "./registry.ts";
import type { ModelIdOf, VidtaskOptions } from "./types.ts";
import { serialized, VidtaskVideoModel } from "./video-model.ts";

type Client = ReturnType<typeof createAIVideoAPI>;

/** The type of `providerOptions.aivideoapi` for a model of AIVideoAPI, as JSON: the model's fields, and the options of a start. */
export type AIVideoAPIVideoOptions<Model extends ModelIdOf<Client> = ModelIdOf<Client>> = VidtaskOptions<Client, Model>;

const NAME = "aivideoapi";

/** A model of AIVideoAPI. Another process recreates it from its own provider, or else from its environment. */
export class AIVideoAPIVideoModel extends VidtaskVideoModel {
  /** @internal */
  constructor(clientOf: ClientOf, modelId: string, isUnlisted?: boolean) {
    super(NAME, clientOf, modelId, isUnlisted);
  }

  /** For `@workflow/serde`: what another process needs to find the model again, without a key. */
  static [Symbol.for("workflow-serialize")](model: VidtaskVideoModel): SerializedModel {
    return serialized(NAME, model);
  }

  /** Recreates the model over this process's provider of AIVideoAPI. */
  static [Symbol.for("workflow-deserialize")]({ modelId, isUnlisted }: SerializedModel): AIVideoAPIVideoModel {
    return new AIVideoAPIVideoModel(clientNamed(NAME, fromEnvironment), modelId, isUnlisted);
  }
}

const fromEnvironment: ClientOf = once(() => createAIVideoAPI());

const providerOver = (clientOf: ClientOf): VidtaskProvider<Client> =>
  providerOf(clientOf, (modelId, isUnlisted) => new AIVideoAPIVideoModel(clientOf, modelId, isUnlisted));

/**
 * Creates a provider of AIVideoAPI's models for the AI SDK. The options are those of `createAIVideoAPI`; the key comes from `apiKey` or
 * `AIVIDEOAPI_API_KEY`.
 *
 * @throws InvalidRequestError for a wrong option. A missing key is an error at the first start, before anything is sent.
 */
export function createAIVideoAPIProvider(options?: ClientOptions): VidtaskProvider<Client> {
  const client = createAIVideoAPI(options);
  register(NAME, () => client);
  return providerOver(() => client);
}

/** AIVideoAPI with the key of `AIVIDEOAPI_API_KEY`. Its client is created with the first model. */
export const aivideoapi: VidtaskProvider<Client> = /* @__PURE__ */ providerOver(fromEnvironment);
