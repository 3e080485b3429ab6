import type {
  Experimental_VideoModelV4 as VideoModelV4,
  Experimental_VideoModelV4OperationStartResult as StartResult,
  Experimental_VideoModelV4OperationStatusResult as SdkStatus,
} from "@ai-sdk/provider";
import { formatRef, parseRef, TaskFailedError, type FailedTask, type TaskRef, type VideoClient } from "@vidtask/core";
import { heldTasks, membersOf } from "@vidtask/core/router";
import { toSdkError } from "./errors.ts";
import { metadataOf } from "./metadata.ts";
import { readOperation, writeOperation, type Operation } from "./operation.ts";
import { isReceiver, settleWebhook } from "./receiver-webhook.ts";
import { clientNamed, type ClientOf, type SerializedModel } from "./registry.ts";
import { trackCalls } from "./start/one-call.ts";
import { start } from "./start/start.ts";
import { look } from "./status/look.ts";
import { resultsOf, type Handed } from "./status/results.ts";

type DoStart = NonNullable<VideoModelV4["doStart"]>;
type DoStatus = NonNullable<VideoModelV4["doStatus"]>;
type StatusResult =
  | Exclude<SdkStatus, { status: "completed" }>
  | (Omit<Extract<SdkStatus, { status: "completed" }>, "videos"> & { videos: Handed[] });
type HandleWebhook = NonNullable<VideoModelV4["handleWebhookOption"]>;

/**
 * One model of a vidtask client, for the AI SDK. It starts tasks and reads their status, and leaves the waiting to the SDK, so
 * that no process has to live as long as a task. It can be sent to another process: only the names of provider and model are
 * sent, never a key.
 */
export class VidtaskVideoModel implements VideoModelV4 {
  readonly specificationVersion = "v4";
  /** The vendor, such as `apixo.video`; `vidtask.video` for a router. */
  readonly provider: string;
  readonly modelId: string;
  /** Each task makes one video. */
  readonly maxVideosPerCall = 1;
  /** True for a model of `unlistedVideo`: its id is not checked, and `providerOptions.vidtask.extraBody` has the whole request. */
  readonly isUnlisted: boolean;
  /** Present if the vendor calls back: only then does the SDK ask for a webhook. */
  declare readonly handleWebhookOption?: HandleWebhook;
  readonly #name: string;
  readonly #client: VideoClient;
  readonly #calls = trackCalls();

  /** @internal */
  constructor(name: string, clientOf: ClientOf, modelId: string, isUnlisted = false) {
    this.#name = name;
    this.#client = clientOf();
    this.provider = `${this.#client.vendor}.video`;
    this.modelId = modelId;
    this.isUnlisted = isUnlisted;
    // Absent for whoever looks; that the SDK looks is how a call of `generateVideo` is known (./start/one-call.ts).
    Object.defineProperty(this, "doGenerate", { get: () => this.#calls.begin() });
    if (membersOf(this.#client).every(({ spec }) => spec.callback))
      this.handleWebhookOption = async (options) => this.#handleWebhook(options);
  }

  /** For `@workflow/serde`: the names of provider and model. */
  static [Symbol.for("workflow-serialize")](model: VidtaskVideoModel): SerializedModel {
    return serialized(model.#name, model);
  }

  /**
   * Recreates the model over this process's provider of the same name.
   *
   * @throws InvalidRequestError if no such provider was created in this process
   */
  static [Symbol.for("workflow-deserialize")]({ provider, modelId, isUnlisted }: SerializedModel): VidtaskVideoModel {
    return new VidtaskVideoModel(provider, clientNamed(provider), modelId, isUnlisted);
  }

  /**
   * Submits a task, once per `idempotency-key`.
   *
   * @throws InvalidRequestError before anything is sent; VidtaskCallError, AbortedError
   */
  async doStart(options: Parameters<DoStart>[0]): Promise<StartResult> {
    const { webhookUrl, abortSignal } = options;
    const oneCall = webhookUrl === undefined ? this.#calls.current() : this.#calls.ofWebhook(webhookUrl);
    if (oneCall && webhookUrl === undefined) oneCall.starts++;
    const client = this.#client;
    const isOwnReceiver = isReceiver(webhookUrl);
    const held = await heldTasks(client).catch(rethrow); // before anything is paid for
    const started = await start({
      client,
      modelId: this.modelId,
      isUnlisted: this.isUnlisted,
      call: options,
      oneCall,
      callbackUrl: isOwnReceiver ? undefined : webhookUrl,
    }).catch(rethrow);
    const { task, price, idempotencyKey, warnings } = started;
    held.hold(task);
    if (webhookUrl !== undefined && isOwnReceiver) settleWebhook(webhookUrl, ended(client, task, abortSignal));
    const operation: Operation = {
      ref: parseRef(task),
      price,
      idempotencyKey,
      isCalledBack: webhookUrl !== undefined,
      isAskedOnce: (webhookUrl !== undefined && oneCall !== undefined) || undefined,
      results: started.results ?? (oneCall ? "bytes" : "url"),
    };
    return {
      operation: writeOperation(operation),
      warnings,
      providerMetadata: metadataOf(task, operation),
      response: this.#response(),
    };
  }

  /**
   * Reads the status of a task from the vendor; before it is time to ask again (`task.nextPollAt` of the metadata), returns the
   * last one. A failed task is `status: "error"`; a temporary fault, such as a 503 or an early 404, is `pending`. For an
   * operation with a webhook it waits up to 60 s for the end.
   *
   * @throws InvalidRequestError for an operation of another model; VidtaskCallError, AbortedError. If `generateVideo` would give
   * up on a running task because its webhook came too early, the error has the ref, and the call may be tried again.
   */
  async doStatus({ operation: given, abortSignal }: Parameters<DoStatus>[0]): Promise<StatusResult> {
    const client = this.#client;
    const response = this.#response();
    const operation = readOperation(given, { client, modelId: this.modelId });
    const task = await look(client, operation, abortSignal).catch(rethrow);
    if (!task) return { status: "pending", response };
    const providerMetadata = metadataOf(task, operation);
    if (task.state === "failed") return { status: "error", error: wordsOf(task), providerMetadata, response };
    if (task.state !== "succeeded") return { status: "pending", providerMetadata, response };
    const videos = await resultsOf(client, task, operation, abortSignal).catch(rethrow);
    return { status: "completed", videos, warnings: [], providerMetadata, response };
  }

  async #handleWebhook({ webhook }: Parameters<HandleWebhook>[0]): Promise<Awaited<ReturnType<HandleWebhook>>> {
    const oneCall = this.#calls.current();
    if (oneCall) oneCall.starts++;
    const { url, received } = await webhook();
    if (oneCall) this.#calls.remember(url, oneCall);
    return { webhookUrl: url, received };
  }

  #response(): { timestamp: Date; modelId: string; headers: undefined } {
    return { timestamp: new Date(), modelId: this.modelId, headers: undefined };
  }
}

/** What crosses to another process. */
export const serialized = (provider: string, { modelId, isUnlisted }: VidtaskVideoModel): SerializedModel => ({
  provider,
  modelId,
  ...(isUnlisted ? { isUnlisted } : {}),
});

/** Failed or not: the status says which. */
async function ended(client: VideoClient, ref: TaskRef, signal: AbortSignal | undefined): Promise<void> {
  await client.wait(ref, { signal }).catch((error: unknown) => {
    if (!TaskFailedError.isInstance(error)) throw toSdkError(error);
  });
}

const rethrow = (error: unknown): never => {
  throw toSdkError(error);
};

/** All that the SDK passes on of a failure is this text. */
const wordsOf = ({ failure: { message, code, billed }, ...task }: FailedTask): string =>
  `${formatRef(task)} failed: ${message} (${code}, billed: ${billed})`;
