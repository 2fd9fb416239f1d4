/** Takes out of a report what says whose machine it was made on. */

import { homedir } from "node:os";

/** Paths in the workspace begin with `.`, those in the home folder with `~`. */
export function anonymous<T>(report: T, root: string, home = homedir()): T {
  const text = JSON.stringify(report, (_, value: unknown) =>
    typeof value === "string" ? hide(value, root, home) : value,
  );
  return JSON.parse(text);
}

/** Where systems keep people's folders, which may be others' as well. */
const HOMES = /(?:(?:\/var)?\/home|\/Users|\b[A-Za-z]:\\Users|\/mnt\/[a-z]\/Users)[/\\][^/\\\s"'`:;,)]+/g;

function hide(text: string, root: string, home: string): string {
  const inWorkspace = root === home ? text : replaced(text, root, ".");
  return replaced(inWorkspace, home, "~").replaceAll(HOMES, "~");
}

function replaced(text: string, folder: string, sign: string): string {
  const path = folder.replace(/[/\\]+$/, "");
  if (path === "") return text;
  const escaped = path.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  // Not the beginning of a longer name.
  return text.replaceAll(new RegExp(`${escaped}(?![\\w-])`, "g"), sign);
}
