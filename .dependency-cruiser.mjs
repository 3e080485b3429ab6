// Which file may import which, type imports included: `npm run check -- imports`.
// Top to bottom. A file imports from its own folder or from a line below, never from a neighbour and never up.
// A new folder needs its place in a line here.
const layers = {
  core: [
    "index|adapter|router|schema|node|testing",
    "client",
    "submit",
    "callback|download",
    "poll",
    "http",
    "context",
    "journal|request",
    "vendor-spec",
    "limits|redact|trace",
    "task|time",
  ],
  emulator: [
    "index|given-state|cli|vitest|connect",
    "emulator",
    "control",
    "scopes",
    "world",
    "handle|options",
    "callbacks",
    "faults",
    "vendors",
    "files",
    "state",
    "network|video",
    "time|mp4|page-files",
    "names",
  ],
  cli: [
    "index|vidtask",
    "main",
    "program|help-json",
    "commands",
    "batch",
    "request",
    "clients",
    "output",
    "config|interrupt",
    "arguments|exit-codes|usage-error|vendors",
  ],
  mcp: ["index|vidtask-mcp", "main", "server", "tools", "desk", "answers|folder|spending", "patience|refusal|settings"],
};

const tests = "\\.(test|contract|verify|stores|cli)\\.ts$|/test/";
const vendors = "aivideoapi|apimodels|apixo";
const anywhere = `^packages/(core|stores|ai-sdk-provider|vidtask|${vendors})/src/`; // what runs on every runtime
const published = `^packages/(core|stores|otel|ai-sdk-provider|vidtask|emulator|cli|mcp|${vendors})/src/`;
const rule = (name, from, to) => ({
  name,
  severity: "error",
  from: typeof from === "string" ? { path: from, pathNot: tests } : from,
  to: typeof to === "string" ? { path: to } : to,
});

const layered = ([name, lines]) => {
  const src = `^packages/${name}/src/`;
  const at = (folders) => `${src}(${folders})(/|\\.ts$)`;
  const itself = `${src}$1(/|\\.ts$)`;
  const unknown = { path: src, pathNot: `${at(lines.join("|"))}|${tests}` };
  return [
    ...lines.map((folders, i) =>
      rule(`${name}: imports point down`, at(folders), { path: at(lines.slice(0, i + 1).join("|")), pathNot: itself }),
    ),
    rule(`${name}: every folder has its layer`, unknown, {}),
    rule(`${name}: every folder has its layer`, {}, unknown),
  ];
};

export default {
  options: {
    tsPreCompilationDeps: true,
    exclude: "^packages/[^/]+/(dist|\\.readme|site)/", // made by builds and tests
    doNotFollow: "node_modules",
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "node", "default"] },
  },
  forbidden: [
    ...Object.entries(layers).flatMap(layered),
    rule("no circle of files", {}, { circular: true }),
    // The benches start the servers that the stores' suite starts.
    rule("no test, and no helper of tests, is imported", "^packages/(?!bench/)[^/]+/src/", tests),

    rule("core depends on no other package", "^packages/core/src/", "^packages/(?!core/)"),
    rule("a vendor package depends on core only", `^packages/(${vendors})/src/`, {
      path: "^packages/",
      pathNot: "^packages/($1|core)/src/",
    }),
    rule("the stores take types of core's front door only", "^packages/stores/src/", {
      path: "^packages/(?!stores/)",
      pathNot: "^packages/core/src/index\\.ts$",
    }),
    rule("the stores take types of core's front door only", "^packages/stores/src/", {
      path: "^packages/core/",
      dependencyTypesNot: ["type-only"],
    }),
    rule("vidtask depends on core and the vendors", "^packages/vidtask/src/", {
      path: "^packages/",
      pathNot: `^packages/(vidtask|core|${vendors})/src/`,
    }),
    rule("the command line depends on vidtask, core's doors and the emulator", "^packages/cli/src/", {
      path: "^packages/",
      pathNot: "^packages/(cli/src/|(core|vidtask|emulator)/src/(index|node|router|connect)(/index)?\\.ts$)",
    }),
    rule("the MCP server depends on vidtask, core's doors and the emulator", "^packages/mcp/src/", {
      path: "^packages/",
      pathNot: "^packages/(mcp/src/|(core|vidtask|emulator)/src/(index|node|router|connect)(/index)?\\.ts$)",
    }),
    // Whoever does not ask for it does not load it.
    rule("the emulator is loaded only for --emulate", "^packages/(cli|mcp)/src/", {
      path: "^packages/emulator/",
      dependencyTypesNot: ["dynamic-import", "type-only"],
    }),
    rule("the AI SDK's provider knows the vendors in their own files only", "^packages/ai-sdk-provider/src/", {
      path: "^packages/",
      pathNot: `^packages/(ai-sdk-provider/|core/src/(index|router)\\.ts$|(${vendors})/src/index\\.ts$)`,
    }),
    rule(
      "the AI SDK's provider knows the vendors in their own files only",
      `^packages/ai-sdk-provider/src/(?!(${vendors})\\.ts$)`,
      `^packages/(${vendors})/`,
    ),
    rule("the spans know core's front door only", "^packages/otel/src/", {
      path: "^packages/(?!otel/)",
      pathNot: "^packages/core/src/index\\.ts$",
    }),
    rule("bench does not depend on e2e", "^packages/bench/", "^packages/e2e/"),
    // If both sides shared one reading of the vendors' pages, every contract would be true by construction.
    rule("the emulator takes types of core's front door only", "^packages/emulator/src/", {
      path: "^packages/(?!emulator/)",
      pathNot: "^packages/core/src/index\\.ts$",
    }),
    rule("the emulator takes types of core's front door only", "^packages/emulator/src/", {
      path: "^packages/core/",
      dependencyTypesNot: ["type-only"],
    }),
    rule("core needs ky and zod only, the vendors core", "^packages/core/src/", {
      dependencyTypes: ["npm"],
      pathNot: "(^|/)node_modules/(ky|zod)/",
    }),
    // Of zod too: core has the one that a program loads.
    rule("core needs ky and zod only, the vendors core", `^packages/(${vendors})/src/`, { dependencyTypes: ["npm"] }),
    // The root's devDependencies resolve from everywhere here, and from nowhere at a user's.
    rule("what is published imports what its package.json declares", published, {
      dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown", "unknown"],
      dependencyTypesNot: ["npm-peer"],
    }),
    // The whole of zod costs a bundle 100 kB. The MCP server's SDK loads it anyway, and warns of the small one.
    rule(
      "what is published imports zod/mini",
      { path: published, pathNot: `${tests}|^packages/mcp/` },
      {
        path: "(^|/)node_modules/zod/",
        pathNot: "(^|/)node_modules/zod/mini/",
      },
    ),
    rule("Node only under node and testing", `${anywhere}(?!(node|testing)[/.])`, {
      dependencyTypes: ["core"],
      dependencyTypesNot: ["type-only"], // of what `process.getBuiltinModule` may give
    }),
    rule(
      "Node only under node and testing",
      `${anywhere}(?!(node|testing)[/.])`,
      "^packages/[^/]+/src/(node|testing)[/.]",
    ),
  ],
};
