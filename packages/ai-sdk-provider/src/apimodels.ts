// APIModels for the AI SDK.
import { createAPIModels, type ClientOptions } from "@vidtask/apimodels";
import { providerOf, type VidtaskProvider } from "./provider.ts";
import { clientNamed, once, register, type ClientOf, type SerializedModel } from "./registry.ts";
import type { ModelIdOf, VidtaskOptions } from "./types.ts";
import { serialized, VidtaskVideoModel } from "./video-model.ts";

type Client = ReturnType<typeof createAPIModels>;

/** What `providerOptions.apimodels` takes for a model of APIModels, as JSON: its fields, and the options of a start. */
export type APIModelsVideoOptions<Model extends ModelIdOf<Client> = ModelIdOf<Client>> = VidtaskOptions<Client, Model>;

const NAME = "apimodels";

/** A model of APIModels. Another process makes it anew, from the provider it made itself, else from its environment. */
export class APIModelsVideoModel extends VidtaskVideoModel {
  /** @internal */
  constructor(clientOf: ClientOf, modelId: string, isUnlisted?: boolean) {
    super(NAME, clientOf, modelId, isUnlisted);
  }

  /** For `@workflow/serde`: what finds the model again in another process; no key. */
  static [Symbol.for("workflow-serialize")](model: VidtaskVideoModel): SerializedModel {
    return serialized(NAME, model);
  }

  /** The model over this process's provider of APIModels. */
  static [Symbol.for("workflow-deserialize")]({ modelId, isUnlisted }: SerializedModel): APIModelsVideoModel {
    return new APIModelsVideoModel(clientNamed(NAME, fromEnvironment), modelId, isUnlisted);
  }
}

const fromEnvironment: ClientOf = once(() => createAPIModels());

const providerOver = (clientOf: ClientOf): VidtaskProvider<Client> =>
  providerOf(clientOf, (modelId, isUnlisted) => new APIModelsVideoModel(clientOf, modelId, isUnlisted));

/**
 * A provider of APIModels's models for the AI SDK. The options are those of `createAPIModels`; the key comes from `apiKey` or
 * `APIMODELS_API_KEY`.
 *
 * @throws InvalidRequestError for a wrong option. A missing key is told at the first start, before anything is sent.
 */
export function createAPIModelsProvider(options?: ClientOptions): VidtaskProvider<Client> {
  const client = createAPIModels(options);
  register(NAME, () => client);
  return providerOver(() => client);
}

/** APIModels with the key of `APIMODELS_API_KEY`. Its client is made when the first model is. */
export const apimodels: VidtaskProvider<Client> = /* @__PURE__ */ providerOver(fromEnvironment);
