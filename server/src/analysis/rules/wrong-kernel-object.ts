/** Rule: a function of the kernel is given an object of another kind than it takes. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const wrongKernelObject: Rule = {
  walks: true,
  meta: {
    id: "wrong-kernel-object",
    group: "paths",
    summary: "An object of another kind than the kernel's function takes",
    rationale: `An object goes back to the functions for its own kind. What \`bpf_obj_new()\` made goes to \`bpf_obj_drop()\`, what
\`bpf_percpu_obj_new()\` made to \`bpf_percpu_obj_drop()\`, and what the kernel made to its own functions. A task or a connection is the kernel's: a copy on the stack is none, and a task is no cgroup, whatever it is cast to. And a connection
is of another type before \`bpf_ct_insert_entry()\` than after it, though C calls both \`struct nf_conn\`.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;

SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task)
{
	struct task_struct *held = bpf_task_acquire(task);

	if (held)
		bpf_obj_drop_impl(held, NULL);
	return 0;
}`,
        good: `extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;

SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task)
{
	struct task_struct *held = bpf_task_acquire(task);

	if (held)
		bpf_task_release(held);
	return 0;
}`,
        refused: { by: "kernel", says: "expected pointer to allocated object" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_CGRP_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} counts SEC(".maps");

SEC("tp_btf/sys_enter")
int on_enter(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 *count = bpf_cgrp_storage_get(&counts, (void *)task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (count)
		*count += 1;
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} counts SEC(".maps");

SEC("tp_btf/sys_enter")
int on_enter(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u64 *count = bpf_task_storage_get(&counts, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (count)
		*count += 1;
	return 0;
}`,
        refused: { by: "kernel", says: "is of type task_struct but cgroup is expected" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { lines } = ctx.model.code;
    for (const { span, about, facts = {}, story = [] } of flowOf(ctx).of("wrong object")) {
      yield {
        range: lines.rangeOf(span),
        message: messageOf(about, facts),
        related: story.map((place) => ({ range: lines.rangeOf(place.span), message: place.message })),
      };
    }
  },
};

function messageOf(name: string, { how, call, wanted }: Readonly<Record<string, unknown>>): string {
  const by = `${String(call).replace(/_impl$/, "")}()`;
  return `${WORDS.get(String(how))?.replace("$by", by).replace("$wanted", String(wanted)).replace("$name", name)}: the verifier refuses it`;
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ["other drop", "$by of what $name() made"],
  ["no object", "$by of what is the kernel's, $name"],
  ["adrift", "$by wants an object itself, and a number that is not known before was added here"],
  ["beside", "$by wants the dynptr itself, not a place beside it"],
  ["another", "$by wants a $wanted, and $name is another structure"],
  ["own", "$by wants a $wanted of the kernel's, not a variable"],
  ["inserted", "$by wants a connection that is not inserted yet"],
  ["not inserted", "$by wants a connection that is inserted"],
]);
