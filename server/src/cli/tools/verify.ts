/** `hookpoint verify FILE…`: what a kernel says of each program, with the lines of the source. */

import { join, relative, resolve } from "node:path";
import { answerText, programText } from "../../analysis/verifier/answer-text.ts";
import { thisMachine } from "../../toolchain/agent/here.ts";
import { buildObject } from "../../toolchain/build.ts";
import type { Work } from "../../toolchain/choices.ts";
import { readable } from "../../toolchain/readable.ts";
import { verifyObject } from "../../toolchain/verify.ts";
import { BadUse, print } from "../source.ts";
import { eachObject, formatOf } from "./objects.ts";
import { rootByOption } from "./root-option.ts";
import type { ToolCommand } from "./tool-command.ts";

export const verify: ToolCommand = {
  name: "verify",
  usage: `  hookpoint verify [OPTION]… FILE…                  load each program alone into the kernel, attach nothing, keep nothing,
                                                   and explain what it refuses; FILE is a BPF C file or an object
    --program NAME     only this one; may be repeated
    --costs            also count how often each line is looked at
    --sudo             use sudo where root is needed; it asks for the password itself`,
  options: { program: { type: "string", multiple: true }, costs: { type: "boolean" }, sudo: { type: "boolean" } },
  run: async (names, { values, work }) => {
    if (names.length === 0) throw new BadUse("No file given.");
    const format = formatOf(values);
    const kernel = thisMachine(join(__dirname, "../agent"), rootByOption(values, work));
    const { program = [] } = values;
    const wish = { programs: Array.isArray(program) ? program.map(String) : [], visits: values["costs"] === true };
    const files: object[] = [];
    let refused = false;
    const failed = await eachObject(names, async (name) => {
      const object = await objectOf(resolve(name), work);
      if (object === undefined) {
        refused = true;
        return;
      }
      const verified = await verifyObject(object, kernel, wish, work);
      refused ||= verified.answers.length > 0 || verified.programs.some(({ verdict }) => verdict === "refused");
      files.push({ path: name, object, ...verified });
      if (format === "json") return;
      for (const answer of verified.answers) print(`${name}: ${answerText(answer, short)}\n`);
      for (const program of verified.programs) print(`${programText(program, short)}\n`);
    });
    if (format === "json") print(`${JSON.stringify({ format: 1, files }, null, 2)}\n`);
    return failed ? 2 : refused ? 1 : 0;
  },
};

/** A source is built first; undefined where that fails, which has been told then. */
async function objectOf(path: string, work: Work): Promise<string | undefined> {
  if (!path.endsWith(".c")) return path;
  const built = await buildObject(path, work);
  process.stderr.write(built.diagnostics.length > 0 ? readable(built.diagnostics, process.cwd()) : built.output);
  return built.ok ? built.plan.object : undefined;
}

function short(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith("..") ? file : near;
}
