// The program in next/, installed and built as a user has it.
import { run } from "../../../.ci/pack.ts";
import { installed } from "./installed.ts";

const program = {
  name: "next",
  parts: ["app", "lib"],
  packages: ["@vidtask/core", "@vidtask/apixo", "@vidtask/ai-sdk-provider"],
};

/** Copies, installs and builds it, and returns the folder. `extra`: what only a test uses, as `name@version`. */
export async function prepareNext(folder: string, extra: readonly string[] = []): Promise<string> {
  await installed({ ...program, extra }, folder);
  await run("npm", ["run", "build"], { cwd: folder, env: { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" } });
  return folder;
}
