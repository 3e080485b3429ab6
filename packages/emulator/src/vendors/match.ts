// Which call of a vendor a request is, by method and path.
import type { Route, TaskRoute } from "./dialect-parts.ts";
import type { Dialect } from "./dialect.ts";
import type { CallKind, Matched } from "./vendor.ts";

interface Known {
  kind: CallKind;
  route: Route;
  method: string;
  path: string;
  segments: readonly string[];
  /** How many of its segments take any text. */
  free: number;
  idOf?: TaskRoute["idOf"] | undefined;
}

export function callsOf({ submit, status, result, list, cancel, routes = {} }: Dialect): Known[] {
  const known = (kind: CallKind, route: Route, idOf?: TaskRoute["idOf"]): Known => {
    const [method = "", path = ""] = route.split(" ");
    const segments = path.split("/").slice(1);
    const free = segments.filter((segment) => segment.startsWith(":")).length;
    return { kind, route, method, path, segments, free, idOf };
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
  const order = calls.toSorted((a, b) => a.free - b.free);
  return (asked: string, path: string, query: URLSearchParams): Matched | undefined => {
    const method = asked === "HEAD" ? "GET" : asked;
    for (const call of order) {
      if (call.method !== method) continue;
      const params = call.free === 0 ? (path === call.path ? {} : undefined) : paramsOf(call.segments, path);
      if (!params) continue;
      const { kind, route, idOf } = call;
      return idOf ? { kind, route, params, taskId: idOf({ params, query }) } : { kind, route, params };
    }
    return undefined;
  };
}

function paramsOf(known: readonly string[], path: string): Record<string, string> | undefined {
  const given = path.split("/").slice(1);
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
