// A session over the emulated vendors: quote, confirm, submit, follow, save.
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { agentWith, emptyFolder } from "./test/agent.ts";

const request = { prompt: "a waterfall" };
const pay = { vendor: "apimodels", model: "kling-2.6-std", ...request };

async function offerOf(ask: Awaited<ReturnType<typeof agentWith>>["ask"], vendor = "aivideoapi") {
  const { data } = await ask("video_quote", { model: "kling-2.6", vendor, image: "https://x.test/a.png", ...request });
  return data.offers[0]!;
}

test("the tools say what they take, and which of them pays", async () => {
  const { client } = await agentWith();
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    "video_quote",
    "video_submit",
    "video_status",
    "video_list",
    "video_save",
    "video_balance",
  ]);
  expect(tools.find(({ name }) => name === "video_submit")?.inputSchema.required).toEqual([
    "idempotencyKey",
    "confirmedPriceUsd",
    "vendor",
    "model",
  ]);
  expect(tools.every(({ description, annotations }) => description && annotations?.title)).toBe(true);
});

test("quote, submit, status, save and list: one charge, and an mp4", async () => {
  const { ask, emulator, folder } = await agentWith();
  const offer = await offerOf(ask);
  expect(offer.priceUsd).toBeGreaterThan(0);
  expect(emulator.requests).toEqual([]);
  const input = { ...request, image: "https://x.test/a.png", vendor: offer.vendor, model: offer.model };
  const submitted = await ask("video_submit", { ...input, idempotencyKey: "v1", confirmedPriceUsd: offer.priceUsd });
  expect(submitted).toMatchObject({ isError: false, data: { idempotencyKey: "v1", priceUsd: offer.priceUsd } });
  const again = await ask("video_submit", { ...input, idempotencyKey: "v1", confirmedPriceUsd: offer.priceUsd });
  expect(again.data["task"]).toBe(submitted.data["task"]);

  let state: unknown;
  for (let calls = 0; state !== "succeeded" && calls < 40; calls++)
    state = (await ask("video_status", { task: calls % 2 ? "v1" : submitted.data["task"] })).data["state"];
  expect(state).toBe("succeeded");

  const saved = await ask("video_save", { task: "v1" });
  const id = String(submitted.data["task"]).split(":")[2];
  const file = `v1-${id}.mp4`;
  expect(saved.data).toMatchObject({ saved: true, file });
  expect(readFileSync(join(folder, file)).subarray(4, 8).toString()).toBe("ftyp");
  expect((await ask("video_save", { task: "v1" })).data).toMatchObject({
    saved: true,
    bytes: expect.any(Number),
    note: "it was saved before",
  });
  expect((await ask("video_list")).data).toMatchObject({
    count: 1,
    tasks: [{ idempotencyKey: "v1", state: "succeeded" }],
  });
  expect((await ask("video_list", { state: "running" })).data).toMatchObject({ count: 0, tasks: [] });
  expect(emulator.ledger).toHaveLength(1);
  const { data } = await ask("video_balance");
  expect(data.budget.usdReservedToday).toBeCloseTo(offer.priceUsd);
  expect(data.vendors.map(({ vendor }) => vendor)).toEqual(["apixo", "aivideoapi", "apimodels"]);
});

test("a quote without a model is of every model that can do it, the cheapest first", async () => {
  const { ask } = await agentWith();
  const { data } = await ask("video_quote", { ...request, duration: 5 });
  const prices = (data.offers as { priceUsd?: number }[]).map(({ priceUsd = Infinity }) => priceUsd);
  expect(prices.length).toBeGreaterThan(3);
  expect(prices).toEqual(prices.toSorted((a, b) => a - b));
});

test("a wait tells how it goes, ends after 25 s at most, and a failed task is an answer", async () => {
  const { ask, emulator } = await agentWith({}, { clock: "manual" });
  const offer = await offerOf(ask);
  emulator.injectFault({ on: "poll", kind: "stuck", times: 1000 });
  const input = { ...request, image: "https://x.test/a.png", vendor: offer.vendor, model: offer.model };
  await emulator.clock.until(
    ask("video_submit", { ...input, idempotencyKey: "v1", confirmedPriceUsd: offer.priceUsd }),
  );
  const before = emulator.clock.elapsed();
  const told: unknown[] = [];
  const { data, isError } = await emulator.clock.until(
    ask("video_status", { task: "v1", waitSeconds: 25 }, { onprogress: (progress) => void told.push(progress) }),
  );
  expect({ isError, state: data["state"] }).toEqual({
    isError: false,
    state: expect.stringMatching(/pending|processing/),
  });
  expect(emulator.clock.elapsed() - before).toBeLessThanOrEqual(26_000);
  expect(told.length).toBeGreaterThan(0);
});

test("a lost answer is told as unknown, and no second POST leaves under its key", async () => {
  const { ask, emulator } = await agentWith();
  const offer = await offerOf(ask);
  emulator.injectFault({ on: "submit", kind: "reset-after-accept" });
  const input = { ...request, image: "https://x.test/a.png", vendor: offer.vendor, model: offer.model };
  const once = { ...input, idempotencyKey: "v1", confirmedPriceUsd: offer.priceUsd };
  for (let calls = 0; calls < 3; calls++)
    expect(await ask("video_submit", once)).toMatchObject({
      isError: true,
      data: { error: { code: "submit_unknown" } },
    });
  expect((await ask("video_status", { task: "v1" })).data).toMatchObject({ state: "unknown" });
  expect((await ask("video_list", { state: "unknown" })).data["count"]).toBe(1);
  expect(emulator.ledger).toHaveLength(1);
});

test("a picture of the folder is uploaded where the vendor takes files, and named where it does not", async () => {
  const { ask, folder } = await agentWith();
  writeFileSync(join(folder, "first.png"), "not read before it is sent");
  const { data } = await ask("video_quote", { model: "kling-2.6", image: "first.png", ...request });
  const said = [...data.offers, ...data.impossible];
  expect(new Set(said.map(({ vendor }) => vendor))).toEqual(new Set(["apixo", "aivideoapi", "apimodels"]));
});

test.each([
  ["no such model", "video_quote", { model: "kling-2.7", ...request }, "no_such_model", "Did you mean kling-2.6?"],
  ["no such vendor", "video_quote", { vendor: "apix", ...request }, "no_such_vendor", "Did you mean apixo?"],
  ["no such task", "video_status", { task: "nothing" }, "no_such_task", "video_list"],
  ["a picture outside", "video_quote", { image: "../x.png", ...request }, "outside_folder", "relative"],
  ["a picture that is not there", "video_quote", { image: "x.png", ...request }, "no_such_file", "https URL"],
  ["half a character", "video_status", { task: "a\ud800" }, "no_such_task", "video_list"],
  ["a book for a name", "video_status", { task: "x".repeat(100_000) }, "no_such_task", "video_list"],
  ["a book for a model", "video_quote", { model: "x".repeat(100_000) }, "no_such_model", "Known are"],
  ["a forged ref", "video_status", { task: "apixo:kling-2-6:../../user" }, "invalid_request", "video_list"],
  ["a ref of another vendor", "video_save", { task: "fal:kling:1" }, "no_such_vendor", "video_list"],
  [
    "no price",
    "video_submit",
    { ...pay, vendor: "apixo", model: "kling-2-6", idempotencyKey: "a", confirmedPriceUsd: 1 },
    "no_price",
    "VIDTASK_MCP_PRICES",
  ],
])("%s: refused with a code and a remedy, nothing sent", async (_, tool, input, code, remedy) => {
  const { ask, emulator } = await agentWith();
  const { isError, data } = await ask(tool, input);
  expect({ isError, code: data.error?.code }).toEqual({ isError: true, code });
  expect(data.error?.remedy).toContain(remedy);
  expect(JSON.stringify(data).length).toBeLessThan(2_000);
  expect(emulator.requests).toEqual([]);
});

test("money: another price than the quoted, a call above its cap, a day above its cap, a key of another request", async () => {
  const { ask, emulator } = await agentWith({ usdPerDay: 1.2, usdPerCall: 0.6 });
  const offer = await offerOf(ask);
  const input = { ...request, image: "https://x.test/a.png", vendor: offer.vendor, model: offer.model };
  const submit = (idempotencyKey: string, more: object = {}) =>
    ask("video_submit", { ...input, confirmedPriceUsd: offer.priceUsd, idempotencyKey, ...more });
  const code = async (answer: ReturnType<typeof ask>) => (await answer).data.error?.code;
  expect(await code(submit("a", { confirmedPriceUsd: 0.01 }))).toBe("price_not_confirmed");
  expect(await code(submit("a", { confirmedPriceUsd: 100 }))).toBe("price_not_confirmed");
  const long = await ask("video_quote", { ...input, duration: 10, sound: true });
  const dear = long.data.offers[0]?.priceUsd ?? 0;
  expect(dear).toBeGreaterThan(0.6);
  expect(await code(submit("a", { duration: 10, sound: true, confirmedPriceUsd: dear }))).toBe("over_budget");
  expect(emulator.requests).toEqual([]);

  const paid: boolean[] = [];
  for (const key of ["a", "b", "c", "d", "e", "f"]) paid.push(!(await submit(key)).isError);
  expect(offer.priceUsd).toBeLessThan(0.6);
  expect(paid.filter(Boolean)).toHaveLength(Math.floor(1.2 / offer.priceUsd));
  expect(emulator.ledger.reduce((sum, { usd }) => sum + usd, 0)).toBeLessThanOrEqual(1.2);
  const { data } = await submit("f");
  expect(data.error).toMatchObject({ code: "invalid_request", remedy: expect.stringContaining("today's budget") });
  expect(await code(submit("a", { prompt: "another" }))).toBe("invalid_request");
});

test("one key for two requests at once: one is paid for, and the other is refused, not given the first one's task", async () => {
  const { ask, emulator } = await agentWith();
  const { vendor, model, priceUsd } = await offerOf(ask);
  const input = { vendor, model, image: "https://x.test/a.png", idempotencyKey: "v1", confirmedPriceUsd: priceUsd };
  const prompts = ["a waterfall", "a waterfall", "a volcano"];
  const answers = await Promise.all(prompts.map((prompt) => ask("video_submit", { ...input, prompt })));
  // Whichever came first: on a busy machine that may be any of them.
  const taken = answers.filter(({ data }) => data["task"] !== undefined);
  expect(new Set(taken.map(({ data }) => data["task"])).size).toBe(1);
  expect([1, 2]).toContain(taken.length);
  for (const [index, prompt] of prompts.entries())
    if (answers[index]?.data["task"] === undefined) {
      expect(answers[index]?.data.error).toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("another key"),
      });
      expect(taken.map((answer) => prompts[answers.indexOf(answer)])).not.toContain(prompt);
    }
  expect(emulator.ledger).toHaveLength(1);
});

async function twoVideos() {
  const { ask, folder, emulator } = await agentWith({}, { clock: "manual" });
  const { vendor, model, priceUsd } = await offerOf(ask);
  const input = { ...request, image: "https://x.test/a.png", vendor, model, confirmedPriceUsd: priceUsd };
  const now: typeof ask = (...call) => emulator.clock.until(ask(...call));
  for (const idempotencyKey of ["a", "b"]) await now("video_submit", { ...input, idempotencyKey });
  await emulator.clock.advance(600_000);
  return { folder, emulator, ask, now };
}

test("two tasks that are saved under one name at once: one has it, the other is told, and nothing is replaced", async () => {
  const { ask, folder } = await twoVideos();
  const saved = await Promise.all(["a", "b"].map((task) => ask("video_save", { task, file: "out/clip.mp4" })));
  expect(saved.map(({ data }) => data.error?.code ?? "saved").toSorted()).toEqual(["file_exists", "saved"]);
  expect(readdirSync(join(folder, "out"))).toEqual(["clip.mp4"]);
});

test("a download that takes longer than a call goes on, and the next call tells how far it is", async () => {
  const { ask, now, emulator, folder } = await twoVideos();
  emulator.injectFault({ on: "download", kind: "cut" });
  emulator.injectFault({ on: "download", kind: "503", retryAfter: 55, times: 2 });
  const first = ask("video_save", { task: "a" });
  // The time of the disk is real: the clock moves once there is something on it.
  await vi.waitFor(() => expect(readdirSync(folder).some((file) => statSync(join(folder, file)).size > 0)).toBe(true), {
    timeout: 30_000,
    interval: 5,
  });
  const calls = [await emulator.clock.until(first), await now("video_save", { task: "a" })];
  for (const { data } of calls)
    expect(data).toEqual({
      saved: false,
      file: expect.any(String),
      bytes: expect.any(Number),
      total: 74_975,
      next: expect.any(String),
    });
  let last = calls[1];
  for (let n = 0; last?.data["saved"] === false && n < 9; n++) last = await now("video_save", { task: "a" });
  expect(last?.data).toMatchObject({ saved: true, bytes: 74_975 });
});

test("two tasks whose keys look alike in a file name have a file each", async () => {
  const { ask, folder } = await agentWith();
  const offer = await offerOf(ask);
  const input = { ...request, image: "https://x.test/a.png", vendor: offer.vendor, model: offer.model };
  const files: unknown[] = [];
  for (const idempotencyKey of ["a/b", "a?b"]) {
    await ask("video_submit", { ...input, idempotencyKey, confirmedPriceUsd: offer.priceUsd });
    while ((await ask("video_status", { task: idempotencyKey })).data["state"] !== "succeeded");
    const { data } = await ask("video_save", { task: idempotencyKey });
    expect(data).toMatchObject({ saved: true, bytes: expect.any(Number) });
    files.push(data["file"]);
  }
  expect(readdirSync(folder).toSorted()).toEqual(files.toSorted());
  expect(new Set(files).size).toBe(2);
});

test("files: only a new .mp4 below the folder", async () => {
  const { ask, folder, emulator } = await agentWith();
  const offer = await offerOf(ask);
  const input = { ...request, image: "https://x.test/a.png", vendor: offer.vendor, model: offer.model };
  await ask("video_submit", { ...input, idempotencyKey: "v1", confirmedPriceUsd: offer.priceUsd });
  while ((await ask("video_status", { task: "v1" })).data["state"] !== "succeeded");
  const outside = emptyFolder();
  symlinkSync(outside, join(folder, "link"));
  symlinkSync(join(outside, "gone.mp4"), join(folder, "dangling.mp4"));
  writeFileSync(join(folder, "mine.mp4"), "mine");
  const names = [
    "../v.mp4",
    join(outside, "v.mp4"),
    "link/v.mp4",
    "dangling.mp4",
    "a/../../v.mp4",
    "",
    "v\0.mp4",
    ".",
    "v.txt",
    ".bashrc",
    "a\nb.mp4",
    "\ud800.mp4",
    "~/v.mp4",
    "file:///tmp/v.mp4",
    "mine.mp4/v.mp4",
    `${"x".repeat(300)}.mp4`,
    `${"d/".repeat(3000)}v.mp4`,
    "loop.mp4",
    `${folder}-beside/v.mp4`,
  ];
  symlinkSync("loop.mp4", join(folder, "loop.mp4"));
  const downloads = () => emulator.requests.filter(({ path }) => path.includes(".mp4")).length;
  for (const file of [...names, "mine.mp4"]) {
    const { isError, data } = await ask("video_save", { task: "v1", file });
    expect({ file, isError, code: data.error?.code }).toEqual({
      file,
      isError: true,
      code: expect.stringMatching(/^(outside_folder|not_a_video_file|unusable_file_name|file_exists)$/),
    });
    expect(JSON.stringify(data).length).toBeLessThan(1_000);
  }
  expect(downloads()).toBe(0);
  expect(readFileSync(join(folder, "mine.mp4"), "utf8")).toBe("mine");
  const { data } = await ask("video_save", { task: "v1", file: "a/new.mp4" });
  expect(data).toMatchObject({ saved: true, file: join("a", "new.mp4") });
});

/** A folder that is a link, to a folder or to nothing. */
function linkTo(target: string): string {
  const link = join(emptyFolder(), "videos");
  symlinkSync(target, link);
  return link;
}

test.each([
  [
    "a link to a folder: the file has its name in it",
    () => linkTo(emptyFolder()),
    { saved: true, file: "out/clip.mp4" },
  ],
  ["gone: it is made again", () => join(emptyFolder(), "gone"), { saved: true, file: "out/clip.mp4" }],
  ["a link to nothing: refused", () => linkTo("none"), { error: { code: "unusable_folder" } }],
])("the server's folder is %s", async (_, folderOf, answered) => {
  const { ask } = await agentWith({ folder: folderOf() });
  const { vendor, model, priceUsd } = await offerOf(ask);
  const input = { ...request, image: "https://x.test/a.png", vendor, model, confirmedPriceUsd: priceUsd };
  await ask("video_submit", { ...input, idempotencyKey: "v1" });
  while ((await ask("video_status", { task: "v1" })).data["state"] !== "succeeded");
  expect((await ask("video_save", { task: "v1", file: "out/clip.mp4" })).data).toMatchObject(answered);
});

test.each<[string, string, object, string]>([
  ["a task that is unknown", "video_status", { task: "aivideoapi:kling-2.6:gone", waitSeconds: 0 }, "video_list"],
  ["a video that it has not", "video_save", { task: "v1", index: 3 }, "another index"],
  [
    "a key of another request",
    "video_submit",
    { prompt: "another", idempotencyKey: "v1" },
    "call video_status with it",
  ],
])("%s: the remedy is of that tool", async (_, tool, input, remedy) => {
  const { ask, emulator } = await agentWith({}, { clock: "manual" });
  const { vendor, model, priceUsd } = await offerOf(ask);
  const pays = { ...request, image: "https://x.test/a.png", vendor, model, confirmedPriceUsd: priceUsd };
  await emulator.clock.until(ask("video_submit", { ...pays, idempotencyKey: "v1" }));
  await emulator.clock.advance(600_000);
  const answer = await emulator.clock.until(ask(tool, tool === "video_submit" ? { ...pays, ...input } : input));
  expect(answer.data.error?.remedy).toContain(remedy);
});

test("no answer shows a key", async () => {
  const { ask, emulator } = await agentWith();
  const keys = ["apixo", "aivideoapi", "apimodels"].map((vendor) => emulator.for(vendor).apiKey);
  emulator.injectFault({ on: "submit", kind: "html-502" });
  const offer = await offerOf(ask);
  const input = { ...request, image: "https://x.test/a.png", vendor: offer.vendor, model: offer.model };
  const answers = [
    await ask("video_submit", { ...input, idempotencyKey: "v1", confirmedPriceUsd: offer.priceUsd }),
    await ask("video_submit", { ...input, idempotencyKey: "v2", confirmedPriceUsd: offer.priceUsd }),
    await ask("video_status", { task: "v2" }),
    await ask("video_list"),
    await ask("video_balance"),
  ];
  const all = JSON.stringify(answers);
  for (const key of keys) expect(all).not.toContain(key);
});
