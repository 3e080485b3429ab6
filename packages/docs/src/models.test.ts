// The table of models in fixtures/FACTS.md, made from the clients, the fixtures, the contracts and the emulator: each has all.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createEmulator } from "@vidtask/emulator";
import { createAIVideoAPI, createAPIModels, createApixo, InvalidRequestError, type VideoClient } from "vidtask";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** Why a plan has no price. */
const NO_PRICE: Readonly<Record<string, string>> = {
  "kling-2-6": "no page prints one",
  "kling-2-5-turbo-pro": "no page prints one",
  "kling-3-0-std": "no page prints one",
  "kling-3-0-turbo": "no page prints one",
  "kling-2-1": "no page prints one",
  "kling-motion-control": "depends on what no request says",
};

type Body = { model?: string };
type Contract = { interactions: { request?: { path: string; body?: { content?: Body } } }[] };

/** A model is in the body, or at APIXO in the path and in a fixture's name; of its first two the names are older. */
function fixturesOf(vendor: string, model: string): string[] {
  const files = readdirSync(join(root, "fixtures", vendor)).filter((file) => /^submit\..*request\.json$/.test(file));
  if (vendor !== "apixo")
    return files.filter((file) => (JSON.parse(read(`fixtures/${vendor}/${file}`)) as Body).model === model);
  const unnamed = files.filter((file) => !/^submit\.(kling|veo)-/.test(file));
  if (model === "kling-2-6") return unnamed.filter((file) => !file.includes("turbo"));
  if (model === "kling-2-5-turbo-pro") return unnamed.filter((file) => file.includes("turbo"));
  return files.filter((file) => file.startsWith(`submit.${model}.`));
}

const interactionsOf = (vendor: string, model: string) =>
  (JSON.parse(read(`contracts/vidtask-${vendor}.json`)) as Contract).interactions.filter(
    ({ request }) => request?.path.endsWith(`/generateTask/${model}`) || request?.body?.content?.model === model,
  );

/** The least that a model takes: what its plan says is missing is added. */
function leastRequest(client: VideoClient, model: string) {
  const media = { image: "https://example.com/photo.jpg", motionVideo: "https://example.com/dance.mp4" };
  const request = { model, prompt: "a waterfall" };
  try {
    client.plan(request);
    return request;
  } catch (error) {
    if (!InvalidRequestError.isInstance(error)) throw error;
    const missing = new Set(error.issues.map(({ path }) => path));
    return { ...request, ...Object.fromEntries(Object.entries(media).filter(([field]) => missing.has(field))) };
  }
}

const emulator = createEmulator({ clock: "manual", credits: 1000 });
const clients: VideoClient[] = [
  createApixo(emulator.for("apixo")),
  createAIVideoAPI(emulator.for("aivideoapi")),
  createAPIModels(emulator.for("apimodels")),
];

type Row = {
  vendor: string;
  model: string;
  family: string;
  fixtures: number;
  interactions: number;
  video: boolean;
  price: string;
  source: string;
};

async function rowOf(client: VideoClient, model: string): Promise<Row> {
  const { vendor } = client;
  const { family = "", source } = client.models[model] ?? { source: "" };
  const request = leastRequest(client, model);
  const { price } = client.plan(request);
  const done = await emulator.clock.until(client.generate(request));
  const words = [price?.atMost && "at most", price && `$${price.usd}`, price?.contested && "contested"];
  return {
    vendor,
    model,
    family,
    fixtures: fixturesOf(vendor, model).length,
    interactions: interactionsOf(vendor, model).length,
    video: done.videos.length === 1 && emulator.requests.every((entry) => entry.undocumented === undefined),
    price: price ? words.filter(Boolean).join(" ") : (NO_PRICE[model] ?? ""),
    source,
  };
}

const rows: Row[] = [];
for (const client of clients) for (const model of Object.keys(client.models)) rows.push(await rowOf(client, model));

test("15 of 15 models with fixture, contract, emulator, price or why not", () => {
  const whole = rows.filter(
    (row) => row.fixtures > 0 && row.interactions > 0 && row.video && row.price !== "" && row.family !== "",
  );
  expect(`${whole.length} of ${rows.length}`).toBe("15 of 15");
});

test("a reason for no price is of a model that has none", () => {
  const priceless = rows.filter(({ price }) => !price.includes("$")).map(({ model }) => model);
  expect(Object.keys(NO_PRICE).toSorted()).toEqual(priceless.toSorted());
});

test("fixtures/FACTS.md has their table", () => {
  const lines = rows.map(
    ({ vendor, model, family, fixtures, interactions, price, source }) =>
      `| ${vendor} | \`${model}\` | \`${family}\` | ${fixtures} | ${interactions} | ${price} | ${source} |`,
  );
  const [, section = ""] = read("fixtures/FACTS.md").split("\n## Models\n");
  const written = section.split("\n").filter((line) => /^\| (apixo|aivideoapi|apimodels) \|/.test(line));
  expect(written).toEqual(lines);
});
