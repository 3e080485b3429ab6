// How faithful this dialect is. VENDORS.md has the same table.
import type { FidelityRow } from "../fidelity-row.ts";

export const fidelity: readonly FidelityRow[] = [
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
    what: "price of motion control",
    mark: "assumed",
    does: "that of Kling 2.6, 0.06 or 0.10 USD a second, as no field that would choose 3.0 is known",
  },
  {
    what: "price of kling-v3 and of the omni models",
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
];
