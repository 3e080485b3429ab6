import { UsageError } from "../usage-error.ts";

/**
 * Text as it was meant: a byte that is no UTF-8 would be paid for as a question mark in a prompt.
 *
 * @throws UsageError for bytes that are no UTF-8; `where` names what was read
 */
export function utf8(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${where} is not UTF-8`, ["Save it as UTF-8 (a spreadsheet calls it CSV UTF-8)."]);
  }
}
