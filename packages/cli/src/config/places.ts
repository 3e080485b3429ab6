// Where the program keeps what it remembers, by the customs of each system.
import { homedir, platform } from "node:os";
import { isAbsolute, join } from "node:path";

type Env = { readonly [name: string]: string | undefined };

const home = (env: Env): string => env["HOME"] || homedir();
const isWindows = (): boolean => platform() === "win32";

/** Not a relative one, which their specification has programs ignore: it would be another journal in each folder. */
function xdg(env: Env, name: string, usual: string): string {
  const given = env[`XDG_${name}_HOME`];
  return given && isAbsolute(given) ? given : join(home(env), usual);
}

/** `~/x` in the home: of what no shell has read. */
export const fromHome = (path: string, env: Env): string =>
  /^~([/\\]|$)/.test(path) ? join(home(env), path.slice(1)) : path;

/** `VIDTASK_CONFIG`, else `vidtask/config.json` in `XDG_CONFIG_HOME` (`~/.config`), on Windows in `APPDATA`. */
export function configPath(env: Env): string {
  if (env["VIDTASK_CONFIG"]) return env["VIDTASK_CONFIG"];
  const folder = isWindows() ? env["APPDATA"] || join(home(env), "AppData", "Roaming") : xdg(env, "CONFIG", ".config");
  return join(folder, "vidtask", "config.json");
}

/** `vidtask/journal.db` in `XDG_DATA_HOME` (`~/.local/share`), on Windows in `LOCALAPPDATA`. */
export function usualJournalPath(env: Env): string {
  const folder = isWindows()
    ? env["LOCALAPPDATA"] || join(home(env), "AppData", "Local")
    : xdg(env, "DATA", ".local/share");
  return join(folder, "vidtask", "journal.db");
}
