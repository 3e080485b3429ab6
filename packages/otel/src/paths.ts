/** The four paths of a client that core tells of. */
export const PATHS = ["submit", "wait", "download", "callback"] as const;
export type Path = (typeof PATHS)[number];
