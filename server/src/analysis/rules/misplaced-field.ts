/** Rule: a lock, a timer, a list or a kept pointer is not where a call is told. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const misplacedField: Rule = {
  walks: true,
  meta: {
    id: "misplaced-field",
    group: "paths",
    summary: "No lock, timer, list or kept pointer where the call is told",
    rationale: `Locks, timers, lists and kept pointers are fields, and the verifier looks for them in the type at that place.
It knows the type of a map's value, of an object and of a variable of the file; a cast does not change it, and a place that depends
on a variable is no place to it. \`bpf_kptr_xchg()\` wants a field that is marked \`__kptr\`, and \`bpf_refcount_acquire()\` an object with a
\`bpf_refcount\`. Of a type with more than eleven such fields, each element of an array counted, the kernel knows none.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct entry {
	u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct entry);
} entries SEC(".maps");

SEC("tc")
int add(struct __sk_buff *skb)
{
	u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return 0;
	bpf_spin_lock((struct bpf_spin_lock *)entry);
	entry->sum += skb->len;
	bpf_spin_unlock((struct bpf_spin_lock *)entry);
	return 0;
}`,
        good: `struct entry {
	struct bpf_spin_lock lock;
	u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct entry);
} entries SEC(".maps");

SEC("tc")
int add(struct __sk_buff *skb)
{
	u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return 0;
	bpf_spin_lock(&entry->lock);
	entry->sum += skb->len;
	bpf_spin_unlock(&entry->lock);
	return 0;
}`,
        refused: { by: "kernel", says: "has no valid bpf_spin_lock" },
      },
      {
        bad: `extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

struct kept {
	struct task_struct *task;
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
	struct task_struct *held, *old;

	if (!kept)
		return 0;
	held = bpf_task_acquire(task);
	if (!held)
		return 0;
	old = bpf_kptr_xchg(&kept->task, held);
	if (old)
		bpf_task_release(old);
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
	struct task_struct *held, *old;

	if (!kept)
		return 0;
	held = bpf_task_acquire(task);
	if (!held)
		return 0;
	old = bpf_kptr_xchg(&kept->task, held);
	if (old)
		bpf_task_release(old);
	return 0;
}`,
        refused: { by: "kernel", says: "has no valid kptr" },
      },
      {
        bad: `extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

struct kept {
	struct task_struct __kptr *task;
};

struct family {
	struct kept members[12];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct family);
} families SEC(".maps");

SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task)
{
	u32 key = 0;
	struct task_struct *held;
	struct family *family = bpf_map_lookup_elem(&families, &key);

	if (!family)
		return 0;
	held = bpf_task_acquire(task);
	if (!held)
		return 0;
	held = bpf_kptr_xchg(&family->members[0].task, held);
	if (held)
		bpf_task_release(held);
	return 0;
}`,
        good: `extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

struct kept {
	struct task_struct __kptr *task;
};

struct family {
	struct kept members[11];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct family);
} families SEC(".maps");

SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task)
{
	u32 key = 0;
	struct task_struct *held;
	struct family *family = bpf_map_lookup_elem(&families, &key);

	if (!family)
		return 0;
	held = bpf_task_acquire(task);
	if (!held)
		return 0;
	held = bpf_kptr_xchg(&family->members[0].task, held);
	if (held)
		bpf_task_release(held);
	return 0;
}`,
        refused: { by: "kernel", says: "has no valid kptr" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { lines } = ctx.model.code;
    for (const { span, about, facts = {} } of flowOf(ctx).of("no field here"))
      yield { range: lines.rangeOf(span), message: messageOf(about.replace(/_impl$/, ""), facts) };
  },
};

function messageOf(call: string, { how, wanted }: Readonly<Record<string, unknown>>): string {
  if (how === "variable")
    return `which ${wanted} ${call}() is told depends on a variable: the verifier refuses the program`;
  if (how === "no count") return `${call}() of an object without a bpf_refcount: the verifier refuses the program`;
  if (how === "too many")
    return `${call}() on one of more than 11 such fields, of which the kernel knows none: the verifier refuses it`;
  if (how === "no kept pointer") return `${call}() of what is not marked __kptr: the verifier refuses the program`;
  return `${call}() is told a place where no ${wanted} is: the verifier refuses the program`;
}
