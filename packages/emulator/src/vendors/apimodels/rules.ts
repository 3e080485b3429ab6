// The rules that only APIModels' pages, or the API it resells, state.
import { isObject, someText, type Check } from "../rules.ts";

/** U: `[{ voice_id }]`, at most two. */
export const voiceList: Check = (value) =>
  Array.isArray(value) &&
  value.length >= 1 &&
  value.length <= 2 &&
  value.every((voice) => isObject(voice) && someText(voice["voice_id"]) === undefined)
    ? undefined
    : "must be an array of 1 or 2 objects with a voice_id";

/** P /en/docs/files: checked against the cap before anything is sent. The cap is not printed. */
export const fileSize =
  (most: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most
      ? undefined
      : `must be a number of bytes, at most ${most}`;

/** With its media type in front, or bare. */
export const isBase64 = (value: string) =>
  /^data:[^,]*;base64,/.test(value) || (value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value));
