/** Family: an instruction that this kernel does not know, or that has reserved parts set. */

import type { Family } from "../family.ts";

export const unknownInstruction: Family = {
  id: "unknown-instruction",
  title: "Instruction is unknown to this kernel",
  class: "environment",
  by: "verifier",
  said: [
    /^unknown (?:opcode|insn class) ([0-9a-f]+)/,
    /^(?:unrecognized bpf_ld_imm64 insn|invalid bpf_ld_imm64 insn|invalid BPF_LD_IMM insn|invalid BPF_LD mode)/,
    /^(BPF_\w+(?:\/\w+|\|BPF_X)?|BPF_LD_\[ABS\|IND\]) uses reserved fields/,
    /^invalid (BPF_ALU|BPF_JMP|BPF_JMP\/JMP32) opcode ([0-9a-f]+)/,
    /^BPF_ATOMIC uses invalid atomic opcode ([0-9a-f]+)/,
    /^invalid atomic operand size/,
    /^BPF_ARSH not supported for 32 bit ALU/,
    /^64-bit (?:load-acquires|store-releases) are only supported on 64-bit arches/,
    /^invalid may_goto (?:off|imm) -?\d+/,
  ],
  meaning:
    "The compiler used an instruction that came later than this kernel: atomics with a result (5.12), signed division and long jumps (-mcpu=v4, 6.6), load-acquire and store-release (6.15).",
  advice:
    "Build for an older instruction set, -mcpu=v2 or v3; use only the plain __sync_fetch_and_add() without its result on kernels before 5.12.",
  rules: ["atomic-on-old-kernel", "signed-division"],
  examples: [
    { text: "unknown opcode 8d", from: "4.18 to 7.2" },
    { text: "unrecognized bpf_ld_imm64 insn", from: "4.18 to 7.2" },
    { text: "BPF_STX uses reserved fields", from: "4.18 to 7.2" },
    { text: "invalid BPF_ALU opcode f0", from: "4.18 to 7.2" },
    { text: "BPF_ATOMIC uses invalid atomic opcode 51", from: "5.12 to 7.2" },
    { text: "invalid atomic operand size", from: "5.12 to 7.2" },
    { text: "BPF_ARSH not supported for 32 bit ALU", from: "4.18 to 4.20" },
    { text: "64-bit load-acquires are only supported on 64-bit arches", from: "6.15 to 7.2" },
    { text: "invalid may_goto imm 1", from: "6.14 to 7.2" },
    { text: "invalid may_goto off 3 imm 1", from: "6.9 to 6.13" },
  ],
};
