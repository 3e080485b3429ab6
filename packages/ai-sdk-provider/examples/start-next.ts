// `npm run start:next`: the program in next/, built as a user has it, with an emulator for a vendor. It needs no key.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createEmulator } from "@vidtask/emulator";
import { prepareNext } from "./prepare-next.ts";

const folder = await prepareNext(join(import.meta.dirname, "../../../out/next"));
const vendor = await createEmulator({ taskMs: 20_000 }).listen();
const { apiKey, baseUrl } = vendor.for("apixo");
const next = spawn(process.execPath, [join(folder, "node_modules/next/dist/bin/next"), "start", "-H", "127.0.0.1"], {
  cwd: folder,
  stdio: "inherit",
  env: { ...process.env, APIXO_API_KEY: apiKey, APIXO_BASE_URL: baseUrl },
});
next.on("close", () => process.exit());
