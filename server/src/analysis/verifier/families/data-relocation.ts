/** Family: a variable or a map that the code refers to and libbpf cannot find. */

import type { Family } from "../family.ts";

export const dataRelocation: Family = {
  id: "data-relocation",
  title: "Refers to what libbpf cannot place",
  class: "source",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?prog '[^']+': invalid relo against '([^']+)' in special section \S+?; forgot to initialize global var\?\.\./,
    /^(?:libbpf: )?prog '[^']+': bad (data|map) relo against (?:'[^']*' in )?section '([^']+)'/,
    /^(?:libbpf: )?prog '[^']+': (data|map) relo failed to find map for section '([^']+)'/,
    /^(?:libbpf: )?prog '[^']+': (?:invalid relo against '([^']+)' for insns\[\d+\]\.code \S+|unexpected relo for insn #\d+, type \d+)/,
    /^(?:libbpf: )?sec '([^']+)': (?:symbol #?\S+ not found for relo #\d+|corrupted symbol #\d+ .+|invalid offset \S+ for relo #\d+|failed to get relo #\d+)/,
    /^(?:libbpf: )?prog '[^']+': failed to relocate (?:calls|data references): (.+)/,
    /^(?:libbpf: )?(?:prog '[^']+': relo #\d+: )?kernel doesn't support global data/,
  ],
  meaning: ({ match: { 0: all, 1: name } }) => {
    if (all.includes("forgot to initialize"))
      return `The variable ${name} is global and has no value at its declaration; the compiler left its place open (a common symbol), and libbpf does not fill such.`;
    if (all.includes("global data"))
      return "The program has global variables or constants, and kernels before 5.2 have nowhere to put them.";
    return "The code refers to something in the object that is no map, no global variable and no function of it: a section that libbpf does not load, or an object that was put together wrongly.";
  },
  advice: ({ match: { 0: all, 1: name } }) =>
    all.includes("forgot to initialize")
      ? `Give it a value, ${name} = 0, or build with -fno-common.`
      : 'Leave variables in the sections that the compiler chooses, and put maps into SEC(".maps").',
  rules: ["global-data-on-old-kernel"],
  examples: [
    {
      text: "libbpf: prog 'x': invalid relo against 'total' in special section 0xfff2; forgot to initialize global var?..",
      from: "libbpf 0.0.8 and later",
    },
    { text: "libbpf: prog 'x': bad data relo against section 'mine'", from: "libbpf 0.2 and later" },
    { text: "libbpf: prog 'x': data relo failed to find map for section '.data'", from: "libbpf 0.2 and later" },
    { text: "libbpf: prog 'x': invalid relo against 'y' for insns[3].code 0x85", from: "libbpf 0.2 and later" },
    { text: "libbpf: sec 'xdp': symbol #12 not found for relo #0", from: "libbpf 0.2 and later" },
    { text: "libbpf: prog 'x': failed to relocate data references: -22", from: "libbpf 0.2 and later" },
    { text: "libbpf: prog 'x': relo #1: kernel doesn't support global data", from: "libbpf before 1.0" },
  ],
};
