/** clang: what makes BPF objects of C. */

import { llvmPrograms } from "./llvm.ts";
import type { ToolKind } from "./tool.ts";

/** Older ones miss BTF that today's programs rely on. */
const OLDEST = 11;

export const clang: ToolKind = {
  name: "clang",
  purpose: "build BPF objects",
  setting: "hookpoint.tools.clang",
  install: "clang",
  newest: true,
  candidates: () => llvmPrograms("clang"),
  probe: async (program, ask) => {
    const says = await ask(["--version"]);
    const version = /clang version (\d+(?:\.\d+)*)/.exec(says ?? "")?.[1];
    if (version === undefined) return "does not say its version, as clang would";
    if (Number.parseInt(version, 10) < OLDEST) return `is version ${version}, and ${OLDEST} is the oldest that will do`;
    // Apple's has none, so a version alone says nothing.
    if (!/^\s*bpf\b/m.test((await ask(["--print-targets"])) ?? "")) return "has no BPF target";
    return { program, version };
  },
};
