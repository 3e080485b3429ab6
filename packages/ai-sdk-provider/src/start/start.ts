// One start: checked and priced first, paid for once.
import type {
  Experimental_VideoModelV4CallOptions as CallOptions,
  SharedV4Warning as SdkWarning,
} from "@ai-sdk/provider";
import { InvalidRequestError, type Issue, type Price, type Task, type VideoClient, type Warning } from "@vidtask/core";
import { issue } from "@vidtask/core/router";
import { invalid } from "../errors.ts";
import { keyOf } from "./idempotency-key.ts";
import type { OneCall } from "./one-call.ts";
import type { StartOptions } from "./provider-options.ts";
import { prepare, type Prepared } from "./settings.ts";
import { prepareUnlisted } from "./unlisted.ts";

export type Start = {
  readonly client: VideoClient;
  readonly modelId: string;
  readonly isUnlisted: boolean;
  readonly call: CallOptions;
  /** An address of the caller's own that the vendor is to call. */
  readonly callbackUrl?: string | undefined;
  /** The call of `generateVideo` that this start is a part of. */
  readonly oneCall?: OneCall | undefined;
};

export type Started = {
  readonly task: Task;
  readonly price?: Price | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly warnings: SdkWarning[];
  readonly results?: StartOptions["results"];
};

/** @throws VidtaskError: what is wrong with the call as one `InvalidRequestError`, before anything is sent */
export async function start({ client, modelId, isUnlisted, call, callbackUrl, oneCall }: Start): Promise<Started> {
  const key = await keyOf(call.headers); // Meanwhile the other starts of the same call are counted.
  const prepared = isUnlisted ? prepareUnlisted(call, client, modelId) : prepare(call, client, modelId);
  if (key?.isOfCaller && oneCall && oneCall.starts > 1)
    prepared.issues.push(issue("n", "1 under an idempotency key of your own: a key names one video", oneCall.starts));
  const { options, request, warnings } = prepared;
  const offers = offersOf(client, prepared);
  if (prepared.issues.length > 0) throw invalid(client.vendor, prepared.issues);
  const { maxPrice, submitTimeout, prefer, dropFields } = options;
  const submitOptions = {
    maxPrice,
    submitTimeout,
    callbackUrl,
    idempotencyKey: key?.value,
    signal: call.abortSignal,
    ...(isRouter(client) ? { prefer, dropFields } : {}),
  };
  const task = await client.submit(request, submitOptions).catch((error: unknown) => {
    throw InvalidRequestError.isInstance(error) ? inSdkWords(error, prepared) : error;
  });
  const offer = offers.find(({ vendor, model }) => vendor === task.vendor && model === task.model);
  return {
    task,
    price: offer?.price,
    idempotencyKey: key?.value,
    warnings: [...warnings, ...(offer?.warnings ?? []).map(toSdkWarning)],
    results: options.results,
  };
}

type Quote = { vendor: string; model: string; price?: Price | undefined; warnings: readonly Warning[] };

/** What the client would do for the request. What stands against it is added to the issues; a router says it at the submit. */
function offersOf(client: VideoClient, prepared: Prepared): Quote[] {
  const { request, issues, options } = prepared;
  try {
    if (!isRouter(client)) {
      const { price, warnings } = client.plan(request);
      return [{ vendor: client.vendor, model: request.model, price, warnings }];
    }
    const { prefer, dropFields } = options;
    return client
      .compare(request, { prefer, dropFields })
      .flatMap(({ vendor, model, ...offer }) =>
        offer.ok ? [{ vendor, model, price: offer.plan?.price, warnings: offer.warnings ?? [] }] : [],
      );
  } catch (error) {
    if (!InvalidRequestError.isInstance(error)) throw error;
    issues.push(...inSdkWords(error, prepared).issues);
    return [];
  }
}

type Compared = { vendor: string; model: string; ok: boolean; plan?: { price?: Price }; warnings?: Warning[] };
type Router = VideoClient & { compare(request: unknown, choice: object): Compared[] };

const isRouter = (client: VideoClient): client is Router => "compare" in client;

/** The same error, with the paths by which the SDK's caller knows what he gave. */
function inSdkWords(error: InvalidRequestError, { pathOf }: Prepared): InvalidRequestError {
  const issues = error.issues.map((one): Issue => ({ ...one, path: pathOf(one.path) }));
  return new InvalidRequestError({ ...error, cause: error.cause, issues });
}

const toSdkWarning = ({ about, kind, message }: Warning): SdkWarning =>
  kind === "dropped"
    ? { type: "unsupported", feature: about, details: message }
    : { type: "other", message: `${about}: ${message}` };
