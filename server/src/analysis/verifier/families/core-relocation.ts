/** Family: a field or a type that this kernel does not have. */

import type { Family } from "../family.ts";

export const coreRelocation: Family = {
  id: "core-relocation",
  title: "This kernel has no such field or type",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?failed to resolve CO-RE relocation (<\w+>)? ?\[\d+\] (.+)/,
    /^(?:\d+: )?<invalid CO-RE relocation>/,
    /^invalid func unknown#195896080\b/,
    /^(?:libbpf: )?prog '([^']+)': relo #\d+: (?:no matching targets found|target candidate search failed for \[\d+\] (.+): -?\d+)/,
    /^.*bad CO-RE relocation(?::.*)?$/,
  ],
  meaning: ({ match }) => {
    const what = whatOf(match[2] ?? "");
    return `The program asks for ${what ?? "a field, type or value"}, and the types of the running kernel have no such: it was renamed or removed, came later, or was configured out. libbpf puts an invalid call in its place, which the kernel refuses where it can be reached.`;
  },
  advice:
    "Ask before: if (bpf_core_field_exists(p->field)) …, bpf_core_type_exists(), bpf_core_enum_value_exists(); for renamed fields declare the old struct as struct name___old with preserve_access_index and read from that.",
  rules: [],
  examples: [
    {
      text: "failed to resolve CO-RE relocation <byte_off> [423] struct inode.i_atime.tv_sec (0:15:0 @ offset 88)",
      from: "libbpf 0.8 and later",
    },
    { text: "12: <invalid CO-RE relocation>", from: "libbpf 0.8 and later" },
    { text: "invalid func unknown#195896080", from: "libbpf 0.0.8 and later, on any kernel" },
    { text: "libbpf: prog 'x': relo #3: no matching targets found", from: "libbpf 0.0.6 and later" },
    { text: "load program: bad CO-RE relocation: invalid func unknown#195896080", from: "cilium/ebpf" },
  ],
};

/** `struct inode.i_atime.tv_sec (0:15:0 @ offset 88)` */
function whatOf(text: string): string | undefined {
  const [, kind, name] = /^(struct|union|enum|typedef) ([\w.[\]]+(?:::\w+)?)/.exec(text) ?? [];
  if (name === undefined) return undefined;
  const dot = name.indexOf(".");
  return dot < 0 ? `${kind} ${name}` : `the field ${name.slice(dot + 1)} of ${kind} ${name.slice(0, dot)}`;
}
