// All that is compared, in the order of the tables.
import { aiSdkOverVidtask } from "./clients/ai-sdk-vidtask.ts";
import { aiSdk } from "./clients/ai-sdk.ts";
import { bare } from "./clients/bare.ts";
import { fal } from "./clients/fal.ts";
import { openai } from "./clients/openai.ts";
import { replicate } from "./clients/replicate.ts";
import { runway } from "./clients/runway.ts";
import { tanstack } from "./clients/tanstack.ts";
import { vidtask } from "./clients/vidtask.ts";
import { wavespeed } from "./clients/wavespeed.ts";
import type { Form, Peer } from "./peer.ts";

export const peers: readonly Peer[] = [
  vidtask,
  bare,
  aiSdk,
  aiSdkOverVidtask,
  fal,
  openai,
  replicate,
  runway,
  tanstack,
  wavespeed,
];

/** Ours, and what it is measured by. */
export const OURS = vidtask.name;
export const BARE = bare.name;

export type FormName = "quickStart" | "best";
/** The ways to use a client; one that has no better one than its quick start has one. */
export const formsOf = (peer: Peer): [FormName, Form][] => [
  ["quickStart", peer.quickStart],
  ...(peer.best ? [["best", peer.best] as [FormName, Form]] : []),
];
