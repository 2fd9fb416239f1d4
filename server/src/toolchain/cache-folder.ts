/** Where what we keep between two runs lies: the user's own cache folder, so that nothing of it is seen in a project. */

import { homedir } from "node:os";
import { join } from "node:path";

export function cacheFolder(kind: string): string {
  const { env, platform } = process;
  const usual =
    platform === "win32"
      ? (env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"))
      : platform === "darwin"
        ? join(homedir(), "Library", "Caches")
        : (env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"));
  return join(usual, "hookpoint", kind);
}
