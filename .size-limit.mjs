// What a user's bundle pays: `npm run budgets` after a build. It was 39.5 and 42.4 kB before the paid request had a
// transport of its own, options were checked where they are given, answers were read tolerantly, and a vendor could sign,
// find, cancel and be limited over many machines; with all of it 57 and 60.5. A model is about 0.3 kB, and what a description is checked for 1.7. The issue on speed takes it back: 20 kB of
// own code for submit and wait are the goal, and parts that few programs use behind `import()`.
const gzip = true;
export default [
  {
    name: "one vendor",
    path: "packages/apixo/dist/index.js",
    import: "{ createApixo, VidtaskError }",
    limit: "66 kB",
    gzip,
  },
  {
    name: "all three",
    path: "packages/vidtask/dist/index.js",
    import: "{ createAIVideoAPI, createAPIModels, createApixo }",
    limit: "71 kB",
    gzip,
  },
  {
    name: "the AI SDK's provider over one vendor",
    path: "packages/ai-sdk-provider/dist/apixo.js",
    import: "{ apixo }",
    limit: "80 kB",
    gzip,
  },
  {
    name: "the AI SDK's provider, beside a client and the SDK",
    path: "packages/ai-sdk-provider/dist/index.js",
    import: "{ createVidtaskProvider }",
    ignore: ["@vidtask/core", "@ai-sdk/provider"],
    limit: "8 kB",
    gzip,
  },
];
