/** `hookpoint inspect OBJECT…`: what objects hold. */

import { join } from "node:path";
import { inspectObject, loadObjectFacts } from "../../toolchain/object.ts";
import { BadUse, print } from "../source.ts";
import { eachObject, formatOf } from "./objects.ts";
import type { ToolCommand } from "./tool-command.ts";

export const inspect: ToolCommand = {
  name: "inspect",
  usage: "  hookpoint inspect [--format text|json] OBJECT…    print what objects hold: programs, maps, data, types",
  options: {},
  run: async (names, { values }) => {
    if (names.length === 0) throw new BadUse("No object given.");
    const format = formatOf(values);
    const facts = await loadObjectFacts(join(__dirname, ".."));
    const all: object[] = [];
    const failed = await eachObject(names, async (path) => {
      const { object, report } = await inspectObject(path, facts);
      if (format === "json") all.push({ path, ...object });
      else print(`${report}\n`);
    });
    if (format === "json") print(`${JSON.stringify({ format: 1, files: all }, null, 2)}\n`);
    return failed ? 2 : 0;
  },
};
