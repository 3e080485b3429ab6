// Where a request holds media: its schema says it, at any depth.
import * as z from "zod/mini";
import { isFile, isMediaSchema, media, type Media } from "./media.ts";

/** A file of a request, and its place in it, as `image` or `referenceImages.0`. */
export type PlacedFile = { path: string; file: Blob };

/** The media of the canonical words: a request to a family has no other schema. */
export const CANONICAL = z.object({ image: media(), endImage: media(), motionVideo: media() });

/** The value with `change` made to each of its media; the value itself where that changes none. */
export function mapMedia(
  schema: z.core.$ZodType,
  value: unknown,
  change: (media: Media, path: string) => unknown,
  path = "",
): unknown {
  if (value === undefined || value === null) return value;
  if (isMediaSchema(schema)) return change(value as Media, path);
  const { innerType, element, shape, options } = schema._zod.def as z.core.$ZodTypeDef & {
    innerType?: z.core.$ZodType;
    element?: z.core.$ZodType;
    shape?: { readonly [field: string]: z.core.$ZodType };
    options?: readonly z.core.$ZodType[];
  };
  if (innerType) return mapMedia(innerType, value, change, path);
  const isFitting = (option: z.core.$ZodType) => z.safeParse(option, value).success;
  const option = options?.find(isFitting);
  if (option) return mapMedia(option, value, change, path);
  const at = (name: string) => (path ? `${path}.${name}` : name);
  if (element && Array.isArray(value))
    return value.map((one, index) => mapMedia(element, one, change, at(String(index))));
  if (!shape || typeof value !== "object") return value;
  let changed: { [field: string]: unknown } | undefined;
  for (const name of Object.keys(value)) {
    const field = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (!field) continue;
    const member = (value as { [field: string]: unknown })[name];
    const mapped = mapMedia(field, member, change, at(name));
    if (mapped !== member) (changed ??= { ...value })[name] = mapped;
  }
  return changed ?? value;
}

/** The media of a canonical request whose bytes are here. */
export function filesIn(schema: z.core.$ZodType, request: unknown): PlacedFile[] {
  const found: PlacedFile[] = [];
  mapMedia(schema, request, (media, path) => {
    if (isFile(media)) found.push({ path, file: media });
    return media;
  });
  return found;
}
