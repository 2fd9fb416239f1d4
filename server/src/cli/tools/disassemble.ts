/** `hookpoint disassemble OBJECT…|SOURCE…`: the instructions of objects with the lines they come from. */

import { join, resolve } from "node:path";
import type { ListedFunction } from "../../analysis/object/listing.ts";
import { listingText } from "../../analysis/object/listing-text.ts";
import { buildObject } from "../../toolchain/build.ts";
import type { Work } from "../../toolchain/choices.ts";
import { disassembleObject, loadObjectFacts } from "../../toolchain/object.ts";
import { ToolProblem } from "../../toolchain/problem.ts";
import { BadUse, complain, print } from "../source.ts";
import { eachObject, formatOf } from "./objects.ts";
import type { ToolCommand } from "./tool-command.ts";

export const disassemble: ToolCommand = {
  name: "disassemble",
  usage: `  hookpoint disassemble [--program NAME] [--no-source] [--format text|json] OBJECT…|SOURCE…
                                                   print instructions with their source lines; a source is built first`,
  options: { program: { type: "string", multiple: true }, "no-source": { type: "boolean" } },
  run: async (names, { values, work }) => {
    if (names.length === 0) throw new BadUse("No object given.");
    const format = formatOf(values);
    const wanted = (values["program"] ?? []) as readonly string[];
    const facts = await loadObjectFacts(join(__dirname, ".."));
    const all: object[] = [];
    let broken = false;
    const failed = await eachObject(names, async (name) => {
      const path = await objectOf(name, work);
      if (path === undefined) {
        broken = true;
        return;
      }
      const functions = chosen(await disassembleObject(path, facts), wanted, path);
      if (format === "json") all.push({ path, functions });
      else
        print(`${names.length > 1 ? `; ${path}\n\n` : ""}${listingText(functions, values["no-source"] !== true).text}`);
    });
    if (format === "json") print(`${JSON.stringify({ format: 1, files: all }, null, 2)}\n`);
    return failed ? 2 : broken ? 1 : 0;
  },
};

/** Undefined after telling what is wrong in the source. */
async function objectOf(name: string, work: Work): Promise<string | undefined> {
  if (!name.endsWith(".c")) return name;
  const { ok, plan, output } = await buildObject(resolve(name), work);
  if (output !== "") complain(output.trimEnd());
  return ok ? plan.object : undefined;
}

/** With a program, what it calls from elsewhere is not shown: it has a name of its own. */
function chosen(all: readonly ListedFunction[], wanted: readonly string[], path: string): readonly ListedFunction[] {
  if (wanted.length === 0) return all;
  const found = all.filter(({ name, section }) => wanted.includes(name) || wanted.includes(section));
  if (found.length > 0) return found;
  const there = all.map(({ name }) => name).join(", ");
  throw new ToolProblem(`${path} has no program ${wanted.map((one) => `"${one}"`).join(" or ")}. It has: ${there}.`);
}
