import type { ClientOptions } from "./client-context.ts";
import { createClient, type VideoClient } from "./client.ts";
import type { ModelTable, RequestOf } from "./request/request.ts";
import type { Adapter, VendorSpec } from "./vendor.ts";

/**
 * Makes the factory of a vendor's client from its description. Everything that can lose money or tasks is core's; what
 * is given here is data and pure functions.
 */
export const defineVendor =
  <const M extends ModelTable>(spec: VendorSpec<M>): ((options?: ClientOptions) => VideoClient<RequestOf<M>, M>) =>
  (options = {}) =>
    createClient(spec as unknown as Adapter, options) as unknown as VideoClient<RequestOf<M>, M>;
