// Processes in which a library of mocks answers.
import { ANSWER, load, type Setup } from "./setup.ts";

type Msw = { http: { all(path: string, answer: () => Response): object }; HttpResponse: typeof Response };
type Nock = (origin: RegExp) => { persist(): Nock2 };
type Nock2 = { post(path: RegExp): { reply(status: number, body: object): void }; get: Nock2["post"] };

export const interceptors: readonly Setup[] = [
  {
    name: "MSW",
    way: "mock",
    isLong: true,
    async prepare(given) {
      const { setupServer } = await load<{ setupServer(...handlers: object[]): { listen(): void } }>(
        given,
        "msw/lib/node/index.js",
      );
      const { http, HttpResponse } = await load<Msw>(given, "msw/lib/core/index.js");
      setupServer(http.all("*", () => HttpResponse.json(ANSWER))).listen();
    },
  },
  ...[13, 14].map((version): Setup => ({
    name: `nock ${version}`,
    way: "mock",
    isLong: true,
    // 13 knows nothing of `fetch`, and so its reads are real.
    ...(version === 13 ? { outcomes: ["accepted", "refused", "reset"] } : {}),
    async prepare(given) {
      const { default: nock } = await load<{ default: Nock }>(given, `nock-${version}/index.js`);
      nock(/./).persist().post(/./).reply(200, ANSWER);
      nock(/./).persist().get(/./).reply(200, ANSWER);
    },
  })),
];
