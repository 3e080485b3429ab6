// Which vendors can do a request of a family, at what price, in which order. Pure.
import { InvalidRequestError, type ModelSpec, type VideoRequest, type Warning } from "@vidtask/core";
import type { Member } from "@vidtask/core/router";
import type { RouteOptions, Offer } from "./family.ts";

/** A row with what is needed to submit it. */
export type Candidate = { row: Offer; member: Member; request: VideoRequest };

/** One candidate per vendor and model of the family; the impossible ones last. */
export function candidates(members: readonly Member[], request: VideoRequest, choice: RouteOptions = {}): Candidate[] {
  const { prefer, dropFields = [] } = choice;
  const named = Array.isArray(prefer) ? (prefer as readonly string[]) : undefined;
  const found = members
    .filter(({ client }) => !named || named.includes(client.vendor))
    .flatMap((member) =>
      Object.entries(member.client.models)
        .filter(([, { family }]) => family === request.model)
        .map(([model, row]) => candidate(member, model, row, request, dropFields)),
    );
  const rank = ({ row }: Candidate): number => {
    if (!row.ok) return Number.MAX_VALUE;
    if (named) return named.indexOf(row.vendor);
    const { price, expected } = row.plan;
    if (prefer === "cheapest") return price?.usd ?? Number.MAX_SAFE_INTEGER;
    return prefer === "fastest" ? (expected ? expected.minMs + expected.maxMs : Number.MAX_SAFE_INTEGER) : 0;
  };
  return found.toSorted((a, b) => rank(a) - rank(b));
}

function candidate(
  member: Member,
  model: string,
  { request: schema }: ModelSpec,
  given: VideoRequest,
  dropFields: readonly string[],
): Candidate {
  const { vendor } = member.client;
  const dropped = dropFields.filter((field) => given[field] !== undefined && !Object.hasOwn(schema.def.shape, field));
  const kept = Object.entries(given).filter(([field]) => !dropped.includes(field));
  const request: VideoRequest = { ...Object.fromEntries(kept), model };
  const left = dropped.map((field): Warning => {
    return {
      about: field,
      kind: "dropped",
      message: `${vendor} ${model} does not take ${field}: it is left out, as allowed`,
    };
  });
  try {
    const plan = member.client.plan(request);
    return { member, request, row: { vendor, model, ok: true, plan, warnings: [...left, ...plan.warnings] } };
  } catch (error) {
    if (!InvalidRequestError.isInstance(error)) throw error;
    return { member, request, row: { vendor, model, ok: false, issues: error.issues } };
  }
}
