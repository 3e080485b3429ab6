// One file of the whole suite for every runtime: the sources as they are with every dependency inside, and nothing of Node.
import { builtinModules } from "node:module";
import { join, relative } from "node:path";
import { build, type Options } from "tsup";

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

export type Bundles = {
  /** Runs on Node, Bun and Deno. */
  process: string;
  /** A module of a Worker. */
  worker: string;
  /** What only `./node` can do; it may import Node. */
  nodeCases: string;
};

/** @throws when anything but a test imports a module of Node. */
export async function bundle(root: string, outDir: string): Promise<Bundles> {
  const at = (name: string) => join(root, "packages/e2e/src/runtimes", name);
  const always: Options = {
    format: "esm",
    outDir,
    target: "es2023",
    noExternal: [/.*/],
    splitting: false,
    removeNodeProtocol: false,
    config: false,
    silent: true,
  };
  await build({
    ...always,
    entry: { process: at("on-process.ts"), worker: at("on-workerd.ts") },
    platform: "neutral",
    esbuildPlugins: [noGateway, noNode(root, at("assert.ts"))],
  });
  await build({
    ...always,
    entry: { nodeCases: at("conformance/node-cases.ts") },
    platform: "node",
    external: [/^node:/],
  });
  return {
    process: join(outDir, "process.js"),
    worker: join(outDir, "worker.js"),
    nodeCases: join(outDir, "nodeCases.js"),
  };
}

/** The AI SDK's gateway signs in with it, by files; nothing here asks the gateway, and a Worker has no files. */
const noGateway: Plugin = {
  name: "no-gateway",
  setup(build) {
    build.onResolve({ filter: /^@vercel\/oidc$/ }, ({ path }) => ({ path, namespace: "absent" }));
    build.onLoad({ filter: /.*/, namespace: "absent" }, () => ({ contents: "module.exports = {};" }));
  },
};

/** Tests say what they expect with `node:assert`, which gets a stand-in; every other module of Node is an error. */
const noNode = (root: string, assert: string): Plugin => ({
  name: "no-node",
  setup(build) {
    const isTest = /\/packages\/(core\/src\/testing|e2e\/src)\//;
    build.onResolve({ filter: new RegExp(`^(node:.*|${builtinModules.join("|")})$`) }, ({ path, importer }) =>
      path === "node:assert/strict" && isTest.test(importer)
        ? { path: assert }
        : { errors: [{ text: `${relative(root, importer)} imports ${path}, which only Node has` }] },
    );
  },
});
