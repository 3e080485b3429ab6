/** The paths of a client that core tells of. */
export const PATHS = ["submit", "get", "wait", "cancel", "download", "callback"] as const;
export type Path = (typeof PATHS)[number];
