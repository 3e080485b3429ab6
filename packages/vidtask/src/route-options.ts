// What a router and its calls are given, each option with its rule.
import type { Journal, VideoClient, VideoRequest } from "@vidtask/core";
import {
  aClientList,
  aJournal,
  checkOptions,
  issue,
  nearest,
  required,
  type Member,
  type Rule,
  type Rules,
} from "@vidtask/core/router";
import { ROUTER } from "./fallback.ts";
import type { RouteOptions } from "./family.ts";

type RouterOptions<V> = { vendors: V; journal?: Journal | undefined };

const ROUTER_RULES: Rules<RouterOptions<unknown>> = {
  vendors: required("a list of clients of different vendors", aClientList),
  journal: aJournal,
};

/** @throws InvalidRequestError with everything that is wrong */
export const checkRouter = <V extends readonly VideoClient[]>(options: RouterOptions<V>): RouterOptions<V> =>
  checkOptions(options, ROUTER_RULES as Rules<RouterOptions<V>>, {
    of: "createVidtask",
    vendor: ROUTER,
    phase: "plan",
  });

// A field of one of these names may be left out, though no vendor of this router has it.
const WORDS =
  "prompt negativePrompt image endImage motionVideo duration aspectRatio sound quality resolution voices cfgScale seed";

const isList = (value: unknown): value is unknown[] => Array.isArray(value);

function aPreference(vendors: readonly string[]): Rule {
  const words = `"cheapest", "fastest" or a list of vendors of this router (${vendors.join(", ")}), each once`;
  return (value, path, issues) => {
    if (value === "cheapest" || value === "fastest") return value;
    const names = isList(value) ? [...value] : [];
    const unknown = names.find((name) => !vendors.includes(name as string));
    const isOrder = names.length > 0 && new Set(names).size === names.length && unknown === undefined;
    if (!isOrder) issues.push(issue(path, words, unknown ?? value));
    return names;
  };
}

function aListOfFields(known: readonly string[]): Rule {
  return (value, path, issues) => {
    const fields = isList(value) ? [...value] : [value];
    const wrong = isList(value) ? fields.filter((field) => !known.includes(field as string)) : [value];
    for (const field of wrong) {
      const found = issue(path, "a list of fields that a request may have", field);
      const meant = isList(value) && typeof field === "string" ? nearest(field, known) : undefined;
      issues.push(meant === undefined ? found : { ...found, message: `${found.message}: did you mean ${meant}?` });
    }
    return fields;
  };
}

/** The rules of a choice between these members for this request. */
export function routeRules(members: readonly Member[], request: VideoRequest): Rules<RouteOptions> {
  const models = members.flatMap(({ client }) => Object.values(client.models));
  const fields = [...models.flatMap((row) => Object.keys(row.request.def.shape)), ...Object.keys(request)];
  const known = [...WORDS.split(" "), ...fields].filter((field) => field !== "model" && field !== "extraBody");
  return { prefer: aPreference(members.map(({ client }) => client.vendor)), dropFields: aListOfFields(known) };
}

/** The options of a call. @throws InvalidRequestError with everything that is wrong */
export const checkCall = <T extends object>(given: T | undefined, rules: Rules<T>, of: string): T =>
  checkOptions(given, rules, { of, vendor: ROUTER, phase: "plan" });
