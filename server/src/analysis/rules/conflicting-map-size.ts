/** Rule: key or value given twice, with different sizes. */

import { bytes, mapsIn, memberOf, removeMember } from "../for-rules/map-rules.ts";
import { readerOf } from "../knowledge/loaders.ts";
import type { DefinedMember, MapDefinition } from "../map-definitions.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const conflictingMapSize: Rule = {
  meta: {
    id: "conflicting-map-size",
    group: "maps",
    summary: "A map whose key or value has two sizes",
    rationale: `Where a type and a size are given for one key or value, libbpf compares them and refuses the file when they
differ. \`__type(key, T)\` says how large a key is and \`__uint(key_size, n)\` says it again; the same holds for the value,
and \`__array(values, …)\` makes every value 4 bytes. cilium/ebpf refuses both together even when they agree. The type alone
is enough, and what it says goes into BTF, so that the map can be printed.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `struct run {
	__u32 pid;
	__u32 cpu;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct run);
	__uint(key_size, 4);
	__type(value, __u64);
	__uint(max_entries, 1024);
} runs SEC(".maps");`,
        good: `struct run {
	__u32 pid;
	__u32 cpu;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct run);
	__type(value, __u64);
	__uint(max_entries, 1024);
} runs SEC(".maps");`,
        refused: { by: "libbpf", says: "map 'runs': conflicting key size 8 != 4" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const reader = readerOf(ctx.loader);
    if (reader === "aya") return;
    for (const { definition } of mapsIn(ctx)) {
      for (const what of ["key", "value"] as const) {
        const type = memberOf(definition, what);
        const size = memberOf(definition, `${what}_size`);
        if (type === undefined || size === undefined) continue;
        const sizes = [ctx.model.layoutOf(type.value)?.size, numberOf(size, ctx)] as const;
        const differ = sizes[0] !== undefined && sizes[1] !== undefined && sizes[0] !== sizes[1];
        if (!differ && reader === "libbpf") continue;
        yield {
          range: size.range,
          message: differ
            ? `${size.name} is ${sizes[1]}, but ${type.value} has ${bytes(sizes[0] ?? 0)}: ${reader} refuses the file`
            : `${what} and ${size.name} together: cilium/ebpf refuses the file`,
          fixes: [{ title: `Remove ${size.name}`, edits: [removeMember(size, ctx.model)] }],
        };
      }
      yield* besideValues(definition, ctx);
    }
  },
};

/** Inner maps and programs are held by a number of 4 bytes. */
function* besideValues(definition: MapDefinition, ctx: RuleContext): Iterable<Report> {
  if (memberOf(definition, "values") === undefined) return;
  const value = memberOf(definition, "value") ?? memberOf(definition, "value_size");
  if (value === undefined) return;
  const size = value.name === "value" ? ctx.model.layoutOf(value.value)?.size : numberOf(value, ctx);
  if (size === undefined || size === 0 || size === 4) return;
  yield {
    range: value.range,
    message: `a map with values holds numbers of 4 bytes, not ${bytes(size)}: ${readerOf(ctx.loader)} refuses the file`,
    fixes: [{ title: `Remove ${value.name}`, edits: [removeMember(value, ctx.model)] }],
  };
}

function numberOf({ value }: DefinedMember, { model }: RuleContext): number | undefined {
  const number = model.valueOf(value);
  return number === undefined ? undefined : Number(number);
}
