// Runs on each runtime: the vendors' conformance suite, and what a program does with them over HTTP.
import { vendorNames, vendors, type VendorName } from "@vidtask/bench/vendors";
import { describeVendor, type DescribeVendorOptions } from "@vidtask/core/testing";
import callbackAIVideoAPI from "../../../../../fixtures/aivideoapi/callback.completed.json" with { type: "json" };
import noCreditsAIVideoAPI from "../../../../../fixtures/aivideoapi/error.insufficient-credits.json" with { type: "json" };
import acceptedAIVideoAPI from "../../../../../fixtures/aivideoapi/submit.accepted.json" with { type: "json" };
import succeededAIVideoAPI from "../../../../../fixtures/aivideoapi/task.completed.json" with { type: "json" };
import failedAIVideoAPI from "../../../../../fixtures/aivideoapi/task.failed.json" with { type: "json" };
import processingAIVideoAPI from "../../../../../fixtures/aivideoapi/task.processing.json" with { type: "json" };
import callbackAPIModels from "../../../../../fixtures/apimodels/callback.completed.json" with { type: "json" };
import succeededAPIModels from "../../../../../fixtures/apimodels/status.completed.json" with { type: "json" };
import failedAPIModels from "../../../../../fixtures/apimodels/status.failed.json" with { type: "json" };
import processingAPIModels from "../../../../../fixtures/apimodels/status.processing.json" with { type: "json" };
import acceptedAPIModels from "../../../../../fixtures/apimodels/submit.accepted.json" with { type: "json" };
import callbackApixo from "../../../../../fixtures/apixo/callback.success.json" with { type: "json" };
import noCreditsApixo from "../../../../../fixtures/apixo/error.insufficient-credits.json" with { type: "json" };
import failedApixo from "../../../../../fixtures/apixo/status.failed.json" with { type: "json" };
import processingApixo from "../../../../../fixtures/apixo/status.processing.json" with { type: "json" };
import succeededApixo from "../../../../../fixtures/apixo/status.success.json" with { type: "json" };
import acceptedApixo from "../../../../../fixtures/apixo/submit.accepted.json" with { type: "json" };
import { aiSdkCases } from "./ai-sdk-cases.ts";
import { httpCases, routerCases } from "./http-cases.ts";
import { setupFor, type EmulatorAccess, type RuntimeAbilities, type Test } from "./setup.ts";

export const PARTS = ["describeVendor", "over HTTP", "AI SDK", "./node"] as const;
export type Part = (typeof PARTS)[number];
export type ConformanceAbout = { program: "conformance"; emulator: EmulatorAccess; nodeCases: string };
export type ConformanceTold = { [part in Part]: { passed: number; failed: string[] } };

const fixtures: { readonly [vendor in VendorName]: DescribeVendorOptions["fixtures"] } = {
  apixo: {
    accepted: acceptedApixo,
    processing: processingApixo,
    succeeded: succeededApixo,
    failed: failedApixo,
    refused: noCreditsApixo,
    callback: callbackApixo,
  },
  aivideoapi: {
    accepted: acceptedAIVideoAPI,
    processing: processingAIVideoAPI,
    succeeded: succeededAIVideoAPI,
    failed: failedAIVideoAPI,
    refused: noCreditsAIVideoAPI,
    callback: callbackAIVideoAPI,
  },
  apimodels: {
    accepted: acceptedAPIModels,
    processing: processingAPIModels,
    succeeded: succeededAPIModels,
    failed: failedAPIModels,
    // No page prints the body of an error: this is the documented envelope with a documented code.
    refused: { code: 402, msg: "余额不足 - 积分不够" },
    callback: callbackAPIModels,
  },
};

type Case = { part: Part; name: string; run: () => Promise<void> };

export async function runConformance(
  { emulator }: ConformanceAbout,
  abilities: RuntimeAbilities,
  say: (line: string) => void,
): Promise<ConformanceTold> {
  const collect = (part: Part, about: string, declare: (test: Test) => void): Case[] => {
    const found: Case[] = [];
    declare((name, run) => void found.push({ part, name: `${about}: ${name}`, run }));
    return found;
  };
  // Beside each other, as they wait more than they work; the cases of a line one after the other.
  const lines = [
    vendorNames.flatMap((vendor) =>
      collect("describeVendor", vendor, (test) =>
        describeVendor((options = {}) => vendors[vendor].create(options), {
          request: setupFor(vendor, emulator).request("conformance"),
          fixtures: fixtures[vendor],
          test,
        }),
      ),
    ),
    ...vendorNames.map((vendor) =>
      collect("over HTTP", vendor, (test) => httpCases(vendor, emulator, abilities, test)),
    ),
    ...vendorNames.map((vendor) => collect("AI SDK", vendor, (test) => aiSdkCases(vendor, emulator, test))),
    collect("over HTTP", "router", (test) => routerCases(emulator, test)),
    collect("./node", "./node", (test) => abilities.nodeCases?.(emulator, test)),
  ];
  const told = Object.fromEntries(PARTS.map((part) => [part, { passed: 0, failed: [] }])) as unknown as ConformanceTold;
  const all = lines.flat().length;
  let ended = 0;
  const runOne = async ({ part, name, run }: Case) => {
    try {
      await run();
      told[part].passed++;
    } catch (error) {
      told[part].failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (++ended % 10 === 0) say(`${ended} of ${all}`);
  };
  await Promise.all(
    lines.map(async (line) => {
      for (const one of line) await runOne(one);
    }),
  );
  return told;
}
