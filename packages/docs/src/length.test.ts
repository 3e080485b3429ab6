// Pages that are meant to be short stay short. Counted as `wc -w` does.
import { expect, test } from "vitest";
import { pages, textOf } from "./pages.ts";

const words = (page: string) => textOf(page).split(/\s+/).filter(Boolean).length;
const guides = pages.filter((page) => page.includes("/guides/"));

// A page of 1,100 words takes five minutes. Adding a vendor is work, and its page a manual.
test.each([
  ["README.md", 900],
  ["CONTRIBUTING.md", 900],
  ["ARCHITECTURE.md", 900],
  ...guides.filter((page) => !page.endsWith("/add-a-vendor.md")).map((page) => [page, 1_100] as const),
] as const)("%s has at most %i words", (page, most) => {
  expect(words(page)).toBeLessThanOrEqual(most);
});

test("every guide is in the list of guides", () => {
  const list = textOf("packages/docs/README.md");
  expect(guides.filter((page) => !list.includes(`(${page.replace("packages/docs/", "")})`))).toEqual([]);
});
