// How APIModels may answer an account.
import type { Context } from "../context.ts";
import { lifeMs, trueOrFalse } from "../rules.ts";

export interface APIModelsAccount {
  /**
   * Refusals come as HTTP 200 with the error in `code`, which the vendor's own client (C) warns of; else as the HTTP
   * status that the page documents. @default false
   */
  errorsAsHttp200?: boolean | undefined;
  /** How long a result URL lives, in milliseconds. @default 7 days */
  resultLifeMs?: number | undefined;
}

export const settings = { errorsAsHttp200: trueOrFalse, resultLifeMs: lifeMs };

export const hidesErrors = (context: Context) => (context.settings as APIModelsAccount).errorsAsHttp200 === true;
