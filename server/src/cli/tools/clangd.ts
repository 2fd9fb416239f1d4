/** `hookpoint clangd`: has clangd read BPF sources as they are built. */

import { relative, resolve } from "node:path";
import { setUpClangd } from "../../toolchain/clangd-setup/set-up.ts";
import { findFiles } from "../paths.ts";
import { complain, print } from "../source.ts";
import type { ToolCommand } from "./tool-command.ts";

export const clangd: ToolCommand = {
  name: "clangd",
  usage: "  hookpoint clangd [PATH…]                         have clangd read BPF sources: writes our part of .clangd",
  options: {},
  run: async (names, { values, work }) => {
    const { files, problems } = await findFiles(names.length === 0 ? ["."] : names);
    for (const problem of problems) complain(problem);
    const made = await setUpClangd(
      files.map((file) => resolve(file)),
      work,
    );
    const short = (path: string): string => relative(work.root, path);
    if (values["format"] === "json") {
      const failing = made.failing.map((one) => ({ ...one, source: short(one.source) }));
      print(
        `${JSON.stringify({ ...made, path: short(made.path), tried: made.tried.map(short), failing }, undefined, 2)}\n`,
      );
    } else print(`${short(made.path)}\n`);
    for (const { source, errors } of made.failing) for (const error of errors) complain(`${short(source)}: ${error}`);
    if (made.version === undefined && values["quiet"] !== true)
      complain("clangd was not found, so this was not tried with it.");
    return problems.length > 0 ? 2 : made.failing.length > 0 ? 1 : 0;
  },
};
