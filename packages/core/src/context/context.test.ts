import { afterEach, expect, test, vi } from "vitest";
import { acme } from "../test/acme.ts";
import { contextOf, type ClientContext } from "./context.ts";
import type { ClientOptions } from "./options.ts";
import { createSettings } from "./settings.ts";

afterEach(() => void vi.unstubAllEnvs());
const context = (options: ClientOptions = {}) => contextOf(createSettings(acme, options, new AbortController().signal));

const keyOf = async ({ credentials }: ClientContext) =>
  (await credentials.headers())["authorization"]?.replace("Bearer ", "");

test("the key and the base URL come from the options, else from the environment, else from the vendor's page", async () => {
  vi.stubEnv("ACME_API_KEY", "");
  await expect(keyOf(context())).rejects.toThrow("ACME_API_KEY");
  expect(context().baseUrl()).toBe("https://api.acme.test/v1");
  vi.stubEnv("ACME_API_KEY", "from-env");
  vi.stubEnv("ACME_BASE_URL", "http://127.0.0.1:8080/");
  expect(await keyOf(context())).toBe("from-env");
  expect(context().baseUrl()).toBe("http://127.0.0.1:8080");
  const given = context({ apiKey: "given", baseUrl: "https://a.test/v2//" });
  expect(await keyOf(given)).toBe("given");
  expect(given.baseUrl()).toBe("https://a.test/v2");
});

test("an empty option is no option", async () => {
  vi.stubEnv("ACME_API_KEY", "from-env");
  expect(await keyOf(context({ apiKey: "", baseUrl: "" }))).toBe("from-env");
});

test("a key that is set or changed later is the one used, and the one redacted", async () => {
  const late = context();
  vi.stubEnv("ACME_API_KEY", "rotated-key");
  expect(await keyOf(late)).toBe("rotated-key");
  expect(late.redact("rotated-key")).toBe("***");
});

test("the account is the vendor and the origin, or its given name, and never depends on the key", () => {
  expect(context({ apiKey: "a", baseUrl: "https://a.test/v2" }).account()).toBe("acme https://a.test");
  expect(context({ apiKey: "b", baseUrl: "https://a.test/v3" }).account()).toBe("acme https://a.test");
  expect(context({ account: "me" }).account()).toBe("me");
});

test("a client keeps its name, and two have different ones", () => {
  const one = context();
  expect(one.owner).toBe(one.owner);
  expect(one.owner).not.toBe(context().owner);
});

test("ports that fetch blocks are refused with the port in the rule", () => {
  for (const port of [1, 22, 25, 6000, 6667, 10080])
    expect(() => context({ baseUrl: `http://127.0.0.1:${port}` }).baseUrl()).toThrow(`(${port} is blocked)`);
  for (const port of [80, 443, 3000, 8080])
    expect(context({ baseUrl: `http://127.0.0.1:${port}` }).baseUrl()).toContain("127.0.0.1");
});
