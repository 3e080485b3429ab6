// Every package's tests: `vitest run --config ../../.ci/vitest.config.ts --root . --mode unit|contract|verify|packed|stores`.
import { join } from "node:path";
import { configDefaults, defineConfig } from "vitest/config";

const here = import.meta.dirname;
const alone = ["src/**/*.alone.test.ts", "examples/**/*.alone.test.ts"];
// Node reads the sources as they are: that costs a suite that runs for the first time half as much as Vite's runner.
const experimental = { viteModuleRunner: false };
const tests: Record<string, string[]> = {
  unit: ["src/**/*.test.ts", "examples/**/*.test.ts"],
  contract: ["src/**/*.contract.ts"],
  verify: ["src/**/*.verify.ts"],
  packed: ["src/**/*.packed.ts"],
  // By packages/e2e/src/apart.ts, which installs what they need.
  page: ["src/**/*.page.mjs"],
  clients: ["src/**/*.clients.ts"],
  cli: ["src/**/*.cli.ts"],
  stores: ["src/**/*.stores.ts", "examples/**/*.stores.ts"],
  next: ["examples/**/*.next.ts"],
};

export default defineConfig(({ mode }) => {
  const include = tests[mode];
  if (!include) throw new Error(`--mode ${mode}: expected one of ${Object.keys(tests).join(", ")}`);
  const projects = [
    {
      extends: true as const,
      test: { name: "shared", include, exclude: [...configDefaults.exclude, ...alone], experimental },
    },
    { extends: true as const, test: { name: "alone", include: alone, isolate: true } },
  ];
  const pact = mode === "contract" || mode === "verify";
  return {
    test: {
      ...(mode === "unit" ? { projects } : { include, ...(pact && { experimental }) }),
      env: {
        NODE_ENV: "test",
        PACT_DO_NOT_TRACK: "true",
        // The programs that tests start compile and strip each file once, not once a process.
        NODE_COMPILE_CACHE: join(here, "../node_modules/.cache/node-compile"),
        // The short form, of one seed; `VIDTASK_FUZZ_RUNS=3000` is a long one.
        VIDTASK_FUZZ_RUNS: process.env["VIDTASK_FUZZ_RUNS"] ?? "40",
      },
      setupFiles: [join(here, "offline.ts")],
      ...(mode === "contract" && { globalSetup: [join(here, "fresh-contract.ts")] }),
      allowOnly: false,
      passWithNoTests: false,
      retry: 0,
      // Files share a process and its loaded modules, which halves what a suite costs. A test that spoils what it looks at
      // (it asks each getter of each prototype), puts one module in the place of another (`vi.mock`), loads one anew (`vi.resetModules`), or
      // leaves something in the process, is called `*.alone.test.ts` and gets a process of its own.
      isolate: false,
      // Of `test.concurrent`, which is for what waits.
      maxConcurrency: 10,
      // Pact's native library writes one file per vendor, so one process at a time.
      fileParallelism: !pact && mode !== "page",
      // Far above what any test takes: it ends what hangs, a busy machine ends nothing.
      testTimeout: 180_000,
      hookTimeout: 180_000,
      reporters: ["default", "json"],
      outputFile: { json: join(process.cwd(), ".reports", `${mode}.json`) },
    },
  };
});
