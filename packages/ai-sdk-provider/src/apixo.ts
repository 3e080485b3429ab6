// APIXO for the AI SDK.
import { createApixo, type ClientOptions } from "@vidtask/apixo";
import { providerOf, type VidtaskProvider } from "./provider.ts";
import { clientNamed, once, register, type ClientOf, type SerializedModel } from "./registry.ts";
import type { ModelIdOf, VidtaskOptions } from "./types.ts";
import { serialized, VidtaskVideoModel } from "./video-model.ts";

type Client = ReturnType<typeof createApixo>;

/** The type of `providerOptions.apixo` for a model of APIXO, as JSON: the model's fields, and the options of a start. */
export type ApixoVideoOptions<Model extends ModelIdOf<Client> = ModelIdOf<Client>> = VidtaskOptions<Client, Model>;

const NAME = "apixo";

/** A model of APIXO. Another process recreates it from its own provider, or else from its environment. */
export class ApixoVideoModel extends VidtaskVideoModel {
  /** @internal */
  constructor(clientOf: ClientOf, modelId: string, isUnlisted?: boolean) {
    super(NAME, clientOf, modelId, isUnlisted);
  }

  /** For `@workflow/serde`: what another process needs to find the model again, without a key. */
  static [Symbol.for("workflow-serialize")](model: VidtaskVideoModel): SerializedModel {
    return serialized(NAME, model);
  }

  /** Recreates the model over this process's provider of APIXO. */
  static [Symbol.for("workflow-deserialize")]({ modelId, isUnlisted }: SerializedModel): ApixoVideoModel {
    return new ApixoVideoModel(clientNamed(NAME, fromEnvironment), modelId, isUnlisted);
  }
}

const fromEnvironment: ClientOf = once(() => createApixo());

const providerOver = (clientOf: ClientOf): VidtaskProvider<Client> =>
  providerOf(clientOf, (modelId, isUnlisted) => new ApixoVideoModel(clientOf, modelId, isUnlisted));

/**
 * Creates a provider of APIXO's models for the AI SDK. The options are those of `createApixo`; the key comes from `apiKey` or
 * `APIXO_API_KEY`.
 *
 * @throws InvalidRequestError for a wrong option. A missing key is an error at the first start, before anything is sent.
 */
export function createApixoProvider(options?: ClientOptions): VidtaskProvider<Client> {
  const client = createApixo(options);
  register(NAME, () => client);
  return providerOver(() => client);
}

/** APIXO with the key of `APIXO_API_KEY`. Its client is created with the first model. */
export const apixo: VidtaskProvider<Client> = /* @__PURE__ */ providerOver(fromEnvironment);
