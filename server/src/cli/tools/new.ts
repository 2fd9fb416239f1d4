/** `hookpoint new DIRECTORY`: a project that builds and runs. */

import { basename, relative, resolve } from "node:path";
import { nearest } from "../../analysis/spelling.ts";
import { createProject } from "../../toolchain/project/create.ts";
import { nameProblem } from "../../toolchain/project/names.ts";
import { kinds, languages } from "../../toolchain/project/project.ts";
import { BadUse, print } from "../source.ts";
import type { ToolCommand, Values } from "./tool-command.ts";

export const newProject: ToolCommand = {
  name: "new",
  usage: `  hookpoint new [--kind c|go|rust] [--program TYPE] [--name NAME] [--force] [--format text|json] DIRECTORY
                                                   a project that builds and runs: ${kinds.map(({ id }) => id).join(", ")}`,
  options: {
    kind: { type: "string" },
    program: { type: "string" },
    name: { type: "string" },
    force: { type: "boolean" },
  },
  run: async (folders, { values, work }) => {
    const [given, ...more] = folders;
    if (given === undefined || given === "") throw new BadUse("No directory given.");
    if (more.length > 0) throw new BadUse("Only one directory can be given.");
    const language = chosen(values, "kind", languages);
    const kind = chosen(values, "program", kinds);
    const folder = resolve(work.root, given);
    const name = typeof values["name"] === "string" ? values["name"] : basename(folder);
    const problem = nameProblem(name);
    if (problem !== undefined)
      throw new BadUse(values["name"] === undefined ? `${problem} Give it one with --name.` : problem);
    const format = values["format"] ?? "text";
    if (format !== "text" && format !== "json")
      throw new BadUse(`There is no format "${format}". Choose text or json.`);

    const files = language.files({ name, kind });
    await createProject({ folder, files, force: values["force"] === true }, work);
    const paths = files.map(({ path }) => path);
    if (format === "json")
      print(`${JSON.stringify({ folder, name, kind: language.id, program: kind.id, files: paths })}\n`);
    else for (const path of paths) print(`${relative(process.cwd(), resolve(folder, path))}\n`);
    return 0;
  },
};

/** The first is the usual one. */
function chosen<T extends { readonly id: string }>(values: Values, option: string, among: readonly T[]): T {
  const wanted = values[option];
  const found = wanted === undefined ? among[0] : among.find(({ id }) => id === wanted);
  if (found !== undefined) return found;
  const ids = among.map(({ id }) => id);
  const meant = nearest(String(wanted), ids);
  const hint =
    meant === undefined ? `Choose ${ids.slice(0, -1).join(", ")} or ${ids.at(-1)}.` : `Did you mean ${meant}?`;
  throw new BadUse(`There is no ${option} "${String(wanted)}". ${hint}`);
}
