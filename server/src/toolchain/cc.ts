/** The C compiler of the system: it makes the programs that load BPF objects. */

import { llvmPrograms } from "./llvm.ts";
import { simpleTool } from "./simple-tool.ts";

export const cc = simpleTool({
  name: "a C compiler",
  purpose: "build programs that load BPF objects",
  install: "cc",
  candidates: ["cc", "gcc", ...llvmPrograms("clang")],
  version: /(?:\)|version) (\d+(?:\.\d+)*)/,
});
