// Tests of many kinds at one emulator: each scope is a world of its own, named by a header or by a base path.
import type { CheckedOptions } from "./options.ts";
import { createWorld, type World } from "./world.ts";

/** The header that names a scope. */
export const SCOPE_HEADER = "x-emulator-scope";

/** The base path of a scope; "" of the one that every caller without a name gets. */
export const scopePath = (name: string): string => (name === "" ? "" : `/_scope/${name}`);

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const SCOPE_RULE =
  "the name of a scope has 1 to 64 letters, digits, dots, dashes and underscores, and begins with a letter or a digit";

/** The scopes that were used longest ago go when there are more. */
const MAX_SCOPES = 1_000;

export interface Scopes {
  /**
   * Made at its first use.
   * @throws RangeError for a name that breaks `SCOPE_RULE`.
   */
  get(name: string): World;
  /** Those that were used, but for the unnamed one. */
  names(): string[];
  /** False when there is none of this name. */
  remove(name: string): boolean;
  all(): World[];
}

export function createScopes(options: CheckedOptions): Scopes {
  const unnamed = createWorld(options);
  const named = new Map<string, World>();
  const remove = (name: string): boolean => {
    named.get(name)?.reset();
    return named.delete(name);
  };
  return {
    get(name) {
      if (name === "") return unnamed;
      if (!NAME.test(name)) throw new RangeError(`scope: ${SCOPE_RULE}, not ${JSON.stringify(name)}`);
      const world = named.get(name) ?? createWorld(options);
      named.delete(name);
      named.set(name, world);
      for (const oldest of named.keys()) {
        if (named.size <= MAX_SCOPES) break;
        remove(oldest);
      }
      return world;
    },
    names: () => [...named.keys()],
    remove,
    all: () => [unnamed, ...named.values()],
  };
}

/** The scope of a request and the rest of its path: the base path's name, else the header's. */
export function scopeOf(path: string, header: string | undefined): { name: string; path: string } {
  if (!path.startsWith("/_scope/")) return { name: header ?? "", path };
  const [prefix, name] = /^\/_scope\/([^/?]*)/.exec(path) ?? [];
  if (prefix === undefined || name === undefined) return { name: header ?? "", path };
  const rest = path.slice(prefix.length);
  return { name: name === "" ? "?" : name, path: rest.startsWith("/") ? rest : `/${rest}` };
}
