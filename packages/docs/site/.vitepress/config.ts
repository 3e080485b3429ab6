import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";

const root = join(import.meta.dirname, "../../../..");
const titleOf = (page: string) => /^# (.*)$/m.exec(readFileSync(join(root, page), "utf8"))?.[1] ?? page;

/** The guides in the order of their list. */
const guides = [
  ...readFileSync(join(root, "packages/docs/README.md"), "utf8").matchAll(/\]\((guides\/[\w-]+)\.md\)/g),
].map(([, path = ""]) => ({ text: titleOf(`packages/docs/${path}.md`), link: `/${path}` }));
const packages = ["apixo", "aivideoapi", "apimodels", "vidtask", "emulator", "core"].map((name) => ({
  text: titleOf(`packages/${name}/README.md`),
  link: `/packages/${name}/`,
}));

// oxlint-disable-next-line import/no-default-export -- VitePress reads it
export default defineConfig({
  title: "vidtask",
  description: "TypeScript clients for paid, asynchronous AI video generation",
  srcDir: ".pages",
  outDir: "../../../out/docs",
  themeConfig: {
    search: { provider: "local" },
    nav: [
      { text: "Guides", link: "/guides/" },
      { text: "Errors", link: "/packages/core/ERRORS" },
      { text: "API reference", link: "/api/index.html", target: "_self" },
    ],
    sidebar: [
      { text: "Start", items: [{ text: "What vidtask is", link: "/" }] },
      { text: "Guides", items: guides },
      {
        text: "Reference",
        items: [
          { text: "Errors by code", link: "/packages/core/ERRORS" },
          { text: "Faults of the emulator", link: "/packages/emulator/FAULTS" },
          { text: "What the emulator plays", link: "/packages/emulator/VENDORS" },
          ...packages,
        ],
      },
      {
        text: "Project",
        items: ["ARCHITECTURE", "CONTRIBUTING", "SECURITY"].map((page) => ({
          text: titleOf(`${page}.md`),
          link: `/${page}`,
        })),
      },
    ],
  },
});
