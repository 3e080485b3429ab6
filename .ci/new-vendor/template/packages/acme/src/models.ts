// The models of Acme as data. All of it is invented, until `source` and the docstrings name a page.
import { media, requestSchema, type ModelSpecs, type RequestOf } from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";

export const models = {
  "acme-1": {
    family: "acme-1",
    source: "Acme, invented",
    timing: [{ duration: 4, minMs: 20_000, maxMs: 40_000 }],
    request: requestSchema({
      /** 1 to 500 characters (Acme, invented). */
      prompt: z.string().check(z.minLength(1), z.maxLength(500)),
      /** The start frame (Acme, invented). */
      image: z.optional(media()),
      /** Seconds of video, 4 or 8. @default 4 (Acme, invented) */
      duration: z._default(z.literal([4, 8]), 4),
    }),
  },
} as const satisfies ModelSpecs;

/** A request to Acme (invented); `model` determines the other fields. */
export type AcmeRequest = RequestOf<typeof models>;
