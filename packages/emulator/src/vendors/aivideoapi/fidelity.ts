// How faithful this dialect is. VENDORS.md has the same table.
import type { FidelityRow } from "../fidelity-row.ts";

export const fidelity: readonly FidelityRow[] = [
  {
    what: "submit, task, credits, errors",
    mark: "documented",
    does: "paths, fields, the three shapes of bodies, codes and types as printed",
  },
  {
    what: "price",
    mark: "documented",
    does: "the pages' tables, in credits of 0.005 USD, given back when a task fails",
  },
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
    what: "what stored pages do not show",
    mark: "assumed",
    does: "a list of motion control takes one URL and its result lasts 5 s, veo-3 makes 8 s; a result names its model as madeBy",
  },
  {
    what: "price of kling-3.0",
    mark: "contradicted",
    does: "28 to 54 credits a second, as the newer page prints",
    other: "100 credits a video (the older page): none",
  },
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
];
