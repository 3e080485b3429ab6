// Which interactions of a contract a live vendor can be asked for nothing, and with which key.

export type Interaction = {
  type: string;
  description: string;
  providerStates?: { name: string }[];
  request: { method: string; path: string; query?: Record<string, string[]>; headers: Record<string, string[]> };
  response: { status: number };
};
export type Contract = { consumer: object; provider: { name: string }; metadata: object; interactions: Interaction[] };

/** `ways`: what the pages allow as an answer; one of them has to be it. */
export type Check = { name: string; key: "wrong" | "yours"; ways: Interaction[] };

/** The keys of the contracts, with a vendor's prefix. The first stands for yours, the second is unknown to every vendor. */
export const VALID = /^Bearer (sk[-_])?valid-key$/;
export const WRONG = /^Bearer (sk[-_])?invalid-key$/;

/** The state of an account that any user has. The others (a task, an outage, a limit that is reached) cannot be set up. */
const ANY_ACCOUNT = "an account with credits";

const authorizationIn = ({ request }: Interaction): string => request.headers["authorization"]?.[0] ?? "";

/** Unknown keys as they are; reads with yours; and submits that no account can make, with the wrong key. */
export function checksOf({ interactions }: Contract): Check[] {
  const exchanges = interactions.filter(({ type }) => type === "Synchronous/HTTP");
  return exchanges.flatMap((one): Check[] => {
    const { description: name, providerStates = [], request, response } = one;
    if (providerStates.length === 0)
      return WRONG.test(authorizationIn(one)) ? [{ name, key: "wrong", ways: [one] }] : [];
    if (providerStates.some((state) => state.name !== ANY_ACCOUNT)) return [];
    if (request.method === "GET") return [{ name, key: "yours", ways: [one] }];
    return response.status < 400 ? [] : [{ name, key: "wrong", ways: refusedEitherWay(one, exchanges) }];
  });
}

/** Under a wrong key two things are wrong with such a submit, and no page says which of them a vendor names. */
function refusedEitherWay(one: Interaction, among: readonly Interaction[]): Interaction[] {
  const authorization = authorizationIn(one).replace("valid-key", "invalid-key");
  const request = { ...one.request, headers: { ...one.request.headers, authorization: [authorization] } };
  const unknownKey = among.find(
    (other) => other.request.method === request.method && authorizationIn(other) === authorization,
  );
  return [...(unknownKey ? [{ ...one, request, response: unknownKey.response }] : []), { ...one, request }];
}

/** Names the way that a request of the Verifier belongs to; it does not leave the machine. */
export const WAY_HEADER = "x-vidtask-way";

/** A contract of these ways alone, each named by its number. Without states: they could not be set up. */
export function contractOf(contract: Contract, ways: readonly Interaction[]): Contract {
  const interactions = ways.map(({ providerStates: _, ...way }, index) => ({
    ...way,
    description: String(index),
    request: { ...way.request, headers: { ...way.request.headers, [WAY_HEADER]: [String(index)] } },
  }));
  return { ...contract, interactions };
}
