/** Family: a type of program, or a place to attach, that this kernel does not have. */

import type { Family } from "../family.ts";

export const programTypeNotInKernel: Family = {
  id: "program-type-not-in-kernel",
  title: "Kernel does not have this kind of program",
  class: "environment",
  by: "kernel",
  said: [/^refused without a word: (EINVAL)(?: \(([^,)]+)(?:, ([^)]+))?\))?/],
  meaning: ({ match: { 2: kind, 3: section } }) =>
    `The kernel refused the program before the verifier looked at it. Mostly it does not have this kind of program${named(kind, section)}: the kernel is older, or was made without it. It may also be a flag or a place to attach that does not go with the type.`,
  advice:
    "Ask what this kernel has: bpftool feature probe kernel; verify it on another kernel. Check what stands behind the type in SEC().",
  rules: ["program-type-not-on-target"],
  inGeneral: true,
  examples: [
    { text: "refused without a word: EINVAL (type 20, lirc_mode2)", from: "kernels without CONFIG_BPF_LIRC_MODE2" },
  ],
};

function named(kind: string | undefined, section: string | undefined): string {
  const name = section ?? kind;
  return name === undefined ? "" : ` (${name})`;
}
