// The page at `/`: one document, one script, one style sheet, and nothing from anywhere else.
import { pageFiles } from "../page-files.ts";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** @param prefix the base path of its scope. */
export function pageHtml(prefix: string, token: string): Response {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="emulator-prefix" content="${prefix}">
<meta name="emulator-token" content="${token}">
<title>vidtask emulator</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${prefix}/_emulator/page.css">
<script type="module" src="${prefix}/_emulator/page.js"></script>
</head>
<body><div id="page"></div><noscript>This page needs JavaScript. The same is at ${prefix}/_emulator/, as JSON.</noscript></body>
</html>
`;
  return new Response(html, { headers: { ...HEADERS, "content-type": "text/html; charset=utf-8" } });
}

export async function pageFile(kind: "js" | "css"): Promise<Response> {
  const files = await pageFiles();
  const type = kind === "js" ? "text/javascript" : "text/css";
  return new Response(files[kind], { headers: { ...HEADERS, "content-type": `${type}; charset=utf-8` } });
}
