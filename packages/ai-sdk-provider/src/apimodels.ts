// APIModels for the AI SDK.
import { createAPIModels, type ClientOptions } from "@vidtask/apimodels";
import { providerOf, type VidtaskProvider } from "./provider.ts";
import { clientNamed, once, register, type ClientOf, type SerializedModel } from "./registry.ts";
import type { ModelIdOf, VidtaskOptions } from "./types.ts";
import { serialized, VidtaskVideoModel } from "./video-model.ts";

type Client = ReturnType<typeof createAPIModels>;

/** The type of `providerOptions.apimodels` for a model of APIModels, as JSON: the model's fields, and the options of a start. */
export type APIModelsVideoOptions<Model extends ModelIdOf<Client> = ModelIdOf<Client>> = VidtaskOptions<Client, Model>;

const NAME = "apimodels";

/** A model of APIModels. Another process recreates it from its own provider, or else from its environment. */
export class APIModelsVideoModel extends VidtaskVideoModel {
  /** @internal */
  constructor(clientOf: ClientOf, modelId: string, isUnlisted?: boolean) {
    super(NAME, clientOf, modelId, isUnlisted);
  }

  /** For `@workflow/serde`: what another process needs to find the model again, without a key. */
  static [Symbol.for("workflow-serialize")](model: VidtaskVideoModel): SerializedModel {
    return serialized(NAME, model);
  }

  /** Recreates the model over this process's provider of APIModels. */
  static [Symbol.for("workflow-deserialize")]({ modelId, isUnlisted }: SerializedModel): APIModelsVideoModel {
    return new APIModelsVideoModel(clientNamed(NAME, fromEnvironment), modelId, isUnlisted);
  }
}

const fromEnvironment: ClientOf = once(() => createAPIModels());

const providerOver = (clientOf: ClientOf): VidtaskProvider<Client> =>
  providerOf(clientOf, (modelId, isUnlisted) => new APIModelsVideoModel(clientOf, modelId, isUnlisted));

/**
 * Creates a provider of APIModels's models for the AI SDK. The options are those of `createAPIModels`; the key comes from `apiKey` or
 * `APIMODELS_API_KEY`.
 *
 * @throws InvalidRequestError for a wrong option. A missing key is an error at the first start, before anything is sent.
 */
export function createAPIModelsProvider(options?: ClientOptions): VidtaskProvider<Client> {
  const client = createAPIModels(options);
  register(NAME, () => client);
  return providerOver(() => client);
}

/** APIModels with the key of `APIMODELS_API_KEY`. Its client is created with the first model. */
export const apimodels: VidtaskProvider<Client> = /* @__PURE__ */ providerOver(fromEnvironment);
