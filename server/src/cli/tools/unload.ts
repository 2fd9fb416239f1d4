/** `hookpoint unload NAME…`: takes back what was loaded, whoever holds it. */

import { errnoText } from "../../toolchain/agent/errno.ts";
import { holdName } from "../../toolchain/agent/hold.ts";
import { type Unloaded, unload as unloadNames } from "../../toolchain/agent/loaded.ts";
import { BadUse, complain, print, show } from "../source.ts";
import { agentSource } from "./object-of.ts";
import { formatOf } from "./objects.ts";
import { rootByOption } from "./root-option.ts";
import type { ToolCommand } from "./tool-command.ts";

export const unload: ToolCommand = {
  name: "unload",
  usage: `  hookpoint unload [OPTION]… NAME…                  detach, unpin and unload what hookpoint load --list shows; what is left of
                                                   a process that was killed too
    --all              all of it
    --sudo             use sudo where root is needed; it asks for the password itself`,
  options: { all: { type: "boolean" }, sudo: { type: "boolean" } },
  run: async (names, { values, work }) => {
    const format = formatOf(values);
    const all = values["all"] === true;
    if (all === names.length > 0)
      throw new BadUse("Say which: NAME… or --all. hookpoint load --list shows what is loaded.");
    const wanted = all ? "all" : names.map(nameOf);
    const unloaded = await unloadNames(wanted, agentSource(), rootByOption(values, work), work);
    if (format === "json") print(`${JSON.stringify({ format: 1, unloaded }, null, 2)}\n`);
    else tell(unloaded);
    return unloaded.every(isGone) ? 0 : 1;
  },
};

/** The object or its source will do. */
function nameOf(name: string): string {
  return /[./]/.test(name) ? holdName(name.replace(/\.c$/, ".o")) : name;
}

function isGone({ event, left }: Unloaded): boolean {
  return event === "unloaded" && left.length === 0;
}

function tell(unloaded: readonly Unloaded[]): void {
  if (unloaded.length === 0) print("Nothing of Hookpoint's is loaded.\n");
  for (const { event, name, left } of unloaded) {
    if (event === "notThere") complain(`hookpoint: Nothing called ${name} is loaded.`);
    else if (event === "held")
      complain(`hookpoint: ${name} is held by a process that does not end, or cannot be seen from here.`);
    else if (left.length === 0) show(`${name} is unloaded\n`);
    for (const one of left)
      complain(`hookpoint: ${one.name} is still attached to ${one.to}: ${why(one.error)}. Its record is kept.`);
  }
}

const EXDEV = 18;

function why(error: number): string {
  return error === EXDEV
    ? "that is in another network namespace, in which hookpoint unload must run"
    : errnoText(error);
}
