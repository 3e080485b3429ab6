// What the tests of a runtime share: clients of the emulator, whose fast clock they keep, and how a test is declared.
import assert from "node:assert/strict";
import type { ClientOptions, VideoClient, VideoRequest } from "vidtask";
import { sharedClock } from "../chaos/shared-clock.ts";
import { vendors, type VendorName } from "../chaos/vendors.ts";
import type { Door } from "./door.ts";

export type Test = (name: string, run: () => Promise<void>) => void;

/** What the runtime adds: how it serves, and `./node` where it may be had. */
export type World = {
  serve(handler: (request: Request) => Promise<Response>): Promise<string>;
  door?: Door | undefined;
};

/** The emulator, and the clock that it shares with whoever knows when it began and how fast it runs. */
export type Place = {
  origin: number;
  speed: number;
  vendors: { [vendor in VendorName]: { apiKey: string; baseUrl: string } };
};

export type Rig = {
  client(options?: ClientOptions): VideoClient;
  /** A request whose prompt names its key, so that the emulator's requests can be counted by key. */
  request(key: string, words?: string): VideoRequest;
};

export function rigOf(vendor: VendorName, place: Place): Rig {
  const { create, request } = vendors[vendor];
  const clock = sharedClock(place.origin, place.speed);
  return {
    client: (options) => create({ ...place.vendors[vendor], clock, ...options }),
    request: (key, words = "") => ({ ...request, duration: 5, prompt: `${words} a waterfall for ${key}` }),
  };
}

export const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => assert.fail(`expected an error, got ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
