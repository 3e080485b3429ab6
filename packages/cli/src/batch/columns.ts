// The fields of a row: what each column may hold, as text from a CSV file or as a value from JSON.
import type { ChoiceOptions, RequestOptions } from "../request/request.ts";

/** What a row says of itself. */
export type RowFields = RequestOptions &
  Partial<Pick<ChoiceOptions, "model" | "vendor">> & { id?: string; prompt?: string };

type Read = (value: unknown) => unknown;

const text: Read = (value) => {
  if (typeof value === "string") return value;
  throw new Error("a text");
};
const number: Read = (value) => {
  const found = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof found === "number" && Number.isFinite(found)) return found;
  throw new Error("a number");
};
const truth: Read = (value) => {
  const found = typeof value === "string" ? value.trim().toLowerCase() : value;
  if (found === true || found === "true") return true;
  if (found === false || found === "false") return false;
  throw new Error("true or false");
};
const list: Read = (value) => {
  const found = typeof value === "string" ? value.split(/[\s;]+/).filter(Boolean) : value;
  if (Array.isArray(found) && found.every((one) => typeof one === "string")) return found;
  throw new Error("a list of texts");
};
const object: Read = (value) => (typeof value === "object" && value !== null ? JSON.stringify(value) : text(value));
const name: Read = (value) => text(typeof value === "number" ? String(value) : value);

/** Every column there is, with the option that it is of `generate`. */
export const COLUMNS: { readonly [column: string]: { field: keyof RowFields; read: Read } } = {
  id: { field: "id", read: name },
  prompt: { field: "prompt", read: text },
  model: { field: "model", read: text },
  vendor: { field: "vendor", read: text },
  image: { field: "image", read: text },
  endImage: { field: "endImage", read: text },
  motionVideo: { field: "motionVideo", read: text },
  duration: { field: "duration", read: number },
  aspectRatio: { field: "aspectRatio", read: text },
  sound: { field: "sound", read: truth },
  quality: { field: "quality", read: text },
  resolution: { field: "resolution", read: text },
  seed: { field: "seed", read: number },
  characterOrientation: { field: "characterOrientation", read: text },
  watermark: { field: "watermark", read: text },
  enableTranslation: { field: "enableTranslation", read: truth },
  negativePrompt: { field: "negativePrompt", read: text },
  voices: { field: "voice", read: list },
  cfgScale: { field: "cfgScale", read: number },
  routing: { field: "routing", read: text },
  extraBody: { field: "extraBody", read: object },
};
