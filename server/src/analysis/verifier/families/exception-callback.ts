/** Family: a function for exceptions that does not fit, or bpf_throw() where it cannot be. */

import type { Family } from "../family.ts";

export const exceptionCallback: Family = {
  id: "exception-callback",
  title: "Exception cannot be handled so",
  class: "source",
  by: "verifier",
  said: [
    /^exception callback '([^']+)' (?:must have global linkage|could not be found in BTF)/,
    /^exception cb (?:only supports single integer argument|cannot return void)/,
    /^exception callback type id not found in func_info/,
    /^multiple exception callback tags for main subprog/,
    /^(?:insn \d+ )?cannot call exception cb directly/,
    /^cannot tail call within exception cb/,
    /^bpf_throw kfunc \(insn \d+\) cannot be called from callback subprog \d+/,
    /^(?:libbpf: )?prog '[^']+': (?:exception callback (\S+) must be a global non-hidden function|cannot find exception callback '([^']+)'|exception_callback:<value> decl tag .+|multiple subprogs with same name as exception callback '[^']+')/,
  ],
  meaning: ({ match: { 0: all } }) =>
    all.includes("bpf_throw kfunc")
      ? "A function that the kernel calls back cannot throw: nobody would be there to catch it."
      : all.includes("func_info")
        ? "The function that takes over after bpf_throw() is in the object, but not in what was loaded: libbpf before 1.3 does not know exception callbacks, and leaves out what no other code calls."
        : "The function that takes over after bpf_throw() must be a global function of this file with one argument, an unsigned 64-bit number, and an int as result; nobody may call it directly.",
  advice: ({ match: { 0: all } }) =>
    all.includes("bpf_throw kfunc")
      ? "Return a value that stops the loop, and call bpf_throw() outside."
      : all.includes("func_info")
        ? "Load the object with libbpf 1.3 or later."
        : "Declare it as int name(u64 cookie), not static, and name it once with __exception_cb(name) at the program.",
  rules: ["exception-misuse", "bad-return-value"],
  examples: [
    { text: "exception callback 'on_throw' must have global linkage", from: "6.7 to 7.2" },
    { text: "exception cb only supports single integer argument", from: "6.7 to 7.2" },
    { text: "exception callback type id not found in func_info", from: "6.7 to 7.2" },
    { text: "multiple exception callback tags for main subprog", from: "6.7 to 7.2" },
    { text: "insn 7 cannot call exception cb directly", from: "6.7 to 7.2" },
    { text: "cannot tail call within exception cb", from: "6.7 to 7.2" },
    { text: "bpf_throw kfunc (insn 12) cannot be called from callback subprog 2", from: "6.7 to 7.2" },
    { text: "libbpf: prog 'x': cannot find exception callback 'on_throw'", from: "libbpf 1.3 and later" },
  ],
};
