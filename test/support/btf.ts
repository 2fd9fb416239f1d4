/** The BTF that clang writes for a source. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findClang, findProgram } from "../vscode/process.mjs";

export interface BuiltSections {
  readonly btf: Uint8Array;
  readonly ext: Uint8Array;
}

/** @param target bpfel or bpfeb: which byte order */
export function sectionsBuilt(source: string, target = "bpfel"): BuiltSections {
  const folder = mkdtempSync(join(tmpdir(), "hookpoint btf-"));
  try {
    const [c, object] = [join(folder, "x.c"), join(folder, "x.o")];
    writeFileSync(c, source);
    execFileSync(findClang() ?? "clang", ["-target", target, "-g", "-O2", "-c", c, "-o", object]);
    return { btf: sectionOf(object, ".BTF"), ext: sectionOf(object, ".BTF.ext") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sectionOf(object: string, name: string): Uint8Array {
  const file = `${object}${name}`;
  const objcopy = findProgram("llvm-objcopy", ...[22, 21, 20, 19, 18, 17, 16, 15, 14].map((n) => `llvm-objcopy-${n}`));
  execFileSync(objcopy ?? "llvm-objcopy", [`--dump-section=${name}=${file}`, object, `${object}.copy`]);
  return new Uint8Array(readFileSync(file));
}
