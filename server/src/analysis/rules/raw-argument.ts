/** Rule: a helper that must know what it is given gets an address that is a number to the verifier. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { typedTask } from "../for-rules/typed-task.ts";
import type { Rule } from "../rule.ts";

export const rawArgument: Rule = {
  walks: true,
  meta: {
    id: "raw-argument",
    group: "paths",
    summary: "Address that is a number to the verifier, given where a pointer must be",
    rationale: `Helpers take memory and objects that the verifier knows: what is on the stack, in maps or in the packet,
and tasks, sockets and inodes. An address that a probe was given, that was read from somewhere or that comes out of a map is a
number to it, whatever the program casts it to. Memory is read into a variable first, by \`bpf_probe_read_kernel()\` or
\`bpf_probe_read_user()\`; for the current task there is \`bpf_get_current_task_btf()\`, and programs at \`tp_btf\`, \`fentry\` and
\`lsm\` hooks get typed arguments. What \`bpf_core_cast()\` gives may be looked into, but no helper takes it.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} starts SEC(".maps");

SEC("raw_tp/sys_enter")
int on_enter(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	u64 *start = bpf_task_storage_get(&starts, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (start)
		*start = bpf_ktime_get_ns();
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} starts SEC(".maps");

SEC("raw_tp/sys_enter")
int on_enter(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	u64 *start = bpf_task_storage_get(&starts, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (start)
		*start = bpf_ktime_get_ns();
	return 0;
}`,
        refused: { by: "kernel", says: "type=scalar expected=" },
      },
    ],
  },

  *check(ctx) {
    const { lines } = ctx.model.code;
    for (const found of flowOf(ctx).of("raw given")) {
      const fix = typedTask(found, ctx);
      yield {
        ...(fix !== undefined && { fixes: [fix] }),
        range: lines.rangeOf(found.span),
        message: messageOf(found),
        ...(found.story !== undefined &&
          found.story.length > 0 && {
            related: found.story.map(({ span, message }) => ({ range: lines.rangeOf(span), message })),
          }),
      };
    }
  },
};

function messageOf({ facts = {}, about }: Found): string {
  const { origin, callee, isUntrusted, isMemory } = facts;
  if (isMemory === true)
    return `${callee}() reads no memory of the kernel's in programs on functions: copy it with bpf_probe_read_kernel() first`;
  if (isUntrusted === true) return `${callee}() does not take what ${about}() gives: the verifier does not trust it`;
  const what =
    origin === "parameter" ? about : origin === "call" ? `what ${about}() gives` : "an address that was read before";
  return `${what} is a number to the verifier, and ${callee}() wants a pointer that it knows`;
}
