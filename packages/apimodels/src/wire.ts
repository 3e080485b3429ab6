// What APIModels sends, as far as vidtask reads it. Unknown members are ignored; absent and null are the same.
import { detail, jsonText, maybe, unixTime } from "@vidtask/core/adapter";
import * as z from "zod/mini";

const result = z.object({
  resultUrls: z.array(z.string()),
  videoDuration: detail(z.number().check(z.positive())),
  thumbnailUrl: detail(z.string().check(z.regex(/^https?:\/\//))),
  videoSize: detail(z.string().check(z.regex(/^\d{1,5}x\d{1,5}$/))),
});

/** `resultJson` is a JSON string inside the JSON body. */
const resultJson = jsonText(result, '{"resultUrls":["https://…"]}');

const times = { createTime: maybe(unixTime), completeTime: maybe(unixTime) };

/** Errors hold their text in `msg`; the vendor's own client also looks at `error.message` and `error`. */
export const envelope = z.object({ code: maybe(z.number()), msg: maybe(z.string()), error: maybe(z.unknown()) });

export const submitted = z.object({ data: z.object({ taskId: z.string() }) });

/** A poll has `resultUrls`; a callback has them in `resultJson` alone. */
export const status = z.object({
  data: z.discriminatedUnion("state", [
    z.object({ state: z.literal(["pending", "processing"]), ...times }),
    z.object({
      state: z.literal("completed"),
      resultUrls: maybe(z.array(z.string())),
      resultJson: detail(resultJson),
      ...times,
    }),
    z.object({ state: z.literal("failed"), failCode: detail(z.string()), failMsg: detail(z.string()), ...times }),
  ]),
});

/** US dollars; `balance` is what is left of `total` without `frozen`. */
export const balance = z.object({ data: z.object({ balance: z.number(), frozen: maybe(z.number()) }) });

/** A place for a file; after a form `uploadUrl` is missing, because the bytes are there. */
export const file = z.object({ data: z.object({ uploadUrl: maybe(z.string()), publicUrl: z.string() }) });
