// The public face: scopes of vendors, in process and behind one server.
import { randomBytes, randomUUID } from "node:crypto";
import type { Clock } from "@vidtask/core";
import type { CallbackEntry } from "./callbacks/log.ts";
import { answerControl, isControl } from "./control/control.ts";
import { elsewhere, isFromElsewhere } from "./control/guard.ts";
import { failure } from "./control/json.ts";
import { checkFault, type FaultOptions } from "./faults/options.ts";
import { given } from "./names.ts";
import { createFetch } from "./network/in-process.ts";
import { startServer, type Route } from "./network/server.ts";
import { checkOptions, findVendor, type EmulatorOptions } from "./options.ts";
import { createScopes, SCOPE_HEADER, scopeOf, scopePath, SCOPE_RULE } from "./scopes.ts";
import type { LedgerEntry } from "./state/ledger.ts";
import type { RequestEntry } from "./state/request-log.ts";
import type { EmulatorClock } from "./time/clock.ts";
import type { Part, EmulatedVendor } from "./vendors/vendor.ts";
import type { World } from "./world.ts";

type Secrets = Readonly<Record<string, string>>;
type Key = { apiKey: string };

/** The emulator as a server, with a page for people at `/` and a REST API under `/_emulator`. */
export interface EmulatorServer {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Calls that change something under `/_emulator` need `Authorization: Bearer <token>`. */
  token: string;
  /**
   * Options for a vendor's factory, to talk to the emulator over HTTP.
   * @param vendor its name, or what `defineDialect` gave: its type has the dialect's secrets
   * @param scope the scope whose tasks, ledger, faults and clock it uses. @default the unnamed one
   * @throws RangeError for a vendor that is not emulated.
   */
  for<S extends Secrets = Key>(
    vendor: string | EmulatedVendor<S>,
    scope?: string,
  ): NoInfer<S> & {
    baseUrl: string;
    clock: Clock;
  };
  /** Stops listening, ends all connections, and sends no more callbacks for tasks submitted to this server. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** The token for changes, of 16 characters or more. @default drawn at random */
  token?: string | undefined;
}

/** The emulated vendors of one scope, separate from those of every other scope. */
export interface EmulatorScope {
  /**
   * Options to spread into a vendor's factory: `createApixo(emulator.for("apixo"))`.
   * @param vendor its name, or what `defineDialect` gave: its type has the dialect's secrets
   * @throws RangeError for a vendor that is not emulated.
   */
  for<S extends Secrets = Key>(
    vendor: string | EmulatedVendor<S>,
  ): NoInfer<S> & {
    baseUrl: string;
    /** Answers in process. */
    fetch: typeof fetch;
    clock: Clock;
  };
  /** Answers every request by its path, whatever its origin, and never touches the network. */
  fetch: typeof fetch;
  /**
   * Breaks the next request or callback of this kind, in one of the ways of FAULTS.md. Faults hit in the order in which they were injected.
   *
   * @throws TypeError, RangeError naming the member that is wrong.
   */
  injectFault(fault: FaultOptions): void;
  /**
   * Clears tasks, uploads, ledger, requests, callbacks (also those to come) and the faults of `injectFault`, restores credits
   * and limits, and ends exchanges that were left without an answer. The clock goes on, and task ids are never reused; the
   * chances of the option `faults` start again.
   */
  reset(): void;
  /** Every charge and refund, oldest first: the judge of "paid once". US dollars. */
  readonly ledger: LedgerEntry[];
  /** Every request, oldest first, without headers; the last 20 000. */
  readonly requests: RequestEntry[];
  /** Every callback, oldest first; the last 20 000. */
  readonly callbacks: CallbackEntry[];
  /** The time of the emulator and of the clients that were given it. */
  readonly clock: EmulatorClock;
}

/** Emulated vendors: the same paths, rules and answers, with time and faults under your control. */
export interface Emulator extends EmulatorScope {
  /**
   * A scope with its own tasks, ledger, faults, logs and clock, and the same options. Over HTTP a request chooses it by the header
   * `x-emulator-scope`, or by the base path `/_scope/<name>`. `reset` resets one scope.
   *
   * @throws RangeError for a name that is no name.
   */
  scope(name: string): EmulatorScope;
  /**
   * One server on 127.0.0.1 for all vendors and scopes, each vendor at its documented path.
   * @param port 0, the default, takes a free one.
   */
  listen(port?: number, options?: ListenOptions): Promise<EmulatorServer>;
}

/** For `given-state.ts`: what tests may reach behind the interface. */
export const partsOf = new WeakMap<EmulatorScope, readonly Part[]>();

/** Reserved for documentation and tests (RFC 6761): only the emulator's own `fetch` answers there. */
const ORIGIN = "https://emulator.test";

/**
 * A local emulator of the vendors: same paths, rules and answers, no money, no network.
 *
 * @throws TypeError, RangeError naming the option that is wrong.
 */
export function createEmulator(options?: EmulatorOptions): Emulator {
  const checked = checkOptions(options);
  const scopes = createScopes(checked);
  const faces = new WeakMap<World, EmulatorScope>();
  const scope = (name: string): EmulatorScope => {
    const world = scopes.get(name);
    const face = faces.get(world) ?? faceOf(world);
    faces.set(world, face);
    return face;
  };

  const instance = randomUUID(); // another start has other tasks, though its seed may give them the same ids
  const unnamed = scope("");
  const emulator: Emulator = {
    ...unnamed,
    get ledger() {
      return unnamed.ledger;
    },
    get requests() {
      return unnamed.requests;
    },
    get callbacks() {
      return unnamed.callbacks;
    },
    scope,
    async listen(askedPort, options) {
      const port = askedPort ?? 0;
      const { token = randomBytes(24).toString("base64url") } = given<ListenOptions>("listen", options, ["token"]);
      if (typeof token !== "string" || !/^[A-Za-z0-9._~+/=-]{16,}$/.test(token))
        throw new RangeError(
          "listen: token must have 16 characters or more, letters, digits and . _ ~ + / = -; leave it out for one drawn at random",
        );
      const { url, close } = await startServer((incoming) => {
        const header = incoming.headers[SCOPE_HEADER];
        const { name, path } = scopeOf(incoming.url ?? "/", typeof header === "string" ? header : undefined);
        if (isFromElsewhere(incoming.headers, path)) return { own: elsewhere, path, prefix: "" };
        return route(name, path, token);
      }, port);
      return {
        url,
        token,
        for<S extends Secrets = Key>(vendor: string | EmulatedVendor<S>, scopeName = "") {
          const { secrets, path } = findVendor(nameOf(vendor), checked.vendors, "for");
          const { clock } = scopes.get(scopeName);
          return { ...(secrets as NoInfer<S>), baseUrl: url + scopePath(scopeName) + path, clock };
        },
        close() {
          for (const { callbacks } of scopes.all()) callbacks.stop(url);
          return close();
        },
      };
    },
  };

  function route(name: string, path: string, token: string): Route {
    let world: World;
    try {
      world = scopes.get(name);
    } catch {
      return { own: () => failure(400, "scope", SCOPE_RULE), path, prefix: "" };
    }
    const prefix = scopePath(name);
    if (!isControl(path)) return { handle: world.handle, exchanges: world.exchanges, path, prefix };
    return {
      own: (request, base) => answerControl(request, { scopes, scope: name, world, base, token, instance }),
      path,
      prefix,
    };
  }

  partsOf.set(emulator, scopes.get("").parts);
  return emulator;
}

const nameOf = (vendor: unknown): unknown =>
  typeof vendor === "object" && vendor !== null && "name" in vendor ? vendor.name : vendor;

function faceOf(world: World): EmulatorScope {
  const { options, clock, callbacks, exchanges, faults, handle, parts } = world;
  const inProcess = createFetch(handle, exchanges);
  const face: EmulatorScope = {
    for<S extends Secrets = Key>(vendor: string | EmulatedVendor<S>) {
      const { secrets, path } = findVendor(nameOf(vendor), options.vendors, "for");
      return { ...(secrets as NoInfer<S>), baseUrl: ORIGIN + path, fetch: inProcess, clock };
    },
    fetch: inProcess,
    injectFault: (fault) => void faults.add(checkFault(fault, options.vendors)),
    reset: world.reset,
    get ledger() {
      return world.ledger();
    },
    get requests() {
      return world.requests;
    },
    get callbacks() {
      return callbacks.log;
    },
    clock,
  };
  partsOf.set(face, parts);
  return face;
}
