// Everything that an emulator is given, with what it may not be: an error of the family that JavaScript has for it.
import { describe, expect, test } from "vitest";
import { createEmulator } from "./emulator.ts";

const thrownBy = (work: () => unknown): unknown => {
  try {
    return [work(), "was not refused"];
  } catch (error) {
    return error;
  }
};
const expectRefused = (error: unknown, option: string) => {
  expect(["TypeError", "RangeError"]).toContain((error as Error).name);
  expect(String(error)).toContain(option);
};
const rows = (option: string, values: readonly unknown[]) => values.map((value) => ({ option, value }));
const noNumbers = [Number.NaN, -1, "30s", Number.POSITIVE_INFINITY, {}, true];

describe("createEmulator", () => {
  test.each([
    ...rows("vendors", ["apixo", {}, 7, [], ["acme"], [7], [null]]),
    ...rows("clock", ["fast", 7, [], {}, { speed: "60" }, { speed: 0 }, { speed: Number.NaN }, () => 0]),
    ...rows("speed", [{ clock: { speed: 60, sped: 1 } }]),
    ...rows("seed", [Number.NaN, 1.5, "1", {}, Number.POSITIVE_INFINITY]),
    ...rows("taskMs", noNumbers),
    ...rows("credits", noNumbers),
    ...rows("accounts", ["apixo", [], { acme: {} }, { aivideoapi: { spendLimit: 1 } }, { apixo: 7 }, { apixo: [] }]),
    ...rows("faults", ["503", [], { submit: 0.5 }, { sumbit: { "503": 0.1 } }, { submit: { "5o3": 0.1 } }]),
    ...rows("faults", [{ submit: { "503": -0.1 } }, { submit: { "503": Number.NaN } }, { submit: { "503": "0.1" } }]),
    ...rows("deliverCallback", ["http://127.0.0.1", {}, 7]),
    ...rows("vendor", [["apixo"]]),
  ])("refuses $option: $value", ({ option, value }) => {
    const options = option === "speed" ? value : { [option]: value };
    expectRefused(
      thrownBy(() => createEmulator(options as never)),
      option,
    );
  });

  test.each(["options", 7, true, []])("refuses options that are %j", (options) => {
    expectRefused(
      thrownBy(() => createEmulator(options as never)),
      "createEmulator must be an object",
    );
  });

  test.each([
    ["deliverCallbacks", "deliverCallback"],
    ["vendor", "vendors"],
    ["Seed", "seed"],
    ["task_ms", "taskMs"],
    ["acounts", "accounts"],
  ])("of %s it says that %s was probably meant", (name, meant) => {
    const error = thrownBy(() => createEmulator({ [name]: 1 }));
    expect(String(error)).toMatch(`RangeError: createEmulator: there is no option "${name}"; use one of vendors, `);
    expect(String(error)).toMatch(new RegExp(`: did you mean ${meant}\\?$`));
  });

  test("names all options where none is alike", () => {
    expect(() => createEmulator({ retries: 1 } as never)).toThrow(
      'createEmulator: there is no option "retries"; use one of vendors, clock, seed',
    );
  });

  test.each([
    undefined,
    null,
    { vendors: null, clock: null, seed: null, taskMs: null, credits: null, accounts: null, faults: null },
    { accounts: { aivideoapi: null, apimodels: { refusals: null } }, faults: { submit: null, poll: { "503": null } } },
    { deliverCallback: null, retries: undefined },
  ])("takes %j as nothing", (options) => {
    expect(createEmulator(options as never).for("aivideoapi").apiKey).toBeDefined();
  });
});

describe("injectFault", () => {
  const fault = { on: "submit", kind: "429" };
  test.each([
    ...rows("on", ["sbmit", 7]),
    ...rows("times", [0, -1, 1.5, Number.NaN, "2", {}]),
    ...rows("after", [-1, 0.5, Number.NaN, "2", Number.POSITIVE_INFINITY]),
    ...rows("probability", [-0.1, 1.1, Number.NaN, "1", {}]),
    ...rows("vendor", ["acme", 7, {}]),
    ...rows("accepted", [true, "yes", 1]),
    ...rows("retryAfter", [-1, Number.NaN, Number.POSITIVE_INFINITY, {}, true]),
    ...rows("at", [-0.1, Number.NaN, "0.5", 0.5]),
    ...rows("location", [7, {}, "http://127.0.0.1:1"]),
    ...rows("delay", [...noNumbers, 5]),
    ...rows("time", [2]),
  ])("refuses $option: $value", ({ option, value }) => {
    const emulator = createEmulator();
    expectRefused(
      thrownBy(() => emulator.injectFault({ ...fault, [option]: value } as never)),
      option,
    );
  });

  test.each(["4z9", 7, undefined, "constructor"])("refuses the kind %j", (kind) => {
    expectRefused(
      thrownBy(() => createEmulator().injectFault({ on: "submit", kind } as never)),
      "injectFault: there is no fault",
    );
  });

  test.each([undefined, null, "503", 7, []])("refuses a fault that is %j", (wrong) => {
    expectRefused(
      thrownBy(() => createEmulator().injectFault(wrong as never)),
      "injectFault: the argument must be an object",
    );
  });

  test("takes null for a member as nothing", () => {
    const nothing = { times: null, after: null, probability: null, vendor: null, accepted: null, retryAfter: null };
    createEmulator().injectFault({ ...fault, ...nothing, at: null, location: null, delay: null } as never);
  });
});

describe("the clock", () => {
  test.each([...noNumbers, undefined, null, "5"])("refuses to advance by %j", async (ms) => {
    const error = await createEmulator({ clock: "manual" })
      .clock.advance(ms as number)
      .catch((thrown: unknown) => thrown);
    expectRefused(error, "advance: ms must be a finite number");
  });

  test.each(["manual", "real"] as const)("that is %s refuses to wait for what is no promise", async (mode) => {
    const { clock } = createEmulator({ clock: mode });
    for (const wrong of [undefined, null, 7, () => {}, {}]) {
      const error = await clock.until(wrong as never).catch((thrown: unknown) => thrown);
      expectRefused(error, "until: the argument must be a promise");
    }
  });
});

describe("listen and for", () => {
  test.each([-1, 1.5, 70_000, Number.NaN, "4310", {}])("listen refuses the port %j", async (port) => {
    const error = await createEmulator()
      .listen(port as number)
      .catch((thrown: unknown) => thrown);
    expectRefused(error, "listen: port must be an integer");
  });

  test("listen refuses a name that is no option, and takes null as nothing", async () => {
    const emulator = createEmulator();
    const error = await emulator.listen(0, { tokens: "x" } as never).catch((thrown: unknown) => thrown);
    expectRefused(error, "did you mean token?");
    const server = await emulator.listen(null as never, null as never);
    await server.close();
  });

  test.each([undefined, null, 7, "acme"])("for refuses the vendor %j", (vendor) => {
    expectRefused(
      thrownBy(() => createEmulator().for(vendor as string)),
      "for: there is no emulated vendor",
    );
  });
});
