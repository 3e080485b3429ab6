// Where the reader is: the part of the address behind the #, so that links and the back button work.
import { signal } from "@preact/signals";

const read = (): string[] => location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);

export const route = signal(read());
addEventListener("hashchange", () => (route.value = read()));

export const link = (...parts: (string | number)[]): string =>
  `#/${parts.map((part) => encodeURIComponent(part)).join("/")}`;
