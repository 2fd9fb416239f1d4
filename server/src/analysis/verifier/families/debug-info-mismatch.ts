/** Family: types or lines that came with the program and are not of it. */

import type { Family } from "../family.ts";

export const debugInfoMismatch: Family = {
  id: "debug-info-mismatch",
  title: "Types or lines are not of this code",
  class: "lowering",
  by: "verifier",
  said: [
    /^func_info BTF section doesn't match subprog layout in BPF program/,
    /^number of funcs in func_info doesn't match number of subprogs/,
    /^missing bpf_line_info for (?:func#\d+|\d+ funcs starting from func#\d+)/,
    /^Invalid (?:line_info\[\d+\]\.|insn code at line_info\[)/,
    /^Invalid core_relo\[\d+\]/,
    /^nonzero (?:tailing record in \w+|insn_off \d+ for the first func info record)/,
    /^same or smaller insn offset \(\d+\) than previous func info record/,
    /^invalid (?:func info rec size|type id \d+ in func info|btf id for main subprog in func_info)/,
    /^missing btf func_info/,
    /^(?:libbpf: )?(?:prog '[^']+': )?(?:missing|error relocating) \.BTF\.ext (?:func(?:tion)?|line) info/,
  ],
  meaning:
    "What came with the code about its functions and lines (.BTF.ext) does not fit the code itself: an object that was changed after it was compiled, or put together by a tool that left a part out.",
  advice:
    "Build the object anew with clang -g, link objects only with bpftool gen object, and strip with llvm-strip -g.",
  examples: [
    { text: "func_info BTF section doesn't match subprog layout in BPF program", from: "5.0 to 7.0" },
    { text: "number of funcs in func_info doesn't match number of subprogs", from: "5.0 to 7.0" },
    { text: "missing bpf_line_info for func#1", from: "5.0 to 7.0" },
    { text: "Invalid line_info[3].insn_off:12 (prev_offset:12 prog->len:10)", from: "5.0 to 7.0" },
    { text: "Invalid core_relo[0].insn_off:9 prog->len:8", from: "5.17 to 7.0" },
    { text: "nonzero tailing record in func info", from: "5.0 to 7.0" },
    { text: "same or smaller insn offset (4) than previous func info record (4)", from: "5.0 to 7.0" },
    { text: "invalid type id 5 in func info", from: "5.0 to 7.0" },
    { text: "missing btf func_info", from: "5.13 to 7.2" },
    { text: "libbpf: prog 'x': missing .BTF.ext function info.", from: "libbpf 0.2 and later" },
  ],
};
