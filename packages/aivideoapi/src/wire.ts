// What AIVideoAPI sends, as far as vidtask reads it. Unknown members are ignored; absent and null are the same.
import { detail, maybe, unixTime } from "@vidtask/core/adapter";
import * as z from "zod/mini";

/** Documented in Unix seconds. */
const times = { created_at: maybe(unixTime), completed_at: maybe(unixTime) };

const error = detail(z.object({ code: detail(z.string()), message: detail(z.string()) }));

/** Any of the three shapes: an envelope has `code`, a task `status`, an error `error`, which a failed task has too. */
export const answer = z.object({
  code: maybe(z.number()),
  msg: detail(z.string()),
  status: detail(z.string()),
  error,
});

export const submitted = z.object({ data: z.object({ taskId: z.string() }) });

/** A task comes without an envelope. `progress` is not read: null in every example, its unit is not documented. */
export const status = z.discriminatedUnion("status", [
  z.object({ status: z.literal(["pending", "processing"]), ...times }),
  z.object({
    status: z.literal("completed"),
    output: z.object({ urls: z.array(z.string()).check(z.minLength(1)) }),
    ...times,
  }),
  z.object({ status: z.literal("failed"), error, ...times }),
]);

/** Credits; what was purchased and consumed in all is not read. */
export const balance = z.object({ data: z.object({ balance: z.number() }) });
