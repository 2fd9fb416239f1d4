/** The instructions of an object with their relocations, without what differs by how the types are numbered. */

import { execFileSync } from "node:child_process";
import { findProgram } from "../vscode/process.mjs";

export function disassembled(object: string): string {
  const names = [22, 21, 20, 19, 18, 17, 16, 15, 14].map((version) => `llvm-objdump-${version}`);
  const objdump = findProgram("llvm-objdump", ...names) ?? "llvm-objdump";
  const text = execFileSync(objdump, ["-d", "-r", "--no-show-raw-insn", object], { encoding: "utf8" });
  return text.replaceAll(/\[\d+\] /g, "");
}
