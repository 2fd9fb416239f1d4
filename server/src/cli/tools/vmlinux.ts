/** `hookpoint vmlinux`: the kernel's types as C, whole or what sources use; and the types that objects need for CO-RE. */

import { relative, resolve } from "node:path";
import { addToIgnored } from "../../toolchain/gitignore.ts";
import { generateMinBtf } from "../../toolchain/min-btf.ts";
import { generateVmlinux } from "../../toolchain/vmlinux.ts";
import { findFiles } from "../paths.ts";
import { BadUse, complain, print } from "../source.ts";
import type { ToolCall, ToolCommand } from "./tool-command.ts";

export const vmlinux: ToolCommand = {
  name: "vmlinux",
  usage: `  hookpoint vmlinux [--btf FILE] [--output FILE] [--gitignore] [--force]
                                                   write vmlinux.h: the types of this machine's kernel, or of a file
  hookpoint vmlinux --minimal [FILE…]              only the types that the sources use
  hookpoint vmlinux --min-btf OBJECT… --output FILE [--btf FILE]
                                                   the types that objects need on kernels that show none`,
  options: {
    btf: { type: "string" },
    minimal: { type: "boolean" },
    "min-btf": { type: "boolean" },
    output: { type: "string", short: "o" },
    gitignore: { type: "boolean" },
    force: { type: "boolean" },
  },
  run: (names, call) => (call.values["min-btf"] === true ? minBtf(names, call) : header(names, call)),
};

async function header(names: readonly string[], { values, work }: ToolCall): Promise<number> {
  const minimal = values["minimal"] === true;
  if (names.length > 0 && !minimal)
    throw new BadUse("Only --minimal takes sources: all the types are the same for each of them.");
  const { files, problems } = await findFiles(names.length === 0 ? ["."] : names);
  for (const problem of problems) complain(problem);
  const made = await generateVmlinux(
    {
      btf: textOf(values["btf"]),
      sources: files.map((file) => resolve(file)),
      minimal,
      output: pathOf(values["output"]),
      mayReplace: async () => values["force"] === true,
    },
    work,
  );
  if (values["gitignore"] === true) await addToIgnored(made.path);
  const path = relative(work.root, made.path);
  if (values["format"] === "json") print(`${JSON.stringify({ ...made, path }, undefined, 2)}\n`);
  else print(`${path}\n`);
  for (const { source, error } of made.failing) {
    complain(`${relative(work.root, source)}: does not compile with it: ${error}`);
  }
  return problems.length > 0 ? 2 : made.failing.length > 0 ? 1 : 0;
}

async function minBtf(objects: readonly string[], { values, work }: ToolCall): Promise<number> {
  const output = pathOf(values["output"]);
  if (objects.length === 0) throw new BadUse("No object given.");
  if (output === undefined) throw new BadUse("No --output given: where are the types to go?");
  const paths = objects.map((object) => resolve(object));
  const mayReplace = async (): Promise<boolean> => values["force"] === true;
  const wish = { btf: textOf(values["btf"]), objects: paths, output, mayReplace };
  const { path, missing } = await generateMinBtf(wish, work);
  const shown = relative(work.root, path);
  if (values["format"] === "json") print(`${JSON.stringify({ path: shown, missing }, undefined, 2)}\n`);
  else print(`${shown}\n`);
  for (const { program, what } of missing) {
    complain(
      `${program}: that kernel has no ${what}; the program fails there unless it asks first, with bpf_core_field_exists() or its like.`,
    );
  }
  return missing.length > 0 ? 1 : 0;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function pathOf(value: unknown): string | undefined {
  return typeof value === "string" ? resolve(value) : undefined;
}
