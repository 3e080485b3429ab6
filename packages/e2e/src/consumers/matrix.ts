// What the consumers are compiled with.
import { join } from "node:path";

const WORKSPACE = join(import.meta.dirname, "../../../..");
/** Where `npm ci` puts the compilers of the whole matrix. */
export const CONSUMERS = join(import.meta.dirname, "../../consumers");

export type Compiler = {
  name: string;
  /** Holds the compiler, and Node's types. */
  modules: string;
};

const inConsumers = (name: string): Compiler => ({ name, modules: join(CONSUMERS, "node_modules") });
const inWorkspace = (name: string): Compiler => ({ name, modules: join(WORKSPACE, "node_modules") });

export const allCompilers = ["typescript-5.5", "typescript-5.9", "typescript-6", "typescript-7"].map(inConsumers);
/** Those that the workspace needs anyway, the quick one first. */
export const [quickCompiler, buildCompiler] = [inWorkspace("typescript-7"), inWorkspace("typescript")];

/** Where a program of the platform `web` runs, there is nothing of Node; `node` has no DOM. */
export type Platform = "web" | "node";
export type Setting = { platform: Platform; resolution: "bundler" | "node16"; exact: boolean };

export const nameOf = ({ platform, resolution, exact }: Setting): string =>
  `${platform}, ${resolution}${exact ? ", exactOptionalPropertyTypes" : ""}`;

export const allSettings: readonly Setting[] = (["web", "node"] as const).flatMap((platform) =>
  (["bundler", "node16"] as const).flatMap((resolution) =>
    [true, false].map((exact) => ({ platform, resolution, exact })),
  ),
);

/** Half of them, in which every two values stand side by side. */
export const pairwiseSettings: readonly Setting[] = allSettings.filter(
  ({ platform, resolution, exact }) => (platform === "web") === ((resolution === "bundler") === exact),
);

export const compilerOptions = ({ platform, resolution, exact }: Setting) => ({
  strict: true,
  exactOptionalPropertyTypes: exact,
  noUncheckedIndexedAccess: exact,
  skipLibCheck: false,
  target: "es2022",
  module: resolution === "bundler" ? "esnext" : "node16",
  moduleResolution: resolution,
  lib: platform === "web" ? ["es2022", "dom"] : ["es2022"],
  types: platform === "web" ? [] : ["node"],
  noEmit: true,
});
