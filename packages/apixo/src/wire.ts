// What APIXO sends, as far as vidtask reads it. Unknown members are ignored; absent and null are the same.
import * as z from "zod/mini";

const maybe = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

/** `resultJson` is a JSON string inside the JSON body. */
const resultJson = z.pipe(
  z.string(),
  z.transform((text, context) => {
    try {
      return z.parse(z.object({ resultUrls: z.array(z.string()).check(z.minLength(1)) }), JSON.parse(text));
    } catch {
      context.issues.push({ code: "custom", input: text, message: 'a JSON string like {"resultUrls":["https://…"]}' });
      return z.NEVER;
    }
  }),
);

/** Unix milliseconds, within what a date can hold. */
const unixMs = z.number().check(z.gte(0), z.lte(8.64e15));

const times = { createTime: maybe(unixMs), completeTime: maybe(unixMs) };

export const envelope = z.object({ code: z.number(), message: maybe(z.string()), data: maybe(z.unknown()) });

export const submitted = z.object({ data: z.object({ taskId: z.string() }) });

export const status = z.object({
  data: z.discriminatedUnion("state", [
    z.object({ state: z.literal(["pending", "processing"]), ...times }),
    z.object({ state: z.literal("success"), resultJson, ...times }),
    z.object({ state: z.literal("failed"), failCode: maybe(z.string()), failMsg: maybe(z.string()), ...times }),
  ]),
});

/** The balance is a bare number in US dollars. */
export const balance = z.object({ data: z.number() });
