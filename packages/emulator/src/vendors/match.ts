// Which call of a vendor a request is, by method and path.
import type { Route, TaskRoute } from "./dialect-parts.ts";
import type { Dialect } from "./dialect.ts";
import type { CallKind, Matched } from "./vendor.ts";

interface Known {
  kind: CallKind;
  route: Route;
  method: string;
  segments: readonly string[];
  idOf?: TaskRoute["idOf"] | undefined;
}

export function callsOf({ submit, status, result, list, cancel, routes = {} }: Dialect): Known[] {
  const known = (kind: CallKind, route: Route, idOf?: TaskRoute["idOf"]): Known => {
    const [method = "", path = ""] = route.split(" ");
    return { kind, route, method, segments: path.split("/").slice(1), idOf };
  };
  const ofTask = (kind: CallKind, part: Pick<TaskRoute, "route" | "idOf"> | undefined) =>
    part ? [known(kind, part.route, part.idOf ?? (({ params }) => params["id"]))] : [];
  return [
    known("submit", submit.route),
    ...ofTask("poll", status),
    ...ofTask("result", result),
    ...(list ? [known("find", list.route)] : []),
    ...ofTask("cancel", cancel),
    ...(Object.keys(routes) as Route[]).map((route) => known("other", route)),
  ];
}

export function matcher(calls: readonly Known[]) {
  // What is spelled out goes before what takes anything: `GET /tasks/search` before `GET /tasks/:id`.
  const order = calls.toSorted((a, b) => free(a) - free(b));
  return (asked: string, path: string, query: URLSearchParams): Matched | undefined => {
    const method = asked === "HEAD" ? "GET" : asked;
    const segments = path.split("/").slice(1);
    for (const call of order) {
      if (call.method !== method) continue;
      const params = paramsOf(call.segments, segments);
      if (!params) continue;
      const { kind, route, idOf } = call;
      return { kind, route, params, ...(idOf && { taskId: idOf({ params, query }) }) };
    }
    return undefined;
  };
}

const free = ({ segments }: Known) => segments.filter((segment) => segment.startsWith(":")).length;

function paramsOf(known: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (known.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of known.entries()) {
    const text = given[index] ?? "";
    if (!segment.startsWith(":")) {
      if (segment !== text) return undefined;
    } else if (text === "") return undefined;
    else params[segment.slice(1)] = decoded(text);
  }
  return params;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
