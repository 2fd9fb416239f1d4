/** Makes vmlinux.h, the kernel's types as C: all of them, or what some sources use. */

import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { typesNamed } from "../analysis/btf/named.ts";
import { subsetOf } from "../analysis/btf/subset.ts";
import { writeBtf } from "../analysis/btf/write.ts";
import { bpftool } from "./bpftool.ts";
import { type BtfFile, btfFile, readBtfFile } from "./btf-file.ts";
import type { Work } from "./choices.ts";
import { planBuild } from "./plan.ts";
import { ToolProblem } from "./problem.ts";
import { step } from "./step.ts";
import { inTemporaryFolder } from "./temporary.ts";
import { compareVersions, need, type Tool } from "./tool.ts";
import { type Used, usedNames } from "./used-names.ts";
import { existing, isGenerated, vmlinuxPlace } from "./vmlinux-place.ts";
import { writeWhole } from "./write.ts";

export interface VmlinuxWish {
  /** The file with the types; undefined for this machine's kernel. */
  readonly btf: string | undefined;
  /** The sources that it is for. */
  readonly sources: readonly string[];
  /** Only what these use, and what that is made of. */
  readonly minimal: boolean;
  /** Undefined for where the sources look for it. */
  readonly output: string | undefined;
  /** Asked before a file is replaced that no tool has made. */
  readonly mayReplace: (path: string) => Promise<boolean>;
}

export interface Vmlinux {
  readonly path: string;
  readonly bytes: number;
  /** For people: "Linux 6.12.1". */
  readonly from: string;
  /** For a minimal one: the sources that it was made for. */
  readonly sources: readonly string[];
  /** Those of them that clang finds an error in now, with the first. */
  readonly failing: readonly { readonly source: string; readonly error: string }[];
}

export async function generateVmlinux(wish: VmlinuxWish, work: Work): Promise<Vmlinux> {
  const tool = await need(bpftool, work.choices.bpftool, work.root, work.signal);
  const btf = await btfFile(wish.btf, work.root);
  const path = wish.output ?? (await vmlinuxPlace(wish.sources, work));
  await allowed(path, wish);
  const used = wish.minimal ? await namesFor(wish.sources, work) : undefined;
  work.tell(`types of ${btf.title}`);
  const code = await inTemporaryFolder((folder) => dumped(btf, used, { folder, tool, work }));
  const text = `${banner(btf, tool, used, work.root)}${code}`;
  await writeWhole(path, text);
  const failing = used === undefined ? [] : await checked(used.sources, path, work);
  return { path, bytes: Buffer.byteLength(text), from: btf.title, sources: used?.sources ?? [], failing };
}

async function allowed(path: string, { mayReplace }: VmlinuxWish): Promise<void> {
  if ((await existing(path)) !== "foreign" || (await mayReplace(path))) return;
  throw new ToolProblem(
    `${path} is there already, and not as bpftool makes it. Nothing was written: choose another name, or have it replaced with --force.`,
  );
}

async function namesFor(sources: readonly string[], work: Work): Promise<Used> {
  if (sources.length === 0)
    throw new ToolProblem(
      "There is no BPF C source whose types could be looked for. Name one, or make the whole header.",
    );
  const used = await usedNames(sources, work);
  if (used.sources.length > 0) return used;
  throw new ToolProblem(
    sources.length === 1
      ? `${relative(work.root, sources[0] ?? "")} does not include vmlinux.h, so it needs none of its types.`
      : "None of the sources includes vmlinux.h, so they need none of its types.",
  );
}

interface Place {
  readonly folder: string;
  readonly tool: Tool;
  readonly work: Work;
}

async function dumped(btf: BtfFile, used: Used | undefined, { folder, tool, work }: Place): Promise<string> {
  const header = join(folder, "vmlinux.h");
  const source = used === undefined ? btf : await reduced(btf, used, join(folder, "used.btf"));
  const base = source.base === undefined ? [] : ["-B", source.base];
  const args = [...base, "btf", "dump", "file", source.path, "format", "c"];
  const { code, stderr } = await step(tool.program, args, work, { cwd: work.root, stdoutFile: header });
  const text = await readFile(header, "utf8");
  if (code === 0 && isGenerated(text.slice(0, 8192))) return text;
  const reason = /^Error: (.*?)\.?$/m.exec(stderr)?.[1] ?? `it ended with ${code}`;
  throw new ToolProblem(`bpftool cannot make C of the types in ${btf.path}: ${reason}.`, {}, stderr);
}

async function reduced(btf: BtfFile, used: Used, path: string): Promise<BtfFile> {
  const types = await readBtfFile(btf);
  const subset = subsetOf(types, { ids: typesNamed(types, used), follows: (member) => used.words.has(member) });
  await writeFile(path, writeBtf(subset, types.littleEndian));
  return { ...btf, path, base: undefined };
}

/** From this one on it prints functions of the kernel as well. */
const PRINTS_KFUNCS = "7.5";

function banner(btf: BtfFile, { version }: Tool, used: Used | undefined, root: string): string {
  const lines = [`The types of ${btf.title}, by bpftool ${version} and Hookpoint. Make it anew rather than edit it.`];
  if (used !== undefined) {
    const names = used.sources.map((source) => relative(root, source)).join(", ");
    lines.push(`Only what these use: ${names}. When they use more, make it anew: hookpoint vmlinux --minimal`);
  }
  if (compareVersions(version, PRINTS_KFUNCS) < 0)
    lines.push(
      `Without prototypes of kfuncs, which bpftool ${PRINTS_KFUNCS} and newer print: declare those that you call.`,
    );
  return `/*\n${lines.map((line) => ` * ${line.replaceAll("*/", "* /")}\n`).join("")} */\n`;
}

/** What is left out by mistake must be known at once. */
async function checked(sources: readonly string[], header: string, work: Work): Promise<Vmlinux["failing"]> {
  const failing: { source: string; error: string }[] = [];
  for (const source of sources) {
    work.tell(`checking ${basename(source)}`);
    const { program, flags, cwd } = await planBuild(source, work);
    const args = [...flags, "-I", dirname(header), "-fsyntax-only", source];
    const { code, stderr } = await step(program, args, work, { cwd });
    if (code !== 0) failing.push({ source, error: /\b(?:fatal )?error: (.*)/.exec(stderr)?.[1] ?? stderr.trim() });
  }
  return failing;
}
