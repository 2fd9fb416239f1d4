/** `hookpoint build PATH…`: compiles BPF C to objects. */

import { statSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { buildAll, type Outcome, summary } from "../../toolchain/build-all.ts";
import type { Choices, Work } from "../../toolchain/choices.ts";
import { objectFile, planBuild } from "../../toolchain/plan.ts";
import { readable } from "../../toolchain/readable.ts";
import { flagsPage } from "../../toolchain/show-flags.ts";
import { findFiles } from "../paths.ts";
import { BadUse, complain, print } from "../source.ts";
import { buildsAsJson } from "./build-json.ts";
import { howToInstall } from "./how-to-install.ts";
import type { ToolCommand, Values } from "./tool-command.ts";

export const build: ToolCommand = {
  name: "build",
  usage: `  hookpoint build [OPTION]… PATH…                  compile BPF C to objects; PATH is a file, a folder or a pattern
    --force            build even what is up to date
    --print-flags      build nothing: show the compiler's flags, where each comes from, and how to change them
    --output PATH      the object; or the folder for the objects, if it is one or ends with /
    --flag FLAG        one more for the compiler; may be repeated: --flag=-DDEBUG
    --compiler NAME    clang (default) or gcc
    --gcc PROGRAM      the GCC for BPF
    --libbpf FOLDER    the folder with bpf/bpf_helpers.h in it
    --format FORMAT    text (default) or json`,
  options: {
    force: { type: "boolean" },
    "print-flags": { type: "boolean" },
    output: { type: "string" },
    flag: { type: "string", multiple: true },
    compiler: { type: "string" },
    gcc: { type: "string" },
    libbpf: { type: "string" },
  },
  run: async (names, { values, choices, work }) => {
    if (names.length === 0) throw new BadUse("No file given.");
    const format = formatOf(values["format"]);
    const { files, problems } = await findFiles(names);
    for (const problem of problems) complain(problem);
    const sources = files.map((file) => resolve(file));
    const own = { ...work, choices: chosen(values, choices) };
    if (values["print-flags"] === true) return printFlags(sources, own, format);
    const objectOf = objects(sources, values["output"]);
    const options = (source: string) => ({ force: values["force"] === true, object: objectOf(source) });
    const outcomes = await buildAll(sources, own, options, format === "json" ? undefined : teller());
    if (format === "json") print(buildsAsJson(outcomes));
    else if (outcomes.length > 1 && values["quiet"] !== true) complain(`${summary(outcomes)}.`);
    for (const remedy of await remedies(outcomes)) complain(remedy);
    if (problems.length > 0 || outcomes.some(({ problem }) => problem !== undefined)) return 2;
    return outcomes.every(({ result }) => result?.ok === true) ? 0 : 1;
  },
};

function formatOf(value: Values[string]): "text" | "json" {
  if (value === undefined || value === "text" || value === "json") return value ?? "text";
  throw new BadUse(`There is no format "${value}". Choose text or json.`);
}

function chosen(values: Values, choices: Choices): Choices {
  const { compiler = "clang", gcc = "", libbpf = "", flag = [] } = values;
  if (compiler !== "clang" && compiler !== "gcc")
    throw new BadUse(`There is no compiler "${compiler}". Choose clang or gcc.`);
  return {
    ...choices,
    compiler,
    gcc: String(gcc),
    libbpf: String(libbpf),
    flags: Array.isArray(flag) ? flag.map(String) : [],
  };
}

async function printFlags(sources: readonly string[], work: Work, format: "text" | "json"): Promise<number> {
  const plans = [];
  for (const source of sources) plans.push(await planBuild(source, work));
  print(format === "json" ? `${JSON.stringify({ format: 1, plans }, null, 2)}\n` : plans.map(flagsPage).join("\n"));
  return 0;
}

/** Where each source's object goes. */
function objects(sources: readonly string[], output: Values[string]): (source: string) => string {
  if (typeof output !== "string" || output === "") return objectFile;
  const isFolderName =
    output.endsWith("/") || output.endsWith(sep) || statSync(output, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolderName && sources.length > 1)
    throw new BadUse(
      `--output ${output} names one object, and there are ${sources.length} sources. End it with / for a folder.`,
    );
  const to = (source: string): string => resolve(isFolderName ? join(output, basename(objectFile(source))) : output);
  const taken = new Map<string, string>();
  for (const source of sources) {
    const other = taken.get(to(source));
    if (other !== undefined) throw new BadUse(`${other} and ${source} would become the same object, ${to(source)}.`);
    if (to(source) === source) throw new BadUse(`--output ${output} is the source itself.`);
    taken.set(to(source), source);
  }
  return to;
}

/** How to install what was missing, each thing once. */
async function remedies(outcomes: readonly Outcome[]): Promise<ReadonlySet<string>> {
  const texts = outcomes.map(async ({ problem }) =>
    problem === undefined ? "" : (await howToInstall(problem)).trim(),
  );
  return new Set((await Promise.all(texts)).filter((text) => text !== ""));
}

/** Tells of each file when it is done, and of a missing tool once. */
function teller(): (outcome: Outcome) => void {
  const told = new Set<string>();
  return ({ result, problem }) => {
    if (problem !== undefined && !told.has(problem.message)) complain(`hookpoint: ${problem.message}`);
    if (problem !== undefined) told.add(problem.message);
    if (result === undefined) return;
    for (const note of result.plan.notes) if (!told.has(note)) complain(note);
    for (const note of result.plan.notes) told.add(note);
    process.stderr.write(result.diagnostics.length > 0 ? readable(result.diagnostics, process.cwd()) : result.output);
    if (result.ok) print(`${relative(process.cwd(), result.plan.object)}\n`);
  };
}
