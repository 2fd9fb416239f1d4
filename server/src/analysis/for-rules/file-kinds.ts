/** What kind of file a text is, told by what stands in it. */

import { isKernelTypes } from "../header.ts";
import { isLibbpfHeader } from "../kernel-headers.ts";
import type { BpfModel } from "../model.ts";
import type { RuleContext } from "../rule.ts";

/** Whether the text is the main file of its object: a header relies on those that include it. */
export function isMainFile({ programs, licence }: BpfModel): boolean {
  return programs.length > 0 && licence !== undefined;
}

/** A text made to be included: what stands before it where that happens is not known. */
export function isHeader({ code }: BpfModel): boolean {
  const [first, second] = code.directives();
  if (first?.name === "pragma") return first.body === "once";
  return first?.name === "ifndef" && second?.name === "define" && second.body.split(/\s/)[0] === first.body;
}

/** Whether clang compiles the text for BPF: user space may look much the same. */
export function isForBpf(model: BpfModel): boolean {
  if (model.programs.length > 0 || model.maps.length > 0 || model.includes.length === 0) return true;
  return model.included().some((path) => isLibbpfHeader(path) || isKernelTypes({ path }) || path.endsWith(".bpf.h"));
}

/** A file for cilium's bpf2go says so in its first lines, whatever the setting says. */
export function isForGo({ code: { lines } }: BpfModel): boolean {
  for (let i = 0; i < Math.min(lines.count, 40); i++)
    if (/^\s*\/\/\s*(?:go:build|\+build)\s+ignore\b/.test(lines.textOf(i))) return true;
  return false;
}

/** eBPF for Windows reads the same definitions, with rules of its own. */
export function isForWindows({ includes }: BpfModel): boolean {
  return includes.some(({ path }) => /^ebpf_\w+\.h$/.test(path));
}

/** bcc rewrites what it compiles: it reads what pointers lead to, takes arguments out of registers, and brings functions of its own. */
export function isForBcc({ model: { maps }, loader }: Pick<RuleContext, "model" | "loader">): boolean {
  return loader === "bcc" || maps.some(({ dialect }) => dialect === "bcc");
}
