/** `hookpoint skeleton FILE…`: builds, and makes the header that a loader includes; with --loader the loader too. */

import { relative, resolve } from "node:path";
import { type Description, describe } from "../../analysis/describe.ts";
import type { Work } from "../../toolchain/choices.ts";
import { loaderFile, writeLoaderFile } from "../../toolchain/loader/loader-file.ts";
import { ToolProblem } from "../../toolchain/problem.ts";
import { makeBindings } from "../../toolchain/skeleton/bindings.ts";
import { InTheWay } from "../../toolchain/skeleton/overwrite.ts";
import { type ProjectKind, projectKind } from "../../toolchain/skeleton/project-kind.ts";
import { makeSkeleton } from "../../toolchain/skeleton/skeleton.ts";
import { BadUse, complain, loadTools, print, withModel } from "../source.ts";
import type { ToolCommand } from "./tool-command.ts";

const KINDS = ["c", "light", "sub", "go", "rust"] as const;
type Kind = (typeof KINDS)[number];

export const skeleton: ToolCommand = {
  name: "skeleton",
  usage: `  hookpoint skeleton [OPTION]… FILE…               compile, and make the skeleton that a loader in C includes; several
                                                   files become one object
      --kind KIND         c, light (no libbpf at run time), sub (for a part of a program), go (by bpf2go) or rust (by
                          libbpf-cargo); left out: go or rust where the project is, else c
      --name NAME         what the skeleton is called in C, instead of a name made of the file's
      --loader            also write a program that loads, attaches and listens
      --loader-file FILE  the same, to a file of this name
      --force             write over files that were not generated`,
  options: {
    kind: { type: "string" },
    loader: { type: "boolean" },
    "loader-file": { type: "string" },
    name: { type: "string" },
    force: { type: "boolean" },
  },
  run: async (names, { values, work }) => {
    const sources = names.map((name) => resolve(name));
    const [first] = sources;
    if (first === undefined) throw new BadUse("No file given.");
    const text = (option: string): string => (typeof values[option] === "string" ? (values[option] as string) : "");
    const project = await projectKind(first, work.root);
    const kind = kindOf(text("kind")) ?? project.kind;
    const wanted = text("loader-file");
    const writes = values["loader"] === true || wanted !== "";
    if (writes && kind !== "c") throw new BadUse(`--loader is for skeletons of kind c, not ${kind}.`);
    if (kind === "go" || kind === "rust") return bindings(sources, work, { ...project, kind });
    const force = values["force"] === true;
    try {
      const made = await makeSkeleton(sources, work, { kind, name: text("name"), force });
      process.stderr.write(made.output);
      if (!made.ok) return 1;
      made.notes.forEach(complain);
      print(`${relative(process.cwd(), made.header)}\n`);
      if (!writes) return 0;
      const path = wanted === "" ? loaderFile(first) : resolve(wanted);
      await writeLoaderFile(await modelsOf(sources), { source: first, path, ...made, force });
      print(`${relative(process.cwd(), path)}\n`);
      return 0;
    } catch (error) {
      if (error instanceof InTheWay) throw new ToolProblem(`${error.message} With --force it is.`);
      throw error;
    }
  },
};

function kindOf(text: string): Kind | undefined {
  const kind = KINDS.find((one) => one === text);
  if (kind === undefined && text !== "") throw new BadUse(`There is no kind "${text}". Choose ${KINDS.join(", ")}.`);
  return kind;
}

async function bindings(sources: readonly string[], work: Work, project: ProjectKind): Promise<number> {
  for (const source of sources) {
    const { ok, output } = await makeBindings(source, work, project);
    // What these tools print says which files they have written.
    process.stderr.write(output);
    if (!ok) return 1;
  }
  return 0;
}

/** What all of them have, as the linked object has it. */
async function modelsOf(sources: readonly string[]): Promise<readonly Description[]> {
  const tools = await loadTools();
  const parser = () => tools.core.syntax();
  const models: Description[] = [];
  for (const source of sources)
    models.push(await withModel(source, tools, (built) => describe(built.model, tools.core.kb), parser));
  return models;
}
