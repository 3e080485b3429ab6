// A vendor whose clients sign in with two secrets, in a module of its own.
import { defineDialect } from "../vendors/define-dialect.ts";

export const twoSecrets = defineDialect({
  name: "two-secrets",
  path: "/v2",
  secrets: { accessKey: "ak-emulator", secretKey: "sk-emulator" },
  auth: ({ headers }, { secrets }) => headers.get("x-key") === `${secrets["accessKey"]}.${secrets["secretKey"]}`,
  states: { done: "succeeded" },
  stateKey: "status",
  failCodes: {},
  refunds: false,
  refuse: (status, message) => ({ status, body: { message } }),
  submit: {
    route: "POST /videos",
    task: () => ({ model: "any", clip: { prompt: "any" }, usd: 0, time: [0, 0] }),
    accepted: ({ id }) => ({ body: { id } }),
  },
  status: { route: "GET /videos/:id", answer: ({ state }) => ({ body: { status: state } }) },
});
