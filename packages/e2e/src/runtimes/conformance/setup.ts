// What the cases share: clients of the emulator, whose fast clock they keep, and how a case is declared.
import assert from "node:assert/strict";
import { vendors, type VendorName } from "@vidtask/bench/vendors";
import type { ClientOptions, VideoClient, VideoRequest } from "vidtask";
import { sharedClock } from "../../shared-clock.ts";

export type Test = (name: string, run: () => Promise<void>) => void;

/** What the runtime adds: how it serves, and the cases of `./node` where it has what they need. */
export type RuntimeAbilities = {
  serve(handler: (request: Request) => Promise<Response>): Promise<string>;
  nodeCases?: ((emulator: EmulatorAccess, test: Test) => void) | undefined;
};

/** Where the emulator is, and its clock: when it began, and how many times as fast it runs. */
export type EmulatorAccess = {
  origin: number;
  speed: number;
  vendors: { [vendor in VendorName]: { apiKey: string; baseUrl: string } };
};

export type Setup = {
  client(options?: ClientOptions): VideoClient;
  /** A request whose prompt names its key, so that the emulator's requests can be counted by key. */
  request(key: string, words?: string): VideoRequest;
};

export function setupFor(vendor: VendorName, emulator: EmulatorAccess): Setup {
  const { create, request } = vendors[vendor];
  const clock = sharedClock(emulator.origin, emulator.speed);
  return {
    client: (options) => create({ ...emulator.vendors[vendor], clock, ...options }),
    request: (key, words = "") => ({ ...request, duration: 5, prompt: `${words} a waterfall for ${key}` }),
  };
}

export const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => assert.fail(`expected an error, got ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
