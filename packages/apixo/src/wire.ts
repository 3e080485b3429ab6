// What APIXO sends, as far as vidtask reads it. Unknown members are ignored; absent and null are the same.
import { detail, jsonText, maybe, unixTime } from "@vidtask/core/adapter";
import * as z from "zod/mini";

const result = z.object({ resultUrls: z.array(z.string()).check(z.minLength(1)) });

const times = { createTime: maybe(unixTime), completeTime: maybe(unixTime) };

export const envelope = z.object({ code: z.number(), message: maybe(z.string()), data: maybe(z.unknown()) });

export const submitted = z.object({ data: z.object({ taskId: z.string() }) });

/** `resultJson` is a JSON string inside the JSON body. */
export const status = z.object({
  data: z.discriminatedUnion("state", [
    z.object({ state: z.literal(["pending", "processing"]), ...times }),
    z.object({ state: z.literal("success"), resultJson: jsonText(result, '{"resultUrls":["https://…"]}'), ...times }),
    z.object({ state: z.literal("failed"), failCode: detail(z.string()), failMsg: detail(z.string()), ...times }),
  ]),
});

/** The balance is a bare number in US dollars. */
export const balance = z.object({ data: z.number() });
