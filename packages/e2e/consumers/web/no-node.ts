// Nothing of Node comes with the packages.
// @ts-expect-error -- Node's own
export const env = process;
