// What a router and its calls are given, with what it may not be: refused, not paid.
import { createEmulator } from "@vidtask/emulator";
import { expect, test, vi } from "vitest";
import { createAIVideoAPI, createAPIModels, createApixo, createVidtask, memoryJournal } from "./index.ts";

type Issue = { path: string; message: string };
function issuesOf(error: unknown): Issue[] {
  expect(error).toMatchObject({ name: "InvalidRequestError", billed: "no" });
  return (error as { issues: Issue[] }).issues;
}
const blamed = (error: unknown) => [...new Set(issuesOf(error).map(({ path }) => path.split(".")[0]))];
const thrownBy = (work: () => unknown): unknown => {
  try {
    return [work(), "was not refused"];
  } catch (error) {
    return error;
  }
};
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => "was not refused",
    (error: unknown) => error,
  );
const rows = (option: string, values: readonly unknown[]) => values.map((value) => ({ option, value }));

const emulated = () => {
  const emulator = createEmulator({ clock: "manual" });
  const vendors = [
    createApixo(emulator.for("apixo")),
    createAPIModels(emulator.for("apimodels")),
    createAIVideoAPI(emulator.for("aivideoapi")),
  ] as const;
  return { emulator, vendors };
};
const routed = () => {
  const { emulator, vendors } = emulated();
  return { emulator, vidtask: createVidtask({ vendors }) };
};
const request = { model: "kling-2.6", prompt: "a waterfall", duration: 5 } as const;
const { vendors } = emulated();

test.each([
  ...rows("vendors", [undefined, null, [], vendors[0], "apixo", {}, ["apixo"], [undefined], [{}], [vendors[0], 7]]),
  ...rows("vendors", [[vendors[0], vendors[0]]]),
  ...rows("journal", [new Map(), {}, "journal.db", 7]),
  ...rows("vendor", [vendors[0]]),
])("a router with $option: $value is refused where it is made", ({ option, value }) => {
  expect(blamed(thrownBy(() => createVidtask({ vendors, [option]: value } as never)))).toEqual([option]);
});

test.each([undefined, null, {}])("a router made of %j lacks its vendors", (options) => {
  const [found] = issuesOf(thrownBy(() => createVidtask(options as never)));
  expect(found).toMatchObject({ path: "vendors", message: expect.stringMatching(/^is required: /) });
});

test("null for the journal is the same as nothing", () => {
  expect(createVidtask({ vendors: emulated().vendors, journal: null } as never).vendor).toBe("vidtask");
});

const wrongChoices = [
  ...rows("prefer", ["cheap", "apixo", "", 7, true, {}, [], ["fal"], ["apixo", "fal"], ["apixo", "apixo"], [7]]),
  ...rows("dropFields", ["sound", 7, true, {}, ["snd"], [7], ["model"], ["extraBody"], ["sound", "colour"]]),
  ...rows("perfer", ["cheapest"]),
];
const wrongSubmits = [
  ...wrongChoices,
  ...rows("maxprice", [0.001]),
  ...rows("maxPrice", [Number.NaN, -1, "1"]),
  ...rows("idempotencyKey", [5, "", "a\nb"]),
  ...rows("submitTimeout", [Number.NaN, -1, "30s"]),
];

test.each(wrongChoices)("compare with $option: $value is refused", ({ option, value }) => {
  const { vidtask } = routed();
  expect(blamed(thrownBy(() => vidtask.compare(request, { [option]: value })))).toEqual([option]);
});

test.each(["submit", "generate"] as const)("%s refuses every wrong option, and nothing is paid", async (call) => {
  const { vidtask, emulator } = routed();
  for (const { option, value } of wrongSubmits)
    expect([option, blamed(await errorOf(vidtask[call](request, { [option]: value })))]).toEqual([option, [option]]);
  expect(emulator.requests).toEqual([]);
});

test("generate refuses a wrong option of its wait before it pays", async () => {
  const { vidtask, emulator } = routed();
  for (const { option, value } of [...rows("waitTimeout", [Number.NaN, "1h"]), ...rows("poll", [{ interval: 0 }])])
    expect(blamed(await errorOf(vidtask.generate(request, { [option]: value })))).toEqual([option]);
  expect(emulator.ledger).toEqual([]);
});

test.each([
  ["maxprice", "maxPrice"],
  ["prefers", "prefer"],
  ["drop", "dropFields"],
  ["key", "idempotencyKey"],
])("of %s it is said that %s was probably meant", async (name, meant) => {
  const [found] = issuesOf(await errorOf(routed().vidtask.submit(request, { [name]: 1 })));
  expect(found?.message).toBe(`is not an option of submit: did you mean ${meant}?`);
});

test("of a field to leave out it is said which was probably meant", () => {
  const [found] = issuesOf(thrownBy(() => routed().vidtask.compare(request, { dropFields: ["sond"] })));
  expect(found?.message).toMatch(/, not "sond": did you mean sound\?$/);
});

test("a field that no vendor here takes may be left out when it is a word of requests, or in the request", () => {
  const { emulator } = routed();
  const vidtask = createVidtask({ vendors: [createApixo(emulator.for("apixo"))] });
  const asked = { ...request, quality: "pro", mood: "sad" } as typeof request;
  const [offer] = vidtask.compare(asked, { dropFields: ["quality", "mood"] });
  expect(offer?.ok).toBe(true);
});

test("a choice that leaves out every vendor of the family is blamed itself, not the model", async () => {
  const { vidtask } = routed();
  const submitting = vidtask.submit({ model: "kling-2.5-turbo", prompt: "x" }, { prefer: ["apimodels", "aivideoapi"] });
  const [found] = issuesOf(await errorOf(submitting));
  expect(found).toEqual({
    path: "prefer",
    rule: "a list with a vendor that has kling-2.5-turbo: apixo",
    message: "must be a list with a vendor that has kling-2.5-turbo: apixo",
  });
});

test("a key of another family's request is blamed itself, not the model", async () => {
  const { vidtask, emulator } = routed();
  await vidtask.submit(request, { idempotencyKey: "row-17" });
  const again = vidtask.submit({ model: "kling-3", prompt: "x" }, { idempotencyKey: "row-17" });
  const [found] = issuesOf(await errorOf(again));
  expect(found?.path).toBe("idempotencyKey");
  expect(emulator.ledger).toHaveLength(1);
});

test.each([undefined, null, 7, "kling-2.6", []])("a request that is %j is refused by every call", async (wrong) => {
  const { vidtask } = routed();
  for (const call of ["submit", "generate"] as const)
    expect(blamed(await errorOf(vidtask[call](wrong as never)))).toEqual(["request"]);
  for (const call of ["plan", "compare"] as const)
    expect(blamed(thrownBy(() => vidtask[call](wrong as never)))).toEqual(["request"]);
});

test.each([undefined, null, "kling-9", 7])(
  "a model that is %j is refused with the families there are",
  async (model) => {
    const error = await errorOf(routed().vidtask.submit({ model, prompt: "x" } as never));
    expect(issuesOf(error)[0]).toMatchObject({ path: "model", message: expect.stringContaining("kling-2.6, ") });
  },
);

test.each([undefined, null, 7, {}, "nonsense", { vendor: "fal", model: "m", id: "1" }])(
  "a ref that is %j is refused",
  async (ref) => {
    const { vidtask } = routed();
    const watching = async () => {
      for await (const _ of vidtask.watch(ref as never));
    };
    for (const asking of [vidtask.get(ref as never), vidtask.wait(ref as never), watching()])
      expect(blamed(await errorOf(asking))).toEqual(["ref"]);
  },
);

test("a journal of one's own may be given", async () => {
  const journal = memoryJournal();
  const vidtask = createVidtask({ vendors: emulated().vendors, journal });
  const { id } = await vidtask.submit(request, { idempotencyKey: "k" });
  expect((await journal.get("k"))?.ref?.id).toBe(id);
});

test("a file in a data: URL is decoded once, however many vendors are compared", async () => {
  const { vidtask } = routed();
  const decode = vi.spyOn(globalThis, "atob");
  const image = "data:image/png;base64,eHl6";
  vidtask.compare({ ...request, image });
  const times = decode.mock.calls.length;
  decode.mockRestore();
  expect(times).toBe(1);
});

test("a model by a vendor's own name is refused with its family", async () => {
  const { vidtask } = routed();
  const asked = { model: "kling-v2-6", prompt: "a waterfall" } as never;
  const issues = issuesOf(await errorOf(vidtask.submit(asked)));
  expect(issues[0]?.message).toMatch(/, not "kling-v2-6", which is of the family kling-2\.6$/);
});

test("a router without a vendor says that its list is empty", () => {
  const made = createVidtask as unknown as (options: object) => unknown;
  const issues = issuesOf(thrownBy(() => made({ vendors: [] })));
  expect(issues[0]?.message).toBe("must be a list with one client at least, not an empty list");
});
