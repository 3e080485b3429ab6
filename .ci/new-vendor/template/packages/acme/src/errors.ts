// Acme's failure words (invented) in canonical ones. What is not listed is `unknown`, with the word kept.
import { codeOfStatus, lookUp, type Refusal, type VendorCode } from "@vidtask/core/adapter";
import * as z from "@vidtask/core/schema";
import * as wire from "./wire.ts";

const CODES: { readonly [code: string]: VendorCode } = { nsfw: "content_rejected" };

export const failureCode = (code: string | undefined): VendorCode => lookUp(CODES, code) ?? "unknown";

/** An answer is an error if its HTTP status says so. */
export function toRefusal(httpStatus: number, body: unknown): Refusal | undefined {
  if (httpStatus < 400) return undefined;
  return { code: codeOfStatus(httpStatus), message: z.parse(wire.refused, body).error ?? `HTTP ${httpStatus}` };
}
