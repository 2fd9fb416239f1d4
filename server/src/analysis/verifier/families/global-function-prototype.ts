/** Family: a global function that is declared as the verifier cannot look at it on its own. */

import type { Family } from "../family.ts";

export const globalFunctionPrototype: Family = {
  id: "global-function-prototype",
  title: "Global function with an unsupported declaration",
  class: "source",
  by: "verifier",
  said: [
    /^Global function (\w+)\(\) with (\d+) > (\d+) args\. Buggy compiler/,
    /^(?:Global f|global f|F)unction (\w+) has (\d+) > (\d+) args/,
    /^(?:kernel supports at most \d+ parameters, function (\w+) has \d+|JIT does not support function (\w+)\(\) with \d+ args)/,
    /^Arg#(\d+) type (.+) in (\w+)\(\) is not supported yet/,
    /^(?:arg#\d+|R\d+) reference type\('(.+)'\) (?:size cannot be determined: -?\d+|has no matches|is ambiguous|candidate matching error: -?\d+|points to kernel module type \(unsupported\))/,
    /^arg#\d+ (?:has invalid combination of tags|has unsupported set of tags|has pointer tag, but is not a pointer type|arena cannot be combined with any other tags|untrusted cannot be combined with any other tags|has type .+, but only struct or primitive types are allowed|type tag is not supported in static functions|type tag fetching failure: .+|marked as non-null, but is not a pointer type)/,
    /^arg#\d+ (?:should be (?:void pointer|`struct .+`)|type doesn't have a name|struct doesn't have a name|type isn't a pointer|type is not a struct)/,
    /^Global functions need valid BTF/,
    /^(?:Invalid BTF of func|Invalid type of function|BTF of func#\d+ doesn't point to KIND_FUNC)(?: (\w+))?/,
    /^reg type unsupported for arg#(\d+) (?:\S+ )?function (\S+)#\d+/,
    /^(?:libbpf: )?prog '[^']+': subprog '([^']+)' arg#(\d+) is expected to be of `struct (\w+) \*` type/,
  ],
  meaning: ({ match: { 0: all } }) => {
    if (/args|parameters/.test(all)) return "A function that is called gets at most five arguments.";
    if (/size cannot|no matches|ambiguous/.test(all))
      return "A pointer argument of a global function must be to a type whose size is known, and this type is only declared, or is void.";
    return "A function that is not static is looked at once, for all that its declaration allows, and this declaration says too little or is not of the kind the kernel reads.";
  },
  advice:
    "Make the function static: then its callers are looked at instead. Otherwise define the type of each argument, and pass structs by pointer.",
  rules: ["global-function-on-old-kernel", "too-many-arguments", "global-function-signature"],
  inGeneral: true,
  examples: [
    { text: "Global function sum() with 6 > 5 args. Buggy compiler.", from: "5.6 to 7.1" },
    { text: "Function sum has 6 > 5 args", from: "5.5 to 7.2" },
    { text: "kernel supports at most 5 parameters, function sum has 6", from: "7.2" },
    { text: "Arg#0 type STRUCT in sum() is not supported yet.", from: "5.6 to 7.2" },
    { text: "arg#0 reference type('UNKNOWN ') size cannot be determined: -22", from: "5.12 to 7.2" },
    { text: "arg#0 has invalid combination of tags", from: "6.9 to 7.2" },
    { text: "arg#0 should be void pointer", from: "6.8 to 7.2" },
    { text: "Global functions need valid BTF", from: "5.6 to 7.2" },
    { text: "Invalid BTF of func sum", from: "5.6 to 6.6" },
    { text: "reg type unsupported for arg#0 function sum#7", from: "5.16 to 6.6" },
    {
      text: "libbpf: prog 'x': subprog 'sum' arg#0 is expected to be of `struct xdp_md *` type",
      from: "libbpf 1.4 and later",
    },
  ],
};
