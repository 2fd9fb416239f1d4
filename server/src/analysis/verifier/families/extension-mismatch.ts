/** Family: a program that replaces or traces another, and does not fit it. */

import type { Family } from "../family.ts";

export const extensionMismatch: Family = {
  id: "extension-mismatch",
  title: "Does not fit the program it attaches to",
  class: "source",
  by: "verifier",
  said: [
    /^Cannot (?:replace (?:static|kernel) functions|extend fentry\/fexit(?:\/fsession)?|recursively attach|nest tracing program attach more than once|attach to a target with arena context arguments)/,
    /^(\w+)\(\) is not a global function/,
    /^(\w+)\(\) has (\d+) args while (\w+)\(\) has (\d+) args/,
    /^Return type .+ of (\w+)\(\) doesn't match type .+ of (\w+)\(\)/,
    /^arg(\d+) in (\w+)\(\) (?:is .+ while|has size|has unrecognized type|is not a pointer to context)/,
    /^arg(\d+) \w+\(struct \w+ \*\) doesn't match \w+\(struct \w+ \*\)/,
    /^Extension program(?:s should be JITed| changes packet data, while original does not| may sleep, while original does not)/,
    /^(?:Can attach to only JITed progs|Can trace only JITed BPF progs)/,
    /^(?:Tracing|Extension|FENTRY\/FEXIT) program can only be attached to another program annotated with BTF/,
    /^Program extension requires BTF/,
    /^Only FENTRY\/FEXIT(?:\/FSESSION)? progs are attachable to another BPF prog/,
    /^(?:\S+ programs cannot attach to exception callback)/,
    /^freplace programs with >\d+ args not supported yet/,
  ],
  meaning: ({ match: { 0: all } }) => {
    if (all.includes("static") || all.includes("global function"))
      return "Only a function that is not static can be replaced: the verifier looked at a static one together with its callers.";
    if (/args while|Return type|^arg/.test(all))
      return "A function can only be replaced by one with the very same arguments and result.";
    if (all.includes("while original"))
      return "The new function does more than the old one was allowed: the callers were looked at without that.";
    if (all.includes("BTF"))
      return "The program that is attached to was loaded without its types, so that its functions cannot be found.";
    if (all.includes("JITed")) return "The program that is attached to is interpreted, not compiled.";
    return "Programs cannot be attached to each other in this way.";
  },
  advice:
    "Compare both declarations; in the program that is replaced the function must be global (not static) and __noinline, built with -g.",
  rules: ["replacement-mismatch"],
  examples: [
    { text: "Cannot replace static functions", from: "5.6 to 7.2" },
    { text: "parse() is not a global function", from: "5.6 to 7.2" },
    { text: "parse() has 1 args while new_parse() has 2 args", from: "5.6 to 7.2" },
    { text: "Return type INT of parse() doesn't match type VOID of new_parse()", from: "5.6 to 7.2" },
    { text: "arg0 in parse() is INT while new_parse() has PTR", from: "5.6 to 7.2" },
    { text: "arg0 parse(struct xdp_md *) doesn't match new_parse(struct __sk_buff *)", from: "5.6 to 7.2" },
    { text: "Extension program changes packet data, while original does not", from: "6.12 to 7.2" },
    { text: "Can attach to only JITed progs", from: "5.6 to 7.2" },
    { text: "FENTRY/FEXIT program can only be attached to another program annotated with BTF", from: "5.5 to 7.0" },
    { text: "Program extension requires BTF", from: "5.6 to 7.2" },
    { text: "Only FENTRY/FEXIT progs are attachable to another BPF prog", from: "5.5 to 7.0" },
    { text: "Only FENTRY/FEXIT/FSESSION progs are attachable to another BPF prog", from: "7.1 and 7.2" },
    { text: "Extension programs cannot attach to exception callback", from: "6.7 to 7.2" },
    { text: "freplace programs with >5 args not supported yet", from: "7.2" },
  ],
};
