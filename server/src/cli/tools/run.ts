/** `hookpoint run FILE`: runs a program once on input of ours, without attaching it. */

import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { bytesOfHex, ranText } from "../../toolchain/agent/ran-text.ts";
import { runProgram } from "../../toolchain/agent/run-program.ts";
import { whyNotLoaded } from "../../toolchain/agent/why-not-loaded.ts";
import { whyNotRun } from "../../toolchain/agent/why-not-run.ts";
import { programsOnDisk } from "../../toolchain/object.ts";
import { ToolProblem } from "../../toolchain/problem.ts";
import { inTemporaryFolder } from "../../toolchain/temporary.ts";
import { BadUse, complain, print } from "../source.ts";
import { agentSource } from "./load.ts";
import { objectOf } from "./object-of.ts";
import { formatOf } from "./objects.ts";
import { rootByOption } from "./root-option.ts";
import type { ToolCommand, Values } from "./tool-command.ts";

export const run: ToolCommand = {
  name: "run",
  usage: `  hookpoint run [OPTION]… FILE                      run a program by itself on a packet or a context, attached to nothing; FILE
                                                   is a BPF C file or an object
    --program NAME     which one, where there are several
    --data FILE        the packet, from its Ethernet header on; a TCP packet of 64 bytes where none is given
    --hex BYTES        the packet in hex: "ff ff ff …"
    --context FILE     the program's context; zeros where none is given and one is needed
    --repeat N         how often; the time is the average
    --sudo             use sudo where root is needed; it asks for the password itself`,
  options: {
    program: { type: "string" },
    data: { type: "string" },
    hex: { type: "string" },
    context: { type: "string" },
    repeat: { type: "string" },
    sudo: { type: "boolean" },
  },
  run: async (names, { values, work }) => {
    const [file, ...more] = names;
    if (file === undefined || more.length > 0) throw new BadUse("Give one file.");
    const format = formatOf(values);
    const repeat = repeats(values["repeat"]);
    const hex = bytesOf(values);
    const object = await objectOf(resolve(file), work);
    if (object === undefined) return 1;
    const program = await whichProgram(object, values["program"]);
    const ran = await inTemporaryFolder(async (folder) => {
      const data = hex === undefined ? path(values["data"]) : join(folder, "packet");
      if (hex !== undefined && data !== undefined) await writeFile(data, hex);
      const wish = { program, data, context: path(values["context"]), repeat };
      return runProgram(object, wish, agentSource(), rootByOption(values, work), work);
    });
    if (ran.event !== "ran")
      throw new ToolProblem(`${whyNotLoaded(ran)}.${ran.event === "refused" ? " hookpoint verify says more." : ""}`);
    if (format === "json") print(`${JSON.stringify({ format: 1, ...ran }, null, 2)}\n`);
    const why = whyNotRun(ran);
    if (why !== undefined) complain(`hookpoint: ${why}.`);
    else if (format === "text") print(ranText(ran));
    return why === undefined ? 0 : 1;
  },
};

function repeats(value: Values[string]): number {
  if (value === undefined) return 1;
  if (!/^[1-9]\d{0,6}$/.test(String(value))) throw new BadUse(`--repeat ${String(value)} is no number of times.`);
  return Number(value);
}

function bytesOf({ hex, data }: Values): Buffer | undefined {
  if (hex === undefined) return undefined;
  if (data !== undefined) throw new BadUse("Give the packet by --data or by --hex, not by both.");
  const bytes = bytesOfHex(String(hex));
  if (bytes === undefined) throw new BadUse(`--hex "${String(hex)}" is no row of bytes in hex.`);
  return bytes;
}

function path(value: Values[string]): string | undefined {
  return typeof value === "string" ? resolve(value) : undefined;
}

async function whichProgram(object: string, wanted: Values[string]): Promise<string> {
  const names = (await programsOnDisk(object)).map(({ name }) => name);
  if (typeof wanted === "string") {
    if (names.includes(wanted)) return wanted;
    throw new BadUse(`There is no program ${wanted}. There are ${names.join(", ")}.`);
  }
  const [first, ...others] = names;
  if (first === undefined) throw new BadUse("There is no program in it.");
  if (others.length > 0) throw new BadUse(`Say which by --program: ${names.join(", ")}.`);
  return first;
}
