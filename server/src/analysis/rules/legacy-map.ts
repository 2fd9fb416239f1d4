/** Rule: a map in the form that libbpf 1.0 gave up. */

import { replace } from "../edits.ts";
import { toBtfForm } from "../for-rules/legacy-map.ts";
import { familyOf } from "../knowledge/loaders.ts";
import type { BpfMap, BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const legacyMap: Rule = {
  meta: {
    id: "legacy-map",
    group: "sections",
    summary: "A map declared as struct bpf_map_def, which libbpf no longer loads",
    rationale: `Since 1.0 libbpf refuses every object with a section \`maps\`, and its headers no longer define \`struct
bpf_map_def\`. So with them the program does not even compile; the loader says \`legacy map definitions in 'maps' section are
not supported by libbpf v1.0+\`. A map is now an anonymous structure in the section \`.maps\`, whose members BTF describes; it
can say more, for instance what types keys and values have, which \`bpftool map dump\` then shows by name.

cilium/ebpf and aya still read the old form, as iproute2 reads its own, so nothing is said when one of them is set as
\`hookpoint.loader\`.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `struct bpf_map_def SEC("maps") counts = {
	.type        = BPF_MAP_TYPE_HASH,
	.key_size    = sizeof(__u32), // process
	.value_size  = sizeof(__u64),
	.max_entries = 1024,
};

SEC("tracepoint/sched/sched_switch")
int f(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	__u64 one = 1;
	bpf_map_update_elem(&counts, &pid, &one, BPF_ANY);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32); // process
	__type(value, __u64);
	__uint(max_entries, 1024);
} counts SEC(".maps");

SEC("tracepoint/sched/sched_switch")
int f(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	__u64 one = 1;
	bpf_map_update_elem(&counts, &pid, &one, BPF_ANY);
	return 0;
}`,
        refused: { by: "clang", says: "has incomplete type 'struct bpf_map_def'" },
      },
      {
        bad: `struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct bpf_map_def events SEC("maps") = {
	.type = BPF_MAP_TYPE_PERF_EVENT_ARRAY, .key_size = 4, .value_size = 4
};

SEC("kprobe/do_unlinkat")
int f(struct pt_regs *ctx)
{
	int dfd = PT_REGS_PARM1(ctx);
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &dfd, sizeof(dfd));
	return 0;
}`,
        good: `struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4);
} events SEC(".maps");

SEC("kprobe/do_unlinkat")
int f(struct pt_regs *ctx)
{
	int dfd = PT_REGS_PARM1(ctx);
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &dfd, sizeof(dfd));
	return 0;
}`,
        refused: { by: "libbpf", says: "legacy map definitions in 'maps' section are not supported by libbpf v1.0+" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (familyOf(ctx.loader) !== "libbpf") return;
    const { model } = ctx;
    for (const map of model.maps) {
      if (map.dialect !== "legacy") continue;
      const text = model.code.textOf(map.range);
      // iproute2's own structure belongs to iproute2's own loader.
      if (/\bbpf_elf_map\b/.test(text) || model.code.compiledWhen(map.nameRange).length > 0) continue;
      yield {
        range: map.nameRange,
        message: `map ${map.name} is in section "${map.section?.name}": since 1.0 libbpf refuses the file; ".maps" is its place`,
        // Who brings headers of his own may bring a loader of his own.
        severity: hasOwnHeaders(model) ? "warning" : "error",
        fixes: fixesFor(map, text, model),
      };
    }
  },
};

/** libbpf's headers are included from a folder `bpf`. */
function hasOwnHeaders({ includes }: BpfModel): boolean {
  return includes.some(
    ({ path }) => /(?:^|\/)bpf_helpers?\.h$/.test(path) && !/(?:^|\/)bpf\/bpf_helpers\.h$/.test(path),
  );
}

function fixesFor(map: BpfMap, text: string, model: BpfModel): readonly Fix[] {
  const { lines } = model.code;
  const safety = hasOwnHeaders(model) ? "unsafe" : "safe";
  const title = `Declare ${map.name} in section ".maps"`;
  // Libbpf's own form, with the section of the old one.
  if (map.section !== undefined && /\b__(?:uint|type)\s*\(/.test(text)) {
    const isWritten = model.code.textOf(map.section.nameRange) === map.section.name;
    return isWritten ? [{ title, edits: [replace(map.section.nameRange, ".maps")], safety }] : [];
  }
  const replacements = toBtfForm(text);
  if (replacements === undefined) return [];
  const offset = lines.offsetAt(map.range.start);
  const edits = replacements.map(({ start, end, text: written }) =>
    replace(lines.rangeOf({ start: offset + start, end: offset + end }), written),
  );
  return [{ title, edits, safety }];
}
