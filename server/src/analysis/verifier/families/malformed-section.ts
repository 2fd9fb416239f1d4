/** Family: a section whose part behind the type cannot be read. */

import type { Family } from "../family.ts";

export const malformedSection: Family = {
  id: "malformed-section",
  title: "Section is not complete",
  class: "source",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?prog '([^']+)': (?:invalid section name|invalid format of section definition) '([^']+)'/,
    /^(?:libbpf: )?prog '([^']+)': section '([^']+)' missing ':function\[\+offset\]' specification/,
    /^(?:libbpf: )?invalid section '([^']+)', expected SEC\("usdt\/<path>:<provider>:<name>"\)/,
    /^(?:libbpf: )?(?:kprobe name is invalid|kprobe offset must be a non-negative integer|kretprobes do not support offset specification|kprobe (?:multi|session) pattern is invalid|tracing multi pattern is invalid)/,
    /^(?:libbpf: )?prog '([^']+)': uretprobes do not support offset specification/,
    /^(?:libbpf: )?prog '([^']+)': no BTF-based attach target is specified/,
  ],
  meaning: ({ match: { 0: all, 2: section } }) => {
    if (all.includes("no BTF-based"))
      return "The program is for a function or a hook of the kernel, and neither its section nor the loader says which.";
    if (/offset spec/.test(all) && all.includes("ret"))
      return "A program at the return of a function has no place inside of the function.";
    return `What stands behind the type${section === undefined ? " in the section" : ` in "${section}"`} cannot be read as the thing to attach to.`;
  },
  advice:
    'Write it like SEC("fentry/FUNCTION"), SEC("kprobe/FUNCTION+0x10"), SEC("uprobe//usr/bin/app:function"), SEC("usdt//usr/bin/app:provider:name"); or set it before loading with bpf_program__set_attach_target().',
  rules: ["malformed-section-target", "missing-section-target"],
  examples: [
    { text: "libbpf: prog 'x': invalid section name 'tp/sched'", from: "libbpf 0.8 and later" },
    {
      text: "libbpf: prog 'x': section 'uprobe//bin/sh' missing ':function[+offset]' specification",
      from: "libbpf 0.8 and later",
    },
    {
      text: "libbpf: invalid section 'usdt/x', expected SEC(\"usdt/<path>:<provider>:<name>\")",
      from: "libbpf 0.8 and later",
    },
    { text: "libbpf: kprobe name is invalid: +0x10", from: "libbpf 0.5 and later" },
    { text: "libbpf: prog 'x': uretprobes do not support offset specification", from: "libbpf 0.8 and later" },
    {
      text: "libbpf: prog 'x': no BTF-based attach target is specified, use bpf_program__set_attach_target()",
      from: "libbpf 0.5 and later",
    },
  ],
};
