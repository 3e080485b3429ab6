// The types of a provider follow from its client: which models there are, and what each takes.
import type { StartOptions } from "./start/provider-options.ts";

// The request of a client, from the method that every client has.
type RequestsOf<C> = C extends { plan(request: infer R): unknown } ? R : never;

type Json<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Json<Item>[]
    : T extends URL | Blob
      ? never
      : T extends object
        ? { readonly [K in keyof T]: Json<T[K]> }
        : T;

/** The models of a client, or the families of a router. */
export type ModelIdOf<C> = RequestsOf<C> extends { model: infer Model extends string } ? Model : string;

type RequestOf<C, Model> =
  Extract<RequestsOf<C>, { model: Model }> extends never ? RequestsOf<C> : Extract<RequestsOf<C>, { model: Model }>;

type FieldsOf<R> = R extends unknown
  ? string extends keyof R
    ? { readonly [field: string]: unknown }
    : { readonly [F in keyof R as F extends "model" ? never : F]?: Json<R[F]> | undefined }
  : never;

/**
 * The type of `providerOptions.vidtask`, or of the same under the vendor's name, for a model of this client: every field of its
 * request, as JSON (media as URLs), and the options of a start. Do not repeat what you set through a setting of the SDK.
 *
 * ```ts
 * providerOptions: { apixo: { negativePrompt: "blur" } satisfies VidtaskOptions<typeof client, "kling-2-5-turbo-pro"> }
 * ```
 */
export type VidtaskOptions<C, Model extends ModelIdOf<C> = ModelIdOf<C>> = FieldsOf<RequestOf<C, Model>> & StartOptions;
