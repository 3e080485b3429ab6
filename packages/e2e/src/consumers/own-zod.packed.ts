// A vendor package whose author brings a zod of its own: core's is another copy, and understands its schemas.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { packedProject } from "../../../../.ci/pack.ts";

/** What `npm test` has packed already. */
const project = process.env["VIDTASK_PACKED"] ?? (await packedProject()).folder;

const program = (zod: string) => `
import { defineVendor, media, requestSchema, undocumented } from "@vidtask/core/adapter";
import * as z from "${zod}";
const createAcme = defineVendor({
  vendor: "acme",
  baseUrl: "https://api.acme.test",
  secrets: { apiKey: "ACME_API_KEY" },
  models: {
    "acme-1": {
      source: "Acme /docs/video",
      request: requestSchema({
        prompt: z.string().check(z.maxLength(20)),
        image: z.optional(media()),
        frames: z.optional(z.array(z.union([media(), z.object({ at: z.number() })]))),
        duration: z._default(z.literal([4, 8]), 4),
        seed: undocumented(z.optional(z.number()), "no page has it"),
      }),
    },
  },
  submit: { call: (request) => ({ path: "/tasks", json: request }), read: (body) => body },
  status: { call: ({ id }) => ({ path: "/tasks/" + id }), read: () => ({ state: "processing" }) },
  refusal: () => undefined,
});
const acme = createAcme({ upload: async () => "https://a.test/file" });
const issuesOf = (request) => {
  try { return acme.plan({ model: "acme-1", ...request }); } catch (error) { return error.issues; }
};
const file = new Blob(["x"], { type: "image/png" });
console.log(JSON.stringify([
  issuesOf({ prompt: "a waterfall", image: file, frames: [file, { at: 1 }], seed: 1 }),
  issuesOf({ prompt: "a waterfall that is too long", duration: 5, image: "nowhere", sound: true }),
]));`;

async function shownWith(zod: string): Promise<unknown> {
  const file = join(project, `${zod.replaceAll(/\W/g, "-")}.mjs`);
  writeFileSync(file, program(zod));
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: project });
  return JSON.parse(stdout);
}

test("a vendor is the same with a zod of its own as with core's", async () => {
  const [plan, issues] = (await shownWith("@vidtask/core/schema")) as [{ body: unknown }, { path: string }[]];
  expect(plan.body).toMatchObject({ image: "upload:image", frames: ["upload:frames.0", { at: 1 }], duration: 4 });
  expect(issues.map(({ path }) => path)).toEqual(["prompt", "image", "duration", "sound"]);
  expect(await shownWith("zod/mini")).toEqual([plan, issues]);
});
