/** Rule: a kept pointer is written to directly, or exchanged for an object of another type. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const keptPointerMisuse: Rule = {
  walks: true,
  meta: {
    id: "kept-pointer-misuse",
    group: "paths",
    summary: "Kept pointer that is written to directly, or given an object of another type",
    rationale: `A pointer marked \`__kptr\` in a map holds a reference, and only \`bpf_kptr_xchg()\` may change it. It gives what
was there before, which the program must give back. What is put there must be of the very type the field is declared with. A field marked
\`__kptr_untrusted\` holds no reference and may be written to.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

struct kept {
	struct task_struct __kptr *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct kept);
} tasks SEC(".maps");

SEC("tp_btf/task_newtask")
int BPF_PROG(keep, struct task_struct *task)
{
	u32 key = 0;
	struct kept *kept = bpf_map_lookup_elem(&tasks, &key);

	if (!kept)
		return 0;
	kept->task = bpf_task_acquire(task);
	return 0;
}`,
        good: `extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

struct kept {
	struct task_struct __kptr *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct kept);
} tasks SEC(".maps");

SEC("tp_btf/task_newtask")
int BPF_PROG(keep, struct task_struct *task)
{
	u32 key = 0;
	struct kept *kept = bpf_map_lookup_elem(&tasks, &key);
	struct task_struct *held;

	if (!kept)
		return 0;
	held = bpf_task_acquire(task);
	if (!held)
		return 0;
	held = bpf_kptr_xchg(&kept->task, held);
	if (held)
		bpf_task_release(held);
	return 0;
}`,
        refused: { by: "kernel", says: "store to referenced kptr disallowed" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { lines } = ctx.model.code;
    const flow = flowOf(ctx);
    for (const { span, about } of flow.of("kept pointer written"))
      yield {
        range: lines.rangeOf(span),
        message: `${about} is a kept pointer, which only bpf_kptr_xchg() changes: the verifier refuses the program`,
      };
    for (const { span, facts } of flow.of("other object kept")) {
      const { given, wanted } = facts ?? {};
      yield {
        range: lines.rangeOf(span),
        message: `this is a ${given}, and the field keeps a ${wanted}: the verifier refuses the program`,
      };
    }
  },
};
