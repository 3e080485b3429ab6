// The program is `vidtask`. What it prints with `--json` has these types.
export type {
  AcceptedLine,
  BalanceLine,
  CheckLine,
  ErrorLine,
  ModelLine,
  NoteLine,
  OfferLine,
  OutputLine,
  RowLine,
  SavedLine,
  StateLine,
  SummaryLine,
  TaskLine,
} from "./output/lines.ts";
