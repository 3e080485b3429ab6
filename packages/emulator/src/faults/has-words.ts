import type { Vendor } from "../vendors/vendor.ts";

/** Whether the vendor has words for a refusal that not all vendors have. */
export const hasWords = ({ refusals }: Pick<Vendor, "refusals">, kind: string): boolean =>
  kind === "409" ? refusals.conflict !== undefined : kind !== "422" || refusals.unprocessable !== undefined;
