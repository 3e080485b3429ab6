// Stands in for what a sample imports and this repository does not install.
declare module "next/server" {
  export function after(work: Promise<unknown> | (() => unknown)): void;
}
