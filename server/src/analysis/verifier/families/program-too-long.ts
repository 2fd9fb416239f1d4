/** Family: a program that has more instructions than the kernel reads. */

import type { Family } from "../family.ts";

export const programTooLong: Family = {
  id: "program-too-long",
  title: "Program has too many instructions",
  class: "limit",
  by: "loader",
  said: [
    /^(?:libbpf: )?(?:prog '[^']+': )?[Pp]rogram too large \((\d+) insns\), at most (\d+) insns/,
    /^(?:.*: )?load program: argument list too long$/,
    /^refused without a word: E2BIG/,
  ],
  meaning: ({ match: { 0: all } }) =>
    `The code is longer than a kernel takes: 4096 instructions before 5.2 and for a loader without CAP_BPF, one million since.${all.includes("at most") ? "" : " Or the loader asks for something that came with a later kernel: this one says the same of a request with more in it than it knows."}`,
  advice: "Unroll less, move code into functions that are not inlined, or split it with tail calls.",
  rules: ["unrolled-loop"],
  examples: [
    { text: "libbpf: Program too large (5000 insns), at most 4096 insns", from: "iproute2 and old libbpf" },
    { text: "load program: argument list too long", from: "cilium/ebpf" },
    { text: "refused without a word: E2BIG (xdp, xdp)", from: "4.18 to 7.2" },
  ],
};
