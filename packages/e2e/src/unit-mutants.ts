// Changes that the unit tests must notice, each with the test files that do: `npm run test:mutants`.
import type { UnitMutant } from "./mutated-copy.ts";
import { readingMutants } from "./reading-mutants.ts";
import { recoveryMutants } from "./recovery-mutants.ts";
import { storeMutants } from "./store-mutants.ts";
import { traceMutants } from "./trace-mutants.ts";
import { vendorMutants } from "./vendor-mutants.ts";

const NODE_HTTP = "core/src/submit/node-http.ts";
const NODE_TRANSPORT = "core/src/submit/node-transport.ts";
const transport = (...names: string[]) => ({
  package: "core",
  files: names.map((name) => `src/submit/${name}.test.ts`),
});

export const unitMutants: { readonly [name: string]: UnitMutant } = {
  ...readingMutants,
  ...recoveryMutants,
  ...storeMutants,
  ...traceMutants,
  ...vendorMutants,
  "short-lease": {
    broken: "the lease of an onTask lasts 5 s",
    patches: [{ file: "core/src/callback/lease.ts", from: "LEASE = 30_000", to: "LEASE = 5_000" }],
    tests: { package: "core", files: ["src/callback/receiver.test.ts"] },
  },
  "no-piece-length": {
    broken: "a finished file is not compared with the length that was announced",
    patches: [
      {
        file: "core/src/download/transfer.ts",
        from: "if (answer.to !== undefined && end > answer.to)",
        to: "if (false as boolean)",
      },
    ],
    tests: { package: "core", files: ["src/download/download.test.ts", "src/node/save-video-faults.test.ts"] },
  },
  "changed-part": {
    broken: "a part file that another program changed is moved into place",
    patches: [
      {
        file: "core/src/node/save-video-part.ts",
        from: "!(await isInPlace()) || (await part.stat()).size !== size",
        to: "!(await isInPlace())",
      },
    ],
    tests: { package: "core", files: ["src/node/save-video-faults.test.ts", "src/node/save-video.test.ts"] },
  },
  "no-cool-down": {
    broken: "a 429 without Retry-After holds nothing back",
    patches: [{ file: "core/src/limits/limiter.ts", from: "? 500 + backoff(1) :", to: "? 0 :" }],
    tests: { package: "core", files: ["src/limits/limiter.test.ts", "src/limits/limits.test.ts"] },
  },
  "slow-read": {
    broken: "a read is given up after 300 s",
    patches: [{ file: "core/src/http/call.ts", from: "READ_TIMEOUT = 30_000", to: "READ_TIMEOUT = 300_000" }],
    tests: { package: "core", files: ["src/http/call.test.ts"] },
  },
  "lost-is-taken": {
    broken: "a key that was declared lost is not free for another vendor",
    patches: [{ file: "core/src/journal/must-write.ts", from: ` && row.state !== "lost"`, to: "" }],
    tests: { package: "vidtask", files: ["src/router.test.ts"] },
  },
  "no-apixo-rate": {
    broken: "APIXO's 10,000 requests a minute are not kept",
    patches: [{ file: "apixo/src/apixo.ts", from: "requestsPerMinute: 10_000, ", to: "" }],
    tests: { package: "apixo", files: ["src/limits.test.ts"] },
  },
  "shared-details": {
    broken: "the details of one video are given to each of several",
    patches: [{ file: "apimodels/src/map.ts", from: "urls.length !== 1 || !resultJson", to: "!resultJson" }],
    tests: { package: "apimodels", files: ["src/map.test.ts"] },
  },
  "code-alone": {
    broken: "an AIVideoAPI error that is a code without a message is no refusal",
    patches: [{ file: "aivideoapi/src/wire.ts", from: "message: lenient(z.string()) }", to: "message: z.string() }" }],
    tests: { package: "aivideoapi", files: ["src/map.test.ts"] },
  },
  "default-ratio": {
    broken: "the emulator makes kling-2-6 wide when no ratio is asked for",
    patches: [
      {
        file: "emulator/src/vendors/apixo/models.ts",
        from: `duration: 5, aspectRatio: "1:1"`,
        to: `duration: 5, aspectRatio: "16:9"`,
      },
    ],
    tests: { package: "emulator", files: ["src/vendors/defaults.test.ts"] },
  },
  "default-sound": {
    broken: "the emulator's AIVideoAPI makes sound that was not asked for",
    patches: [{ file: "emulator/src/vendors/aivideoapi/models.ts", from: "sound: false }", to: "sound: true }" }],
    tests: { package: "emulator", files: ["src/vendors/defaults.test.ts"] },
  },
  "apixo-window": {
    broken: "APIXO's callbacks are awaited for less time than it repeats them",
    patches: [
      { file: "apixo/src/apixo.ts", from: /callbackWindowMs: [\d.]+ \* MINUTE/, to: "callbackWindowMs: 10 * MINUTE" },
    ],
    tests: { package: "apixo", files: ["src/apixo.test.ts"] },
  },
  "aivideoapi-window": {
    broken: "AIVideoAPI's callbacks are awaited for less time than it repeats them",
    patches: [
      {
        file: "aivideoapi/src/aivideoapi.ts",
        from: /callbackWindowMs: [\d.]+ \* MINUTE/,
        to: "callbackWindowMs: 10 * MINUTE",
      },
    ],
    tests: { package: "aivideoapi", files: ["src/aivideoapi.test.ts"] },
  },
  "apimodels-window": {
    broken: "APIModels' callbacks are awaited for less time than it repeats them",
    patches: [
      {
        file: "apimodels/src/apimodels.ts",
        from: /callbackWindowMs: [\d.]+ \* MINUTE/,
        to: "callbackWindowMs: 10 * MINUTE",
      },
    ],
    tests: { package: "apimodels", files: ["src/apimodels.test.ts"] },
  },
  "written-too-late": {
    broken: "a paid request counts as written once all of it has been",
    patches: [
      {
        file: NODE_HTTP,
        from: /isWritten = true;\s+request\.end\(post\.body\);/,
        to: "request.end(post.body, () => (isWritten = true));",
      },
    ],
    tests: transport("node-http"),
  },
  "no-last-clock": {
    broken: "a process that was stopped while it connected writes the paid request when it wakes",
    patches: [
      { file: NODE_HTTP, from: "if (post.isLate() || age() >= post.timeoutMs) return fail(tooLate());", to: "" },
    ],
    tests: transport("node-http", "pay"),
  },
  "kept-connection": {
    broken: "the connection of a paid request is kept for another one",
    patches: [{ file: NODE_HTTP, from: "keepAlive: false", to: "keepAlive: true" }],
    tests: transport("node-http"),
  },
  "lost-cut-answer": {
    broken: "an answer to a paid request that breaks off is no answer",
    patches: [{ file: NODE_HTTP, from: "if (answerNow) return { answer: answerNow(error) };", to: "" }],
    tests: transport("node-http"),
  },
  "past-a-mock": {
    broken: "the paid request passes a replaced fetch by",
    patches: [
      {
        file: NODE_TRANSPORT,
        from: `isNode() && Function.prototype.toString.call(send).includes("internal/deps/undici/undici")`,
        to: "isNode()",
      },
    ],
    tests: transport("node-transport", "send"),
  },
  "past-an-interceptor": {
    broken: "the paid request goes by node:http where that is a mock",
    patches: [
      {
        file: NODE_TRANSPORT,
        from: ".some(util.types.isProxy)) return undefined;",
        to: ".length < 0) return undefined;",
      },
    ],
    tests: transport("node-transport"),
  },
  "past-an-agent": {
    broken: "a dispatcher of npm's undici is taken for Node's own",
    patches: [
      { file: "core/src/submit/node-dispatcher.ts", from: "return isInside ? made : null;", to: "return made;" },
    ],
    tests: transport("node-transport"),
  },
  "proof-by-another": {
    broken: "the error of another request proves that the paid one never left",
    patches: [
      {
        file: "core/src/submit/not-sent.ts",
        from: "if (target && !mayConcern(error as Thrown, target)) return false;",
        to: "",
      },
    ],
    tests: transport("not-sent", "send"),
  },
};
