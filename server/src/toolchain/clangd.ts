/** clangd: the language server that reads the C around BPF. */

import { llvmPrograms } from "./llvm.ts";
import { simpleTool } from "./simple-tool.ts";

export const clangd = simpleTool({
  name: "clangd",
  purpose: "complete and navigate plain C beside Hookpoint",
  install: "clangd",
  candidates: llvmPrograms("clangd"),
  version: /clangd version (\d+(?:\.\d+)*)/,
});
