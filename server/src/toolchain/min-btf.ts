/** The types of a kernel that some objects need for CO-RE, in a file that goes with them to kernels that show none. */

import { lstat, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { isBtf } from "../analysis/btf/header.ts";
import { bpftool } from "./bpftool.ts";
import { btfFile } from "./btf-file.ts";
import type { Work } from "./choices.ts";
import { ToolProblem } from "./problem.ts";
import { step } from "./step.ts";
import { need } from "./tool.ts";
import { intoPlace } from "./write.ts";

export interface MinBtfWish {
  /** The kernel's types; undefined for this machine's. */
  readonly btf: string | undefined;
  readonly objects: readonly string[];
  readonly output: string;
  /** Asked before a file is replaced that holds no types. */
  readonly mayReplace: (path: string) => Promise<boolean>;
}

export interface MinBtf {
  readonly path: string;
  /** What the objects ask for and the kernel does not have. */
  readonly missing: readonly Missing[];
}

export interface Missing {
  /** The section that it is in, which is what libbpf names here. */
  readonly program: string;
  /** As libbpf says it: `struct task_struct.nope`. */
  readonly what: string;
}

export async function generateMinBtf(wish: MinBtfWish, work: Work): Promise<MinBtf> {
  const { btf, objects, output } = wish;
  if (objects.length === 0)
    throw new ToolProblem("No object is given whose types could be looked for. Build one first.");
  const tool = await need(bpftool, work.choices.bpftool, work.root, work.signal);
  const { path, title } = await btfFile(btf, work.root);
  if (!(await mayWrite(output)) && !(await wish.mayReplace(output)))
    throw new ToolProblem(
      `${output} is there already and holds no types. Nothing was written: choose another name, or have it replaced with --force.`,
    );
  work.tell(`types of ${title}`);
  let log = "";
  await intoPlace(output, async (half) => {
    // It tells what is not there only with -d, and ends with 0 all the same.
    const args = ["-d", "gen", "min_core_btf", path, half, ...objects];
    const { code, stderr, stdout } = await step(tool.program, args, work, { cwd: work.root });
    log = stderr + stdout;
    if (code === 0) return;
    const reason = [...log.matchAll(/^(?:Error|libbpf): (.*?)\.?$/gm)].at(-1)?.[1] ?? `it ended with ${code}`;
    const names = objects.map((object) => basename(object)).join(", ");
    throw new ToolProblem(`bpftool cannot tell what ${names} needs of ${path}: ${reason}.`, {}, log);
  });
  return { path: output, missing: missingIn(log) };
}

async function mayWrite(path: string): Promise<boolean> {
  const info = await lstat(path).catch(() => undefined);
  if (info === undefined) return true;
  return info.isFile() && (info.size === 0 || isBtf(await readFile(path)));
}

/** Old versions write `kind <byte_off> (0), spec is [3] …`; at the end stands where it is, which is of no interest here. */
const RELOCATION =
  /prog '(?<program>[^']*)': relo #(?<number>\d+): (?:kind )?<(?<kind>\w+)>(?: \(\d+\), spec is)? \[\d+\] (?<spec>.*?)(?: \([^()]*\)| = -?\w+)?$/;
const NONE = /prog '(?<program>[^']*)': relo #(?<number>\d+): no matching targets found/;

/** Whether something exists is a question, and "no" an answer. */
const ASKS = /exists|^type_matches$/;

export function missingIn(log: string): readonly Missing[] {
  const specs = new Map<string, { readonly kind: string; readonly spec: string }>();
  const missing = new Map<string, Missing>();
  for (const line of log.split("\n")) {
    const named = RELOCATION.exec(line)?.groups;
    if (named !== undefined) {
      specs.set(`${named["program"]} ${named["number"]}`, { kind: named["kind"] ?? "", spec: named["spec"] ?? "" });
      continue;
    }
    const none = NONE.exec(line)?.groups;
    if (none === undefined) continue;
    const { program = "", number = "" } = none;
    const { kind = "", spec = `relocation ${number}` } = specs.get(`${program} ${number}`) ?? {};
    if (!ASKS.test(kind)) missing.set(`${program} ${spec}`, { program, what: spec });
  }
  return [...missing.values()];
}
