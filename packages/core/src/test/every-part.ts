// Loads what a client loads by its first calls, for tests whose clock does not see the time that this takes.
import { calls, downloading, holding, rareCalls, receiving, settling, stepping } from "../client/parts.ts";
import { filesPart, signingPart } from "../submit/parts.ts";
import { recoveryPart } from "../submit/recovery-part.ts";

const parts = [
  calls,
  downloading,
  holding,
  rareCalls,
  receiving,
  settling,
  stepping,
  filesPart,
  signingPart,
  recoveryPart,
];
export const loadEveryPart = () => Promise.all(parts.map((load) => load({ vendor: "", phase: "plan" })));
