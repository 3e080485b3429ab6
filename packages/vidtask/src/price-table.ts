// Prices of the user's own as JSON has them: in a configuration file, or a variable of the environment.
import { InvalidRequestError, type Issue } from "@vidtask/core";
import { issue } from "@vidtask/core/router";

/**
 * Your own prices in US dollars, by vendor and model: for a video whatever its length, or for each second of it.
 *
 * ```ts
 * const table: PriceTable = { "apixo:kling-2-6": { perVideo: 0.3 }, "apixo:veo-3-1": { perSecond: 0.06 } };
 * ```
 */
export type PriceTable = {
  readonly [vendorAndModel: string]: { readonly perVideo: number } | { readonly perSecond: number };
};

/**
 * Checks what came from a file or a variable. Whether a client lists the model is not known here.
 *
 * @throws InvalidRequestError with an issue for each row that is no price, its `path` the row
 */
export function readPriceTable(value: unknown): PriceTable {
  const issues: Issue[] = [];
  if (!isObject(value)) issues.push(issue("prices", 'an object of prices by "vendor:model"'));
  else
    for (const [row, price] of Object.entries(value)) {
      if (!/^[^:]+:.+$/.test(row)) issues.push(issue(row, 'named "vendor:model", as "apixo:kling-2-6"'));
      if (!isPrice(price))
        issues.push(issue(row, "{ perVideo: 0.3 } or { perSecond: 0.06 }, in US dollars, 0 or more"));
    }
  if (issues.length > 0) throw new InvalidRequestError({ vendor: "", phase: "plan", billed: "no", issues });
  return value as PriceTable;
}

/** The option `prices` of a vendor's client. A price by the second needs a request with a `duration`. */
export function pricesFrom(
  table: PriceTable,
  vendor: string,
): (request: { model: string; readonly [field: string]: unknown }) => number | undefined {
  return ({ model, duration }) => {
    const row = `${vendor}:${model}`;
    const price = Object.hasOwn(table, row) ? table[row] : undefined;
    if (!price) return undefined;
    if ("perVideo" in price) return price.perVideo;
    return typeof duration === "number" ? price.perSecond * duration : undefined;
  };
}

const isObject = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isPrice(value: unknown): boolean {
  if (!isObject(value)) return false;
  const [[name, usd] = [], ...more] = Object.entries(value);
  const isUsd = typeof usd === "number" && usd >= 0 && Number.isFinite(usd);
  return more.length === 0 && (name === "perVideo" || name === "perSecond") && isUsd;
}
