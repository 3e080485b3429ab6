// A request that has arrived: whose path it is, which call that is, and what a fault may hit.
import type { Moment } from "../faults/schedule.ts";
import { resultOf, type ResultPath } from "../files/results.ts";
import { addressOf, type Address } from "../network/address.ts";
import type { Connection } from "../network/reply.ts";
import { isRunning } from "../state/tasks.ts";
import { plantPrinted } from "../vendors/printed.ts";
import type { Part, Target, Vendor } from "../vendors/vendor.ts";

export interface Visit {
  readonly request: Request;
  readonly method: string;
  readonly address: Address;
  readonly base: string;
  /** Nothing for a path of no vendor. */
  readonly part: Part | undefined;
  /** A finished video that it asks for. */
  readonly result: ResultPath | undefined;
  /** What it asks of the vendor's API; nothing for a file. */
  readonly target: Target | undefined;
  readonly moment: Moment | undefined;
}

const FILES_PATH = /^\/files\/([^/]+)\//;

export function visitOf(parts: readonly Part[], request: Request, { reused, base, path }: Connection): Visit {
  const { method } = request;
  const address = addressOf(request.url, path);
  const { pathname } = address;
  const result = resultOf(pathname);
  const host = result?.vendor ?? FILES_PATH.exec(pathname)?.[1];
  const part = parts.find(({ vendor }) => (host === undefined ? owns(vendor, pathname) : vendor.name === host));
  const target = part && host === undefined ? targetOf(part, method, address) : undefined;
  const moment = part && (target ? ofCall(part, target, request, reused) : ofFile(part, result, method, reused));
  return { request, method, address, base, part, result, target, moment };
}

const owns = ({ path, roots }: Vendor, pathname: string): boolean =>
  pathname.startsWith(path) &&
  roots.some((root) => {
    const end = path.length + 1 + root.length;
    return (
      pathname.startsWith(root, path.length + 1) &&
      pathname[path.length] === "/" &&
      (pathname.length === end || pathname[end] === "/")
    );
  });

function targetOf({ vendor }: Part, method: string, { pathname, search }: Address): Target {
  const query = new URLSearchParams(search);
  return { pathname, query, matched: vendor.match(method, pathname.slice(vendor.path.length), query) };
}

function ofFile({ vendor }: Part, result: ResultPath | undefined, method: string, reused: boolean): Moment | undefined {
  return result && method === "GET" ? { on: "download", vendor, taskId: result.taskId, reused } : undefined;
}

function ofCall(part: Part, { matched }: Target, { headers }: Request, reused: boolean): Moment | undefined {
  if (!matched || matched.kind === "other") return undefined;
  const { vendor, context } = part;
  const { kind: on, taskId } = matched;
  if (on === "submit") {
    const token = vendor.idempotency ? headers.get(vendor.idempotency.header) : null;
    return { on, vendor, reused, resent: token !== null && context.tokens.hasCome(token) };
  }
  if (taskId !== undefined) plantPrinted(part, taskId);
  const task = taskId === undefined ? undefined : context.store.get(taskId);
  return { on, vendor, taskId, running: task !== undefined && isRunning(context.store.state(task)), reused };
}
