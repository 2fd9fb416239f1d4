/** `hookpoint build FILE…`: compiles BPF C to objects. */

import { relative, resolve } from "node:path";
import { buildObject } from "../../toolchain/build.ts";
import { BadUse, print } from "../source.ts";
import type { ToolCommand } from "./tool-command.ts";

export const build: ToolCommand = {
  name: "build",
  usage: "  hookpoint build FILE…                            compile BPF C to objects with clang",
  options: {},
  run: async (names, { work }) => {
    if (names.length === 0) throw new BadUse("No file given.");
    let failed = false;
    for (const name of names) {
      const { ok, plan, output } = await buildObject(resolve(name), work);
      process.stderr.write(output);
      if (ok) print(`${relative(process.cwd(), plan.object)}\n`);
      else failed = true;
    }
    return failed ? 1 : 0;
  },
};
