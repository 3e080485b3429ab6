// Of the mutants of `unit-mutants.ts` those that break what a vendor's description is promised.
import type { UnitMutant } from "./mutated-copy.ts";

const core = (...files: string[]) => ({ package: "core", files: files.map((file) => `src/${file}.test.ts`) });

export const vendorMutants: { readonly [name: string]: UnitMutant } = {
  "derived-shown": {
    broken: "what credentials were made into is shown in errors",
    patches: [
      {
        file: "core/src/context/credentials.ts",
        from: "remember(Object.values(headers)",
        to: "void (Object.values(headers)",
      },
    ],
    tests: core("context/credentials"),
  },
  "function-secret-shown": {
    broken: "what a secret's function gave is shown in errors",
    patches: [{ file: "core/src/context/credentials.ts", from: "remember([value]);", to: "" }],
    tests: core("context/credentials"),
  },
  "auth-after-sending": {
    broken: "the paid request is signed once its row says that it is sending",
    patches: [
      {
        file: "core/src/submit/pay.ts",
        from: "sendOnce(post,",
        to: "sendOnce({ ...post, headers: { ...post.headers, ...(await context.credentials.headers()) } },",
      },
    ],
    tests: core("context/credentials"),
  },
  "signed-once": {
    broken: "what was signed for one call is used past its end",
    patches: [
      {
        file: "core/src/context/credentials.ts",
        from: "(auth ? await auth(secrets, now())",
        to: "(auth ? ((make as { kept?: AuthHeaders | undefined }).kept ??= await auth(secrets, now()))",
      },
    ],
    tests: { ...core("context/credentials"), only: "^credentials are made for the time of each call" },
  },
  "failing-secret-sends": {
    broken: "a submit leaves without the credentials that could not be made",
    patches: [
      {
        file: "core/src/submit/prepare.ts",
        from: "until(context.credentials.make())",
        to: "until(context.credentials.make().catch(() => ({ headers: {}, secrets: {} })))",
      },
    ],
    tests: { ...core("context/credentials"), only: "^the function of a secret rejects" },
  },
  "auth-to-any-origin": {
    broken: "credentials go to a URL that only an answer's body names",
    patches: [{ file: "core/src/download/source.ts", from: "auth && !context.isOwn(url)", to: "auth && !context" }],
    tests: core("download/video-auth"),
  },
  "bytes-in-journal": {
    broken: "a row holds the bytes of its files",
    patches: [
      {
        file: "core/src/request/hash.ts",
        from: "bytes: value.size }",
        to: "bytes: value.size, base64: btoa(await value.text()) }",
      },
    ],
    tests: core("submit/files", "request/hash"),
  },
  "past-the-base-url": {
    broken: "a named origin is called past a base URL of the user's own",
    patches: [
      {
        file: "core/src/context/settings.ts",
        from: "own === undefined || isBaseUrlSet(options, adapter)",
        to: "own === undefined",
      },
    ],
    tests: core("context/context", "vendor-spec/call", "context/credentials", "testing/describe-vendor"),
  },
  "auth-through-redirect": {
    broken: "a video's credentials follow a redirect",
    patches: [{ file: "core/src/download/range.ts", from: "if (next.origin !== url.origin) auth = {};", to: "" }],
    tests: core("download/video-auth"),
  },
  "second-step-fails": {
    broken: "a 404 or a 429 of a second call is read as an end",
    patches: [{ file: "core/src/http/call.ts", from: "[401, 403, 404, 407, 408, 425, 429]", to: "[0]" }],
    tests: core("poll/second-step"),
  },
  "refused-once": {
    broken: "the first 401 of a read is its answer",
    patches: [
      {
        file: "core/src/http/call.ts",
        from: `phase !== "submit" && credentials`,
        to: "phase === undefined && credentials",
      },
    ],
    tests: core("context/credentials"),
  },
  "unsigned-believed": {
    broken: "what a callback says is believed without a signature",
    patches: [
      { file: "core/src/callback/receiver.ts", from: "const end = isSigned ?", to: "const end = isSigned !== false ?" },
    ],
    tests: core("callback/signed", "callback/unverified"),
  },
  "signed-for-any-key": {
    broken: "a signed callback saves the question while the journal has no task for its key",
    patches: [{ file: "core/src/callback/process.ts", from: `standingOf(row, notice) !== "known" ||`, to: "" }],
    tests: core("callback/signed", "callback/receiver"),
  },
  "variant-not-in-ticket": {
    broken: "a callback's ticket forgets the kind of task",
    patches: [
      { file: "core/src/callback/token.ts", from: "variant === undefined ? said : [...said, variant]", to: "said" },
    ],
    tests: core("request/variant", "callback/token"),
  },
  "variant-not-in-ref": {
    broken: "a ref's text forgets the kind of task",
    patches: [{ file: "core/src/task/task.ts", from: "...(ref.variant === undefined ? [] : [ref.variant])", to: "" }],
    tests: core("request/variant", "task/parse-ref"),
  },
  "variant-not-in-row": {
    broken: "a row forgets the kind of task",
    patches: [{ file: "core/src/submit/claim.ts", from: "    ...variant,\n", to: "" }],
    tests: core("request/variant"),
  },
  "unlisted-by-accident": {
    broken: "an id that is not listed needs no asking on purpose",
    patches: [
      { file: "core/src/request/unlisted.ts", from: `unlisted !== undefined;`, to: `extraBody !== undefined;` },
    ],
    tests: core("request/unlisted", "request/plan", "submit/plan-submit"),
  },
  "inline-one-more": {
    broken: "a file of one byte too many goes into the request",
    patches: [
      {
        file: "core/src/submit/file-way.ts",
        from: "file.size <= adapter.inline.maxBytes",
        to: "file.size <= adapter.inline.maxBytes + 1",
      },
    ],
    tests: core("submit/files"),
  },
};
