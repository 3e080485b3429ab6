// The vendors that can be emulated. A new one is one line here, and one in `Accounts` if its account has settings.
import type { AIVideoAPIAccount } from "./aivideoapi/account.ts";
import { aivideoapi } from "./aivideoapi/index.ts";
import type { APIModelsAccount } from "./apimodels/account.ts";
import { apimodels } from "./apimodels/index.ts";
import type { APIXOAccount } from "./apixo/account.ts";
import { apixo } from "./apixo/index.ts";
import { vendorOf } from "./define-dialect.ts";
import type { Vendor } from "./vendor.ts";

export const vendors: readonly Vendor[] = [apixo, aivideoapi, apimodels].flatMap((one) => vendorOf(one) ?? []);

/** How an account is set up at the vendor, where its pages say that it can be. */
export interface Accounts {
  /** Its price, and what becomes of a failed task's: no page says either. */
  apixo?: APIXOAccount | undefined;
  /** What its key may do, and how much it may spend (AIVideoAPI, /docs/getting-started/authentication). */
  aivideoapi?: AIVideoAPIAccount | undefined;
  /** The form of its refusals. */
  apimodels?: APIModelsAccount | undefined;
}
