/** Rule: a map that is static. */

import { replace } from "../edits.ts";
import { readerOf } from "../knowledge/loaders.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const staticMap: Rule = {
  meta: {
    id: "static-map",
    group: "maps",
    summary: "A map that is static",
    rationale: `libbpf finds maps by the symbols of the object file, and a \`static\` variable has none that others may see.
It refuses such an object as a whole: \`unsupported map linkage static\`. Maps that only one of several linked objects should
see are marked \`__hidden\` instead.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `static struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
} counts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
} counts SEC(".maps");`,
        refused: { by: "libbpf", says: "map 'counts': unsupported map linkage static" },
      },
    ],
  },

  *check({ model, loader }: RuleContext): Iterable<Report> {
    // cilium/ebpf and aya do not look at it.
    if (readerOf(loader) !== "libbpf" || !model.maps.some(({ dialect }) => dialect === "btf")) return;
    for (const { name, staticRange } of model.definitions) {
      if (staticRange === undefined) continue;
      yield {
        range: { start: staticRange.start, end: { ...staticRange.start, character: staticRange.start.character + 6 } },
        message: `map ${name} is static: libbpf refuses the file`,
        fixes: [{ title: "Remove static", edits: [replace(staticRange, "")] }],
      };
    }
  },
};
