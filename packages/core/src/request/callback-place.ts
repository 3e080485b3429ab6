// Where a call tells its vendor the URL to call back.
import type { Json } from "../task/task.ts";
import type { HttpCall } from "../vendor-spec/call.ts";

/** A member of the body by its path, as `config.webhook`; a parameter of the query; or a header. */
export type CallbackPlace = { in: "body" | "query" | "header"; name: string };

/** The first place of a call that holds the URL; nothing where none does. */
export function callbackPlace({ path, headers = {}, json }: HttpCall, callbackUrl: string): CallbackPlace | undefined {
  const inBody = memberWith(json, callbackUrl);
  if (inBody !== undefined) return { in: "body", name: inBody };
  const { searchParams } = new URL(path, "http://localhost");
  const inQuery = [...searchParams].find(([, value]) => value.includes(callbackUrl));
  if (inQuery) return { in: "query", name: inQuery[0] };
  const inHeader = Object.entries(headers).find(([, value]) => value.includes(callbackUrl));
  return inHeader && { in: "header", name: inHeader[0].toLowerCase() };
}

function memberWith(value: Json | undefined, text: string, path = ""): string | undefined {
  if (typeof value === "string") return value.includes(text) ? path : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const found = memberWith(member as Json, text, path ? `${path}.${name}` : name);
    if (found !== undefined) return found;
  }
  return undefined;
}
