// What APIXO's pages say of two fields of a request at once.
import { crossFieldRule } from "@vidtask/core/adapter";

export const ratioOnlyForText = crossFieldRule(
  "aspectRatio",
  "absent with `image`: the video takes the picture's shape",
  (r) => {
    return !r["image"] || !r["aspectRatio"];
  },
);
export const endNeedsStart = crossFieldRule("endImage", "given together with `image`, the start frame", (r) => {
  return !r["endImage"] || Boolean(r["image"]);
});
export const motionNeedsImage = crossFieldRule("motionVideo", "given together with `image`, the character", (r) => {
  return !r["motionVideo"] || Boolean(r["image"]);
});
export const motionHasItsLength = crossFieldRule(
  "duration",
  "absent with `motionVideo`, whose length the video has",
  (r) => {
    return !r["motionVideo"] || r["duration"] === undefined;
  },
);
export const promptUnlessMotion = crossFieldRule("prompt", "given, unless `motionVideo` says what happens", (r) => {
  return r["prompt"] !== undefined || r["motionVideo"] !== undefined;
});

export const pictureUnlessMaster = crossFieldRule("image", "given, unless `quality` is master", (r) => {
  return Boolean(r["image"]) || r["quality"] === "master";
});
export const endInProOnly = crossFieldRule("endImage", "absent, unless `quality` is pro", (r) => {
  return !r["endImage"] || r["quality"] === "pro";
});
