// What users of the AI SDK's video models complain of, and what its sources make necessary (AI SDK 7, November 2026): each
// finding with the test that holds it. A test that is renamed or gone makes this one red.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

test.each<[finding: string, file: string, test: string]>([
  ["blocking only: a model starts and tells the status", "provider", "no way to make a video in one blocking call"],
  ["started here, looked at elsewhere", "status", "another process sees it pending, then completed"],
  ["one idempotency key for each start", "idempotency", "the SDK's own key, one for each call"],
  ["a caller's own header wins", "idempotency", "a caller's key is the task's, in any case of the header"],
  ["a key that is longer than allowed is hashed", "idempotency", "a key that is too long is hashed"],
  ["double charge: a start that is retried pays once", "generate-video", "the SDK retries what may be retried"],
  ["double charge: an answer that is lost", "generate-video", "a lost answer is never paid twice"],
  ["double charge: the call made again", "idempotency", "the second call costs nothing"],
  [
    "retried only where `isRetryable`, which is vidtask's `retryable`",
    "generate-video",
    "not retried, with key, code and billed",
  ],
  ["terminal failures thrown: a failed task is a value", "status", "a failed task is a value, in every look"],
  ["one 404 in `doStatus` ended a paid task", "generate-video", "no passing fault ends a paid task"],
  [
    "a wait tolerates what `wait` does, and no more",
    "generate-video",
    "a task that has vanished is an error with its ref",
  ],
  ["longer faults are `pending`", "generate-video", "is pending, and the next one goes on"],
  ["callback URL ignored", "webhook", "is sent to the vendor, and one look after the callback has the video"],
  ["a webhook is followed by one status: an early or forged callback ends nothing", "webhook", "ends nothing"],
  ["that status waits up to 60 s", "webhook", "costs the call, after a minute, and not the task"],
  ["webhooks through vidtask's receiver", "webhook", "ends the call when the task ends"],
  ["aspect ratios: what a model does not take is refused", "settings", "a ratio of a model without one"],
  ["aspect ratios: `adaptive`", "settings", "for the ratio of the image"],
  ["first and last frame are `image` and `endImage`", "settings", "first and last frame"],
  ["a dropped last frame was paid for", "settings", "a last frame"],
  ["everything else that is not taken, before paying", "settings", "refused, and nothing is sent"],
  ["`n` above 1 under one caller's key was the same video twice", "idempotency", "it would be the same video twice"],
  ["`maxVideosPerCall: 1`", "generate-video", "two videos under the SDK's own keys are two tasks"],
  ["no cut file", "generate-video", "a download that meets %s goes on"],
  ["the SDK's downloader refuses 127.0.0.1", "generate-video", "where the SDK's own download refuses to go"],
  [
    "ref, price and expiry in the metadata",
    "generate-video",
    "metadata has ref, key, price and the end of the video's life",
  ],
  ["ref, code and billed on errors", "status", "an error with the ref; the paid video is there for the next look"],
  ["an abort leaves the task resumable", "idempotency", "an abort leaves the task to go on with"],
  ["`WORKFLOW_SERIALIZE`: no key crosses", "serialize", "is over the provider of the same name in that process"],
  ["`@ai-sdk/workflow`", "workflow", "a workflow's video"],
  ["`createX`, default instance, `ProviderV4`", "provider", "each vendor, ready to use"],
  ["options under the vendor's name and `vidtask`", "settings", "the model's own fields, under %s"],
  ["option types exported, not schemas", "provider", "what each takes, as JSON"],
])("%s", (_, file, name) => {
  expect(readFileSync(join(import.meta.dirname, `${file}.test.ts`), "utf8")).toContain(name);
});
