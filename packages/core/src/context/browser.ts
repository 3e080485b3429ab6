// Whether this is a browser, where an API key is public.

type Globals = {
  window?: { document?: unknown };
  document?: unknown;
  importScripts?: unknown;
  Deno?: unknown;
  Bun?: unknown;
};

/**
 * True in a page, and in a worker of one: only web workers have `importScripts`, of all runtimes without a document. A DOM
 * that tests bring along (jsdom, happy-dom) counts as a page: nothing tells them apart for sure.
 */
export function isBrowser(): boolean {
  const { window, document, importScripts, Deno, Bun } = globalThis as Globals;
  if (Deno !== undefined || Bun !== undefined) return false;
  return (window !== undefined && (document ?? window.document) !== undefined) || typeof importScripts === "function";
}

export const BROWSER_RULE =
  "true in a browser, where the API key is public: call the vendor from a server, or, in tests with a DOM, use the environment of Node";
