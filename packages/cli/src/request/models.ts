// Which models there are, by whatever name they are asked for.
import { nearest } from "@vidtask/core/router";
import type { ModelSpec } from "vidtask";
import type { Clients } from "../clients/clients.ts";
import type { ModelLine } from "../output/lines.ts";
import { UsageError } from "../usage-error.ts";
import { isVendor, VENDORS, type Vendor } from "../vendors.ts";

/** What is asked of whom: a family, and the vendors that may be asked, in order where the user gave one. */
export type Asked = { family: string; vendors: readonly Vendor[]; isOrdered: boolean };

export function modelLines(clients: Clients["clients"]): ModelLine[] {
  return VENDORS.flatMap((vendor) =>
    Object.entries(clients[vendor].models).map(([model, spec]) => lineOf(vendor, model, spec)),
  ).toSorted((a, b) => (a.family ?? a.model).localeCompare(b.family ?? b.model));
}

function lineOf(vendor: Vendor, model: string, { family, source, request }: ModelSpec): ModelLine {
  const fields = Object.entries(request.def.shape).map(([name, schema]) => {
    const values = literalsOf(schema);
    return values ? { name, values } : { name };
  });
  return { type: "model", vendor, model, ...(family ? { family } : {}), fields, ...(source ? { source } : {}) };
}

type Schema = { def?: { type?: string; innerType?: unknown; values?: (string | number | boolean)[] } };

/** The values of a field that takes one of a few. */
function literalsOf(schema: unknown): (string | number | boolean)[] | undefined {
  const { type, innerType, values } = (schema as Schema).def ?? {};
  if (type === "literal") return values;
  return innerType === undefined ? undefined : literalsOf(innerType);
}

/** `apixo,apimodels` @throws UsageError for a name that is no vendor */
export function readVendors(text: string | undefined): Vendor[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(",").map((name) => name.trim());
  return names.map((name) => {
    if (isVendor(name)) return name;
    const meant = nearest(name, VENDORS);
    throw new UsageError(`there is no vendor "${name}"`, [
      meant === undefined ? `The vendors are ${VENDORS.join(", ")}.` : `Did you mean ${meant}?`,
    ]);
  });
}

/**
 * A model by the name of its family (`kling-2.6`), by its vendor's own (`kling-2-6`), or by both (`apixo:kling-2-6`): the last
 * two leave that vendor alone.
 *
 * @throws UsageError for a name that no model has, and for one that none of the vendors asked for has
 */
export function findModel(clients: Clients["clients"], name: string, asked: readonly Vendor[] | undefined): Asked {
  const rows = VENDORS.flatMap((vendor) =>
    Object.entries(clients[vendor].models).map(([model, { family = model }]) => ({ vendor, model, family })),
  );
  const ofFamily = rows.filter(({ family }) => family === name);
  const own = rows.filter(({ vendor, model }) => model === name || `${vendor}:${model}` === name);
  const found = ofFamily.length > 0 ? ofFamily : own;
  const [first] = found;
  if (!first) throw unknownModel(name, rows);
  const able = found.map(({ vendor }) => vendor);
  const vendors = asked ? asked.filter((vendor) => able.includes(vendor)) : able;
  if (vendors.length === 0)
    throw new UsageError(`${asked?.join(", ")} has no model ${name}`, [`It is a model of ${able.join(", ")}.`]);
  return { family: first.family, vendors, isOrdered: asked !== undefined };
}

function unknownModel(name: string, rows: readonly { vendor: string; model: string; family: string }[]): UsageError {
  const names = [...new Set(rows.flatMap(({ model, family }) => [family, model]))];
  const meant = nearest(name, names);
  return new UsageError(`there is no model "${name}"`, [
    meant === undefined
      ? `The models are ${[...new Set(rows.map(({ family }) => family))].join(", ")}.`
      : `Did you mean ${meant}?`,
    "vidtask models lists them.",
  ]);
}
