/** What a skeleton is called: in C, from its file's name, and as a file. */

import { basename } from "node:path";
import { stemOf } from "../plan.ts";
import { ToolProblem } from "../problem.ts";

/** What bpftool makes. */
export type SkeletonKind = "c" | "light" | "sub";

const ENDINGS: Readonly<Record<SkeletonKind, string>> = { c: ".skel.h", light: ".lskel.h", sub: ".subskel.h" };

/** bpftool keeps no more of a name. */
const MAX_LENGTH = 63;

/** `a_b_bpf` for `a-b.bpf.c`. */
export function skeletonName(source: string): string {
  const plain = stemOf(source).replace(/\W/g, "_");
  return `${/^\d/.test(plain) ? "_" : ""}${plain}`.slice(0, MAX_LENGTH - "_bpf".length).concat("_bpf");
}

/** A name that somebody has given, or a problem with it. */
export function checkedName(name: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name) || KEYWORDS.has(name))
    throw new ToolProblem(
      `A skeleton cannot be called "${name}": its name becomes one in C. Choose letters, digits and underscores.`,
    );
  if (name.length > MAX_LENGTH)
    throw new ToolProblem(`The name "${name}" is too long for a skeleton: bpftool takes ${MAX_LENGTH} characters.`);
  return name;
}

const KEYWORDS = new Set(
  `auto break case char const continue default do double else enum extern float for goto if inline int long register
  restrict return short signed sizeof static struct switch typedef union unsigned void volatile while`.split(/\s+/),
);

/** `execwatch.skel.h`, for a source or a name of an object of several. */
export function skeletonFile(stem: string, kind: SkeletonKind): string {
  return `${stem}${ENDINGS[kind]}`;
}

/** Other sources of a folder whose skeletons would have the same name in C: no program could include both. */
export function namesakes(source: string, beside: readonly string[]): readonly string[] {
  const own = basename(source);
  return beside.filter((name) => name !== own && name.endsWith(".bpf.c") && skeletonName(name) === skeletonName(own));
}
