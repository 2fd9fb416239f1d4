/** From BPF C to the header that a loader in C includes: compile, link, `bpftool gen skeleton`. */

import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { bpftool } from "../bpftool.ts";
import { buildObject } from "../build.ts";
import type { Work } from "../choices.ts";
import { stemOf } from "../plan.ts";
import { ToolProblem } from "../problem.ts";
import { step } from "../step.ts";
import { inTemporaryFolder } from "../temporary.ts";
import { compareVersions, need, type Tool } from "../tool.ts";
import { intoPlace } from "../write.ts";
import { bpftoolFailure } from "./failure.ts";
import { checkedName, namesakes, type SkeletonKind, skeletonFile, skeletonName } from "./name.ts";
import { refuseOverwriting } from "./overwrite.ts";

export interface SkeletonOptions {
  readonly kind: SkeletonKind;
  /** In C, and needed where several sources become one object; empty: from the source's name. */
  readonly name: string;
  /** Whether a file that is no skeleton may be written over. */
  readonly force: boolean;
}

export interface SkeletonResult {
  readonly ok: boolean;
  /** What the compiler printed for each source. */
  readonly output: string;
  readonly header: string;
  readonly name: string;
  /** What is odd about it, for the person. */
  readonly notes: readonly string[];
}

/** Of several sources, which are linked to one object as libbpf does it, the header comes beside the first. */
export async function makeSkeleton(
  sources: readonly string[],
  work: Work,
  options: SkeletonOptions,
): Promise<SkeletonResult> {
  const [first] = sources;
  if (first === undefined) throw new ToolProblem("There is no source to make a skeleton of.");
  const { header, name } = placeOf(first, sources.length > 1, options);
  // Said before anything is compiled, which may take its time.
  await refuseOverwriting(header, isSkeleton, options.force);
  const tool = await need(bpftool, work.choices.bpftool, work.root, work.signal);
  for (const source of sources) await refuseUnknownSections(source, tool);
  const objects: string[] = [];
  const planNotes: string[] = [];
  let output = "";
  for (const source of sources) {
    const built = await buildObject(source, work);
    output += built.output;
    objects.push(built.plan.object);
    planNotes.push(...built.plan.notes);
    if (!built.ok) return { ok: false, output, header, name, notes: [] };
  }
  work.tell(`with bpftool ${tool.version}`);
  await inTemporaryFolder(async (folder) => {
    const linked = join(folder, `${name}.o`);
    // Also for a single one: linking leaves DWARF behind, which would make the header twenty times as large.
    await bpftoolStep(tool, ["gen", "object", linked, ...objects], work, sources);
    const args = [...(options.kind === "light" ? ["-L"] : []), "gen"];
    const making = [...args, options.kind === "sub" ? "subskeleton" : "skeleton", linked, "name", name];
    await intoPlace(header, (half) => bpftoolStep(tool, making, work, sources, half));
  });
  return { ok: true, output, header, name, notes: [...new Set(planNotes), ...(await notesOn(first, options))] };
}

/** Where the header goes, and what its structure is called. */
export function placeOf(
  source: string,
  isOneOfMany: boolean,
  { kind, name: wanted }: Pick<SkeletonOptions, "kind" | "name">,
): { readonly header: string; readonly name: string } {
  const name = wanted === "" ? skeletonName(source) : checkedName(wanted);
  const stem = isOneOfMany && wanted !== "" ? wanted : stemOf(source);
  return { name, header: join(dirname(source), skeletonFile(stem, kind)) };
}

async function bpftoolStep(
  { program, version }: Tool,
  args: readonly string[],
  work: Work,
  sources: readonly string[],
  stdoutFile?: string,
): Promise<void> {
  const options = { cwd: work.root, ...(stdoutFile !== undefined && { stdoutFile }) };
  const { code, stderr, stdout } = await step(program, args, work, options);
  if (code !== 0) throw bpftoolFailure(stderr + stdout, { version, sources, args });
}

/** The first bpftool, and with it libbpf 1.2, that knows the section. */
const LINKED_STRUCT_OPS = { section: /\bSEC\s*\(\s*"\??\.struct_ops\.link"/, since: "7.2" };

/** Older ones pass over it without a word, and the skeleton lacks what is in it. */
async function refuseUnknownSections(source: string, { version }: Tool): Promise<void> {
  const { section, since } = LINKED_STRUCT_OPS;
  // RHEL 8 counts its own otherwise: 4.18 can do much of what is newer.
  if (compareVersions(version, since) >= 0 || compareVersions(version, "5") < 0) return;
  const text = await readFile(source, "utf8").catch(() => "");
  if (!section.test(text)) return;
  throw new ToolProblem(
    `No skeleton of ${basename(source)}: bpftool ${version} does not know SEC(".struct_ops.link"), which came with ${since}. A newer one does; or use SEC(".struct_ops"), which every bpftool and libbpf knows.`,
    { setting: "hookpoint.tools.bpftool", install: "bpftool" },
  );
}

/** As bpftool opens every one, old and new. */
function isSkeleton(text: string): boolean {
  return /THIS FILE IS AUTOGENERATED/.test(text);
}

async function notesOn(source: string, { name }: SkeletonOptions): Promise<readonly string[]> {
  if (name !== "") return [];
  const others = namesakes(source, await readdir(dirname(source)));
  return others.map(
    (other) =>
      `${basename(source)} and ${other} are both called ${skeletonName(source)} in C: no program can include both skeletons. Give one another name.`,
  );
}
