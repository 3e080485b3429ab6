// The vendors that can be emulated. A new one is one line here.
import { apixo } from "./apixo/index.ts";
import type { Vendor } from "./vendor.ts";

export const vendors: readonly Vendor[] = [apixo];
