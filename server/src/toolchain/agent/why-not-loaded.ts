/** Why an object is not loaded, in one sentence; what the kernel says of each program is asked for elsewhere. */

import { errnoText } from "./errno.ts";
import type { NotLoaded } from "./held.ts";

/** Without its point. */
export function whyNotLoaded({ error, why, words }: NotLoaded): string {
  if (why !== "") return `Nothing was loaded: ${why}`;
  const said = words
    .split("\n")
    .map((line) => line.replace(/^libbpf: /, ""))
    .find((line) => line !== "" && !/^(?:Error in |failed to load object)/.test(line));
  return `Nothing was loaded: ${[...(said === undefined ? [] : [said]), errnoText(error)].join("; ")}`;
}
