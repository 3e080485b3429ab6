// How faithful this dialect is. VENDORS.md has the same table.
import type { FidelityRow } from "../fidelity-row.ts";

export const fidelity: readonly FidelityRow[] = [
  {
    what: "submit, status, balance",
    mark: "documented",
    does: "paths, fields, rules of fields, states and the envelope as printed",
  },
  {
    what: "time of a task",
    mark: "documented",
    does: "kling-2-6: 50–70 s for 5 s, 80–100 s for 10 s; kling-2-5-turbo-pro: 30–45 s and 45–60 s",
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
    does: "0.10 USD a task, as no page at hand prints one and a flat price keeps sums easy to check; veo-3-1 0.20 or 1.50, as its older pages print",
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
    what: "time of the other models",
    mark: "assumed",
    does: "60–180 s, roughly what the others print",
    other: "any time for all: option taskMs, or --fast",
  },
  {
    what: "what stored pages do not show",
    mark: "assumed",
    does: "sound of kling-3-0-std and the options of kling-3-0-turbo are optional, kling-2-1 wants a prompt, veo-3-1 makes 8 s",
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
];
