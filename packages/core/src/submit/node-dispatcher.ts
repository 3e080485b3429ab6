// What Node's `fetch` sends through: its own dispatcher as it was made, or one that a program has put in its place. The
// classes have no public name, and npm's undici has classes of the same names in the same place.
import type * as Util from "node:util";

/** `create` makes another plain agent of Node's own. */
export type GlobalDispatcher =
  | { kind: "none" | "proxy" | "foreign" }
  | { kind: "agent"; create: (options: object) => OwnAgent };
export type OwnAgent = { destroy(): Promise<void> };

type Class = { new (options: object): object; readonly prototype: object; readonly name: string };

const SLOTS = [Symbol.for("undici.globalDispatcher.1"), Symbol.for("undici.globalDispatcher.2")];

export function globalDispatcher(util: typeof Util): GlobalDispatcher {
  const slots = globalThis as { [symbol: symbol]: unknown };
  const found = SLOTS.map((slot) => slots[slot]).filter((dispatcher) => dispatcher != null);
  if (found.length === 0) return { kind: "none" }; // before the first `fetch`
  if (!found.every((dispatcher) => isOwn(util, dispatcher))) return { kind: "foreign" };
  const classes = found.map((dispatcher) => classOf(dispatcher as object)).filter(({ name }) => name !== WRAPPER);
  const [Agent] = classes;
  if (!Agent) return { kind: "foreign" };
  if (classes.some(({ name }) => name !== "Agent")) return { kind: "proxy" };
  return { kind: "agent", create: (options) => new Agent(options) as OwnAgent };
}

/** What Node 26 puts in the older slot, around the one that it uses. */
const WRAPPER = "Dispatcher1Wrapper";
/** Of each class, an option that its constructor reads, and a value that does nothing. */
const READS = new Map<string, { option: string; value: unknown }>([
  ["Agent", { option: "connect", value: undefined }],
  ["EnvHttpProxyAgent", { option: "httpProxy", value: undefined }],
  [WRAPPER, { option: "dispatch", value: () => false }],
]);

const classOf = (dispatcher: object): Class => Object.getPrototypeOf(dispatcher).constructor as Class;

function isOwn(util: typeof Util, dispatcher: unknown): boolean {
  if (typeof dispatcher !== "object" || dispatcher === null || util.types.isProxy(dispatcher)) return false;
  const Class = classOf(dispatcher);
  const own = ownInstance(util, Class);
  if (!own || Object.getPrototypeOf(dispatcher) !== Object.getPrototypeOf(own)) return false;
  const isPatched = Class.name !== WRAPPER && Object.hasOwn(Class.prototype, "dispatch"); // it is inherited
  return !isPatched && isAsMade(dispatcher, own);
}

const instances = new WeakMap<Class, object | null>();

/** Another instance, made without options, when the class is one of Node's own. */
function ownInstance(util: typeof Util, Class: Class): object | null {
  const known = instances.get(Class);
  if (known !== undefined) return known;
  const made = makeIfOwn(util, Class);
  instances.set(Class, made);
  return made;
}

// Who reads an option tells where its constructor was defined, and who called that, that no other is derived from it.
// The stack of an error would tell it only under settings that a program may change.
function makeIfOwn(util: typeof Util, Class: Class): object | null {
  const read = READS.get(Class.name);
  if (!read) return null;
  const [here] = util.getCallSites();
  let isInside = false;
  const options = Object.defineProperty({}, read.option, {
    enumerable: true,
    get() {
      const [, reader, caller] = util.getCallSites();
      isInside =
        reader?.scriptName.startsWith("node:internal/deps/undici/") === true &&
        caller?.scriptName === here?.scriptName &&
        caller?.functionName === here?.functionName;
      return read.value;
    },
  });
  const made = new Class(options);
  return isInside ? made : null;
}

/** What an instance keeps of its options. */
const KEPT = new Set(["options", "factory", "maxRedirections", "no proxy agent"]);

/** Whether nothing has been set or replaced in it since Node made it. */
function isAsMade(dispatcher: object, own: object): boolean {
  if (Object.hasOwn(dispatcher, "dispatch")) return false;
  return Object.getOwnPropertySymbols(own)
    .filter(({ description = "" }) => KEPT.has(description))
    .every((symbol) => isSame(Reflect.get(dispatcher, symbol), Reflect.get(own, symbol)));
}

function isSame(value: unknown, made: unknown): boolean {
  if (Object.is(value, made)) return true;
  if (typeof value !== "object" || typeof made !== "object" || !value || !made) return false;
  if (Object.getPrototypeOf(value) !== Object.getPrototypeOf(made)) return false;
  if (Object.getPrototypeOf(made) !== Object.prototype) return isAsMade(value, made);
  const keys = new Set([...Object.keys(value), ...Object.keys(made)]);
  return [...keys].every((key) => isSame(Reflect.get(value, key), Reflect.get(made, key)));
}
