export { vidtaskErrorOf, VidtaskCallError } from "./errors.ts";
export type { VidtaskMetadata } from "./metadata.ts";
export { createVidtaskProvider, type VidtaskProvider, type VidtaskProviderOptions } from "./provider.ts";
export { receiverWebhook } from "./receiver-webhook.ts";
export type { StartOptions } from "./start/provider-options.ts";
export type { UnlistedOptions } from "./start/unlisted.ts";
export type { ModelIdOf, VidtaskOptions } from "./types.ts";
export { VidtaskVideoModel } from "./video-model.ts";
