// How faithful each vendor's dialect is: what a page says, what none says and why it was chosen so, where pages contradict
// each other, and how to have the other reading. VENDORS.md has the same tables.

export interface FidelityRow {
  readonly what: string;
  readonly mark: "documented" | "assumed" | "contradicted";
  /** What the emulator does, and why. */
  readonly does: string;
  /** The other reading, and how to switch to it. */
  readonly other?: string;
}

export interface Fidelity {
  readonly vendor: string;
  readonly rows: readonly FidelityRow[];
}

export const fidelity: readonly Fidelity[] = [
  {
    vendor: "apixo",
    rows: [
      {
        what: "submit, status, balance",
        mark: "documented",
        does: "paths, fields, rules of fields, states and the envelope as printed",
      },
      {
        what: "time of a task",
        mark: "documented",
        does: "50–70 s for 5 s, 80–100 s for 10 s; turbo 30–45 s and 45–60 s",
        other: "any time for all: option taskMs, or --fast",
      },
      {
        what: "limits",
        mark: "documented",
        does: "10 000 requests a minute, 1000 tasks at a time, then 429",
        other: "429 at once: fault 429",
      },
      {
        what: "price",
        mark: "assumed",
        does: "0.10 USD a task, as no page at hand prints one and a flat price keeps sums easy to check",
        other: "accounts.apixo.priceUsd",
      },
      {
        what: "a failed task",
        mark: "assumed",
        does: "stays charged, as no page speaks of a refund, and a client must not count on one",
        other: "accounts.apixo.refundsFailed: true",
      },
      {
        what: "bodies of 404, 413, 429 and 5xx",
        mark: "assumed",
        does: "the printed envelope, with the page's description of the code",
        other: "a gateway's page: faults html-502, 502",
      },
      {
        what: "mode, duration and sound of kling-2-6",
        mark: "assumed",
        does: "required, as no default is printed and the newest page calls sound required",
      },
      {
        what: "a loopback callback_url",
        mark: "assumed",
        does: "taken, over http too, when the emulator itself was reached on loopback; the page wants public HTTPS",
      },
      {
        what: "how long a result lives",
        mark: "contradicted",
        does: "15 days, as the models' own pages say",
        other: "24 hours (/docs/api-reference/response-format): accounts.apixo.resultLifeMs: 86400000",
      },
      {
        what: "a short balance",
        mark: "contradicted",
        does: "400 Insufficient credits, as the model's page prints",
        other: "402 (/docs/api-reference/errors), without a printed body: none",
      },
    ],
  },
  {
    vendor: "aivideoapi",
    rows: [
      {
        what: "submit, task, credits, errors",
        mark: "documented",
        does: "paths, fields, the three shapes of bodies, codes and types as printed",
      },
      { what: "price", mark: "documented", does: "110, 220 or 440 credits of 0.005 USD, given back when a task fails" },
      {
        what: "addresses and spending limits",
        mark: "documented",
        does: "off until they are set",
        other: "accounts.aivideoapi.allowedIps and spendLimit",
      },
      {
        what: "time of a task",
        mark: "assumed",
        does: "60–180 s, roughly what other vendors print of the same model",
        other: "any time for all: option taskMs, or --fast",
      },
      {
        what: "requests a minute",
        mark: "assumed",
        does: "10 000: that there is a limit is printed, its number is not",
        other: "429 at once: fault 429",
      },
      { what: "messages of most errors", mark: "assumed", does: "plain words, as only four messages are printed" },
      { what: "a pending task", mark: "assumed", does: "looks like a processing one, which is printed" },
      {
        what: "how long a result lives",
        mark: "contradicted",
        does: "for ever, as the model's own page says",
        other: "24 hours (another model's page): accounts.aivideoapi.resultLifeMs: 86400000",
      },
      {
        what: "attempts of a callback",
        mark: "contradicted",
        does: "three in all, as the page's table shows",
        other: "one sentence says up to three retries: none",
      },
    ],
  },
  {
    vendor: "apimodels",
    rows: [
      {
        what: "submit, status, callback",
        mark: "documented",
        does: "paths, fields, states, the envelope and the callback's body as printed",
      },
      { what: "prices", mark: "documented", does: "the page's table; what has no row in it is refused" },
      {
        what: "time of a task",
        mark: "assumed",
        does: "half up to 142 s, nine of ten up to 486 s (the vendor's client); straight lines between",
        other: "any time for all: option taskMs, or --fast",
      },
      {
        what: "errors",
        mark: "assumed",
        does: "the HTTP status that is printed, in the printed envelope, as no body is",
        other: "HTTP 200 with the error in code (the vendor's client): accounts.apimodels.errorsAsHttp200: true",
      },
      {
        what: "defaults",
        mark: "assumed",
        does: "std, 5 s, 16:9, silent: those of the API that is resold",
      },
      {
        what: "when money moves",
        mark: "assumed",
        does: "charged to the ledger at submit, so that a second submit is seen at once; in the balance as frozen until the end",
      },
      {
        what: "duration as a number, images, GET /models",
        mark: "assumed",
        does: "taken, because the vendor's own client (apimodels-mcp 0.3.0) sends them; listed as undocumented",
      },
      {
        what: "price of kling-v3",
        mark: "contradicted",
        does: "the table: 0.0633 USD a second and up",
        other: "the list above it says from $0.0064 a second; nothing explains it: none",
      },
      {
        what: "how long a result lives",
        mark: "assumed",
        does: "7 days (the vendor's client)",
        other: "accounts.apimodels.resultLifeMs",
      },
    ],
  },
];
