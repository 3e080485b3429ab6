// Answers of the control API.

const HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
};

export const json = (value: unknown, status = 200): Response => Response.json(value, { status, headers: HEADERS });

export const failure = (status: number, code: string, message: string): Response =>
  json({ error: { code, message } }, status);
