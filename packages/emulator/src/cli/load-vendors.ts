// `--vendors apixo,./acme.js`: names of vendors, and modules that export what `defineDialect` gave.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { vendorOf } from "../vendors/define-dialect.ts";
import type { EmulatedVendor } from "../vendors/vendor.ts";
import { UsageError } from "./arguments.ts";

/** A name has neither a dot nor a slash. */
const isFile = (word: string) => /[./\\]/.test(word);

/** @throws UsageError for a module that cannot be loaded, or that exports no vendor */
export async function loadVendors(words: readonly string[]): Promise<(string | EmulatedVendor)[]> {
  const loaded = words.map(async (word) => (isFile(word) ? vendorsIn(word, await load(word)) : [word]));
  return (await Promise.all(loaded)).flat();
}

async function load(file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as object;
  } catch (error) {
    throw new UsageError(`--vendors: ${file} cannot be loaded: ${(error as Error).message}`);
  }
}

function vendorsIn(file: string, module: object): EmulatedVendor[] {
  const found = [...new Set(Object.values(module) as EmulatedVendor[])].filter((one) => vendorOf(one) !== undefined);
  if (found.length === 0)
    throw new UsageError(
      `--vendors: ${file} exports no vendor; export what defineDialect() gives, of this very package`,
    );
  return found;
}
