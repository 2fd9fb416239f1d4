/** Rule: something is written to that a program may only read. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import type { Rule } from "../rule.ts";

export const readOnlyMemory: Rule = {
  walks: true,
  meta: {
    id: "read-only-memory",
    group: "paths",
    summary: "Write to what a program may only read",
    rationale: `A program may write to its stack, to map values, to its own variables and to records that it has reserved. It may
read the kernel's structures but not change them, its constants (\`const volatile\`, strings) are frozen before it is loaded, and a
map's flags may keep it from writing (\`BPF_F_RDONLY_PROG\`) or reading (\`BPF_F_WRONLY_PROG\`) what is in it.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task, u64 flags)
{
	task->exit_code = 1;
	return 0;
}`,
        good: `SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task, u64 flags)
{
	bpf_printk("code %d", task->exit_code);
	return 0;
}`,
        refused: { by: "kernel", says: "only read is supported" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__type(key, u32);
	__type(value, u64);
} limits SEC(".maps");

SEC("xdp")
int lower(struct xdp_md *ctx)
{
	u32 key = 0;
	u64 *limit = bpf_map_lookup_elem(&limits, &key);

	if (limit)
		*limit -= 1;
	return XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} limits SEC(".maps");

SEC("xdp")
int lower(struct xdp_md *ctx)
{
	u32 key = 0;
	u64 *limit = bpf_map_lookup_elem(&limits, &key);

	if (limit)
		*limit -= 1;
	return XDP_PASS;
}`,
        refused: { by: "kernel", says: "write into map forbidden" },
      },
    ],
  },

  *check(ctx) {
    const { model } = ctx;
    for (const found of flowOf(ctx).of("read-only written"))
      yield { range: model.code.lines.rangeOf(found.span), message: messageOf(found) };
  },
};

function messageOf({ facts = {}, about }: Found): string {
  const { why, callee } = facts;
  const by = callee === "" || callee === undefined ? "it is written to" : `${callee}() writes to it`;
  switch (why) {
    case "map":
      return `${about} is a map, not its contents: the verifier refuses to write there`;
    case "flag":
      return `the map ${about} has BPF_F_RDONLY_PROG, and ${by}: the verifier refuses the program`;
    case "write only":
      return `the map ${about} has BPF_F_WRONLY_PROG, and it is read: the verifier refuses the program`;
    case "socket":
      return `fields of a socket may only be read, and ${by}: the verifier refuses the program`;
    case "string":
      return `a constant string is read-only, and ${by}: the verifier refuses the program`;
    case "constant":
      return `${about} is a constant that is frozen when the program is loaded, and ${by}: the verifier refuses that`;
    case "key":
      return `the key of an element may only be read, and ${by}: the verifier refuses the program`;
    case "per-CPU":
      return `${about} is the kernel's, and may only be read; ${by}: the verifier refuses the program`;
    case "slice":
      return `what bpf_dynptr_slice() gives is read-only; bpf_dynptr_slice_rdwr() may be written to`;
    default:
      return `a structure of the kernel's may only be read, and ${by}: the verifier refuses the program`;
  }
}
