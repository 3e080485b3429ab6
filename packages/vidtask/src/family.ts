import type { ModelSpecs, Plan, RequestOf, VideoClient, VideoRequest, Warning } from "@vidtask/core";

// One member per vendor model that carries the family: a field compiles when at least one vendor has it. Of a
// plain list of `VideoClient` every request compiles, and is checked at run time.
type Family<M extends ModelSpecs> = string extends keyof M
  ? VideoRequest
  : {
      [K in keyof M & string]: M[K] extends { family: infer F extends string }
        ? Omit<Extract<RequestOf<M>, { model: K }>, "model" | "extraBody"> & { model: F }
        : never;
    }[keyof M & string];

/** The request of a router over these clients: `model` is a family, as `"kling-2.6"`. */
export type FamilyRequest<V extends readonly VideoClient[]> = { [I in keyof V]: Family<V[I]["models"]> }[number];

/** How a router chooses. */
export type RouteOptions = {
  /**
   * `"cheapest"` (unknown prices last), `"fastest"` by the documented times (unknown ones last), or the names of the
   * vendors to try, in this order and no others. @default the order given to `createVidtask`
   */
  prefer?: "cheapest" | "fastest" | readonly string[] | undefined;
  /** Fields that may be left out for a vendor that does not take them; it says so in a warning. @default none */
  dropFields?: readonly string[] | undefined;
};

/** What one vendor's model makes of a request: its plan, or everything that stands against it. */
export type Offer = { vendor: string; model: string } & (
  | {
      ok: true;
      plan: Plan<VideoRequest>;
      /** The plan's, and one for each field that would be dropped. */
      warnings: Warning[];
    }
  | { ok: false; issues: { path: string; rule: string; message: string }[] }
);
