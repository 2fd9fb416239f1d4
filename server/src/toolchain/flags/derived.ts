/** The flags that a BPF object needs, and how they join those of the project: what is there already is not added. */

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Work } from "../choices.ts";
import { libbpfIncludes } from "../libbpf.ts";
import { machineOf } from "../machine.ts";
import { findVmlinux } from "../vmlinux-header.ts";
import { isForBpf } from "./clean.ts";
import type { FlagPart } from "./flag.ts";

export type Compiler = "clang" | "gcc";

/** A flag of ours, and whether the project's flags have its like. */
interface Needed {
  readonly words: readonly string[];
  readonly why: string;
  readonly isIn?: (words: readonly string[]) => boolean;
}

const DERIVED = "derived";

/** What the flags of the project lack, or all there are where it has none. */
export async function derivedParts(
  source: string,
  compiler: Compiler,
  project: readonly string[] | undefined,
  work: Pick<Work, "choices" | "root" | "signal">,
): Promise<readonly FlagPart[]> {
  const needed = [
    ...(compiler === "gcc" ? GCC : CLANG),
    ...(project === undefined ? [{ words: ["-Wall"], why: "warnings that are worth it" }] : []),
    architecture(work.choices.arch),
    ...(await headers(source, compiler, work)),
  ];
  return needed
    .filter(({ isIn }) => isIn?.(project ?? []) !== true)
    .map(({ words, why }) => ({ words, why, origin: DERIVED }));
}

const COMMON: readonly Needed[] = [
  {
    words: ["-g"],
    why: "types (BTF) for libbpf and line information for the verifier's log",
    // The last one counts, and some are less than all.
    isIn: (words) => /^-g(?:[123]|gdb\d?|dwarf.*|btf)?$/.test(words.findLast((word) => /^-g/.test(word)) ?? ""),
  },
  { words: ["-O2"], why: "without it the verifier refuses most programs", isIn: (words) => words.some(isLevel) },
];

const CLANG: readonly Needed[] = [...COMMON, { words: ["-target", "bpf"], why: "makes BPF", isIn: isForBpf }];

const GCC: readonly Needed[] = [
  ...COMMON,
  { words: ["-mcpu=v3"], why: "instructions that kernels since 5.12 have", isIn: (words) => words.some(isCpu) },
  {
    words: ["-mco-re"],
    why: "types (BTF) and relocations (CO-RE) for libbpf",
    isIn: (words) => words.some((word) => word === "-mco-re" || word === "-gbtf"),
  },
  {
    words: ["-Wno-unknown-pragmas"],
    why: "vmlinux.h has pragmas that are for clang",
    isIn: (words) => words.includes("-Wunknown-pragmas"),
  },
];

function isLevel(word: string): boolean {
  return /^-O/.test(word);
}

function isCpu(word: string): boolean {
  return /^-mcpu=/.test(word);
}

function architecture(arch: string): Needed {
  const { target } = machineOf(arch);
  return {
    words: [`-D__TARGET_ARCH_${target}`],
    why: "the processor whose registers PT_REGS_PARM1() and its like mean",
    isIn: (words) =>
      words.some(
        (word, i) => /^-D__TARGET_ARCH_/.test(word) || (words[i - 1] === "-D" && /^__TARGET_ARCH_/.test(word)),
      ),
  };
}

/** Behind those of the project, which must win. */
async function headers(
  source: string,
  compiler: Compiler,
  work: Pick<Work, "choices" | "root" | "signal">,
): Promise<readonly Needed[]> {
  const own = dirname(source);
  const vmlinux = await findVmlinux(own, work);
  const folder = vmlinux === undefined ? own : dirname(vmlinux);
  const libbpf = (await libbpfIncludes(own, work)).filter((include) => include !== own && include !== folder);
  const multiarch = `/usr/include/${machineOf(work.choices.arch).triple}`;
  return [
    { words: [`-I${own}`], why: "the source's own folder" },
    ...(folder === own ? [] : [{ words: [`-I${folder}`], why: "vmlinux.h lies there" }]),
    ...libbpf.map((include) => ({ words: [`-I${include}`], why: "libbpf's headers" })),
    ...(compiler === "gcc"
      ? [{ words: ["-idirafter", "/usr/include"], why: "headers of the system, which GCC for BPF does not look for" }]
      : []),
    ...(existsSync(multiarch)
      ? [
          {
            words: ["-idirafter", multiarch],
            why: "Debian keeps asm/types.h there, where a build for BPF does not look",
          },
        ]
      : []),
  ];
}
