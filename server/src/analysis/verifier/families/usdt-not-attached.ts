/** Family: a probe that is built into a program, and cannot be used. */

import type { Family } from "../family.ts";

export const usdtNotAttached: Family = {
  id: "usdt-not-attached",
  title: "Probe in the program is not usable",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?usdt: failed to find USDT support BPF maps, did you forget to include bpf\/usdt\.bpf\.h\?/,
    /^(?:libbpf: )?usdt: (?:no USDT notes section|invalid USDT notes section) \(\S+\) (?:found )?in '([^']+)'/,
    /^(?:libbpf: )?usdt: .+/,
  ],
  meaning: ({ match: { 0: all } }) => {
    if (all.includes("support BPF maps"))
      return "The program is for a probe built into a user program (USDT), and what libbpf needs for that is not in the object.";
    if (all.includes("notes section")) return "That program or library was built without such probes.";
    return "libbpf could not find the probe in that program, or its arguments are written in a way it does not read.";
  },
  advice: ({ match: { 0: all } }) =>
    all.includes("support BPF maps")
      ? "Include bpf/usdt.bpf.h in the source."
      : "List the probes: readelf -n FILE | grep -A3 stapsdt; install the variant of the program that has them.",
  inGeneral: true,
  examples: [
    {
      text: "libbpf: usdt: failed to find USDT support BPF maps, did you forget to include bpf/usdt.bpf.h?",
      from: "libbpf 0.8 and later",
    },
    {
      text: "libbpf: usdt: no USDT notes section (.note.stapsdt) found in '/usr/bin/app'",
      from: "libbpf 0.8 and later",
    },
    { text: "libbpf: usdt: unrecognized arg #1 spec '8@%xmm0'", from: "libbpf 0.8 and later" },
  ],
};
