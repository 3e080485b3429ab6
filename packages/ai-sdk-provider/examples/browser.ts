// Debian's Chromium, driven by playwright-core, which is installed beside the program that is looked at.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** What has to be installed in the folder. */
export const PLAYWRIGHT = "playwright-core@1.65.1";

type Locator = {
  fill(text: string): Promise<void>;
  click(): Promise<void>;
  textContent(): Promise<string | null>;
  waitFor(options?: { timeout: number }): Promise<void>;
  evaluate<T>(read: (element: unknown) => T): Promise<T>;
};
/** The part of a page that is used here: its own types are not in the workspace. */
type Page = {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  waitForURL(url: RegExp): Promise<void>;
  waitForTimeout(ms: number): Promise<void>;
  getByLabel(label: string): Locator;
  getByRole(role: string, options?: { name: string }): Locator;
  locator(selector: string): Locator;
};
type Browser = { newPage(): Promise<Page>; close(): Promise<void> };
type Playwright = { chromium: { launch(options: object): Promise<Browser> } };

/** @throws Error where there is no Chromium: `VIDTASK_CHROMIUM` names another than Debian's */
export async function openBrowser(folder: string): Promise<Browser> {
  const executablePath = process.env["VIDTASK_CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath))
    throw new Error(
      `there is no ${executablePath}: \`npm run test:page\` installs Debian's, VIDTASK_CHROMIUM names another`,
    );
  const { chromium } = createRequire(join(folder, "package.json"))("playwright-core") as Playwright;
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
    ],
  });
}
