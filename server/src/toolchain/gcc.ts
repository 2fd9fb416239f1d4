/** GCC's BPF back end: the other compiler that makes BPF objects of C. */

import type { ToolKind } from "./tool.ts";

/** Kernels refuse the types that older ones write. */
const OLDEST = 14;
const NEWEST = 17;
/** As distributions, the GNU project and crosstool name it. */
const NAMES = ["bpf-gcc", "bpf-unknown-none-gcc", "bpf-none-gcc"];

export const gcc: ToolKind = {
  name: "GCC for BPF",
  purpose: "build BPF objects where hookpoint.build.compiler says gcc",
  setting: "hookpoint.tools.gcc",
  install: "gcc-bpf",
  newest: true,
  candidates: () => NAMES.flatMap((name) => [name, ...versions().map((version) => `${name}-${version}`)]),
  probe: async (program, ask) => {
    const machine = (await ask(["-dumpmachine"]))?.trim();
    if (machine === undefined || !/^[\w.+-]+$/.test(machine)) return "does not say what it compiles for, as gcc would";
    if (!/^bpf\b/.test(machine)) return `compiles for ${machine}, not for BPF`;
    const version = /^\d+(?:\.\d+)*/.exec((await ask(["-dumpfullversion", "-dumpversion"])) ?? "")?.[0];
    if (version === undefined) return "does not say its version, as gcc would";
    if (Number.parseInt(version, 10) < OLDEST)
      return `is version ${version}, and ${OLDEST} is the oldest that will do: kernels refuse the types that older ones write`;
    return { program, version };
  },
};

function versions(): readonly number[] {
  return Array.from({ length: NEWEST - OLDEST + 1 }, (_, i) => NEWEST - i);
}
