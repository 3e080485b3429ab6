// What is given under `providerOptions.vidtask` and under the vendor's name: fields of the request, and how to submit it.
import type { SharedV4ProviderOptions } from "@ai-sdk/provider";
import type { Issue, VideoClient } from "@vidtask/core";
import { issue, membersOf, nearest } from "@vidtask/core/router";

/** The options of one start. */
export type StartOptions = {
  /** US dollars. A start whose price is higher or unknown is refused before anything is sent. */
  maxPrice?: number | undefined;
  /** How long queueing and safe retries may take before the paid request starts, in milliseconds. @default 120 000 */
  submitTimeout?: number | undefined;
  /**
   * Settings and fields, by vidtask's names (`sound`, `endImage`, `resolution`), to leave out with a warning if the model does
   * not support them. @default none: such a start is refused
   */
  dropFields?: readonly string[] | undefined;
  /** For a router: `"cheapest"`, `"fastest"`, or the vendors to try, in this order. @default the router's own order */
  prefer?: "cheapest" | "fastest" | readonly string[] | undefined;
  /**
   * `"bytes"`: the status returns the whole, verified video. `"url"`: it returns the vendor's URL, with `expiresAt` in the
   * metadata. @default `"bytes"` if `generateVideo` started it, `"url"` if `startVideo` or a workflow did
   */
  results?: "bytes" | "url" | undefined;
};

const NAMES: ReadonlySet<string> = new Set(["maxPrice", "submitTimeout", "dropFields", "prefer", "results"]);
const SHARED = "vidtask";

/** A field of the request and where it was given. */
export type GivenField = { readonly field: string; readonly path: string; readonly value: unknown };

/** Both names say the same; what is given under other names is for other providers. */
export function readProviderOptions(
  given: SharedV4ProviderOptions | undefined,
  client: VideoClient,
  issues: Issue[],
): { fields: GivenField[]; options: StartOptions; asked: GivenField[] } {
  const own = [...new Set([SHARED, client.vendor])];
  const isRouter = client.vendor === SHARED;
  const members = new Set(membersOf(client).map((member) => member.client.vendor));
  const fields: GivenField[] = [];
  for (const [name, values] of Object.entries(given ?? {})) {
    const path = `providerOptions.${name}`;
    if (isRouter && members.has(name))
      issues.push(issue(path, "absent: a router chooses the vendor, so its options are under `vidtask`"));
    else if (own.includes(name)) fields.push(...fieldsIn(values, path, issues));
    else {
      const meant = nearest(name, own);
      if (meant !== undefined)
        issues.push({ ...issue(path, meant), message: `is for no provider: did you mean ${meant}?` });
    }
  }
  const seen = new Set<string>();
  for (const { field, path } of fields) {
    if (seen.has(field)) issues.push(issue(path, `given once, under ${own.join(" or ")}`));
    seen.add(field);
  }
  const asked = fields.filter(({ field }) => NAMES.has(field));
  const options: StartOptions = Object.fromEntries(asked.map(({ field, value }) => [field, value]));
  issues.push(...wrongOptions(options, isRouter, (name) => asked.find(({ field }) => field === name)?.path ?? name));
  return { fields: fields.filter(({ field }) => !NAMES.has(field)), options, asked };
}

function fieldsIn(values: unknown, path: string, issues: Issue[]): GivenField[] {
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    issues.push(issue(path, "an object of the model's fields and of `maxPrice`, `dropFields`, `results` and others"));
    return [];
  }
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([field, value]) => ({ field, path: `${path}.${field}`, value: value as unknown }));
}

// `maxPrice`, `submitTimeout` and, of a router, `prefer` are checked by the submit.
function wrongOptions(options: StartOptions, isRouter: boolean, pathOf: (name: string) => string): Issue[] {
  const { dropFields, prefer, results } = options;
  const isList = Array.isArray(dropFields) && dropFields.every((field) => typeof field === "string");
  return [
    ...(dropFields === undefined || isList ? [] : [issue(pathOf("dropFields"), "a list of names of fields")]),
    ...(prefer === undefined || isRouter ? [] : [issue(pathOf("prefer"), "absent: only a router chooses a vendor")]),
    ...(results === undefined || results === "bytes" || results === "url"
      ? []
      : [issue(pathOf("results"), 'one of "bytes", "url"', results)]),
  ];
}
