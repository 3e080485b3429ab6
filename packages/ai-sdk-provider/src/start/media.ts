// The SDK's files as vidtask's media: `image`, `endImage` and `motionVideo`.
import type {
  Experimental_VideoModelV4CallOptions as CallOptions,
  Experimental_VideoModelV4File as File,
} from "@ai-sdk/provider";
import type { Issue, Media } from "@vidtask/core";
import { issue } from "@vidtask/core/router";

/** A medium, the field it goes into, and the setting it came from. */
export type GivenMedium = { field: "image" | "endImage" | "motionVideo"; path: string; value: Media };

/**
 * First and last frame are `image` and `endImage`. Of motion control, the reference video is `motionVideo` and the reference
 * image `image`, the character.
 */
export function mediaOf(
  { image, frameImages = [], inputReferences = [] }: CallOptions,
  takes: (field: string) => boolean,
  issues: Issue[],
): GivenMedium[] {
  const frames = (type: "first_frame" | "last_frame") => frameImages.filter(({ frameType }) => frameType === type);
  const [first] = frames("first_frame");
  const [last] = frames("last_frame");
  for (const type of ["first_frame", "last_frame"] as const)
    if (frames(type).length > 1) issues.push(issue("frameImages", `a list with one ${type} at most`));
  const others = frameImages.filter(({ frameType }) => frameType !== "first_frame" && frameType !== "last_frame");
  for (const { frameType } of others)
    issues.push(issue("frameImages.frameType", 'one of "first_frame", "last_frame"', frameType));
  const start = first?.image ?? image;
  const given: GivenMedium[] = [];
  // The SDK makes the first frame the image.
  if (start)
    given.push({ field: "image", path: first ? "frameImages.first_frame" : "prompt.image", value: toMedia(start) });
  if (last) given.push({ field: "endImage", path: "frameImages.last_frame", value: toMedia(last.image) });
  return [...given, ...referencesOf(inputReferences, takes, given.length > 0, issues)];
}

function referencesOf(
  references: readonly File[],
  takes: (field: string) => boolean,
  hasImage: boolean,
  issues: Issue[],
): GivenMedium[] {
  const used = new Set<string>(hasImage ? ["image"] : []);
  return references.flatMap((reference, index): GivenMedium[] => {
    const path = `inputReferences.${index}`;
    const kind = kindOf(reference);
    if (!takes("motionVideo")) {
      issues.push(issue(path, "absent: this model takes no references"));
      return [];
    }
    if (!kind) {
      issues.push(issue(`${path}.mediaType`, "given: an image is the character, a video the motion"));
      return [];
    }
    const field = kind === "video" ? "motionVideo" : "image";
    if (used.has(field)) {
      issues.push(issue(path, `one ${kind} at most, the ${kind === "video" ? "motion" : "character"}`));
      return [];
    }
    used.add(field);
    return [{ field, path, value: toMedia(reference) }];
  });
}

function kindOf(file: File): "image" | "video" | undefined {
  const [, kind] = /^(image|video)\//i.exec(file.mediaType ?? "") ?? [];
  if (kind) return kind.toLowerCase() as "image" | "video";
  if (file.type !== "url") return undefined;
  const { pathname } = URL.canParse(file.url) ? new URL(file.url) : { pathname: "" };
  if (/\.(mp4|mov|webm|m4v)$/i.test(pathname)) return "video";
  return /\.(png|jpe?g|webp|gif|avif)$/i.test(pathname) ? "image" : undefined;
}

function toMedia(file: File): Media {
  if (file.type === "url") return file.url;
  if (typeof file.data === "string") return `data:${file.mediaType};base64,${file.data}`;
  return new Blob([file.data as Uint8Array<ArrayBuffer>], { type: file.mediaType });
}
