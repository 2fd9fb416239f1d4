/** Rule: NULL, or another constant, is followed as a pointer, or given to a kfunc as one. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const constantAddress: Rule = {
  walks: true,
  meta: {
    id: "constant-address",
    group: "paths",
    summary: "NULL, or another constant, that is followed as a pointer",
    rationale: `To the verifier a constant is a number, and nothing may be read or written there.
It comes about on a way on which a pointer that begins as NULL is never given a value: a branch that leaves it out, a loop that
sets it back, a callback that is handed NULL as its context. Where clang sees that itself, it takes such a way for impossible and
leaves it out, which is not what was meant either. Nor does a kfunc take a constant where it wants a pointer. Give the pointer a value on every way, or ask about it before it is used.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} hits SEC(".maps");

static long count(struct bpf_map *map, u32 *key, u64 *value, u64 *sum)
{
	*sum += *value;
	return 0;
}

SEC("tc")
int total(struct __sk_buff *skb)
{
	bpf_for_each_map_elem(&hits, count, NULL, 0);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} hits SEC(".maps");

static long count(struct bpf_map *map, u32 *key, u64 *value, u64 *sum)
{
	*sum += *value;
	return 0;
}

SEC("tc")
int total(struct __sk_buff *skb)
{
	u64 sum = 0;

	bpf_for_each_map_elem(&hits, count, &sum, 0);
	return sum > 100;
}`,
        refused: { by: "kernel", says: "invalid mem access 'scalar'" },
      },
      {
        bad: `extern u32 bpf_cpumask_first(const struct cpumask *cpumask) __ksym;

u32 first;

SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task)
{
	first = bpf_cpumask_first((struct cpumask *)0x1000);
	return 0;
}`,
        good: `extern u32 bpf_cpumask_first(const struct cpumask *cpumask) __ksym;

u32 first;

SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task)
{
	first = bpf_cpumask_first(task->cpus_ptr);
	return 0;
}`,
        refused: { by: "kernel", says: "R1" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { span, facts } of flowOf(ctx).of("constant followed"))
      yield { range: ctx.model.code.lines.rangeOf(span), ...told(facts) };
  },
};

/** What can only be reached with NULL, and follows it, clang takes for impossible where it sees that. */
function told({ value, isWrite, to }: NonNullable<Found["facts"]> = {}): Pick<Report, "message" | "severity"> {
  if (to !== undefined)
    return { message: `${to}() takes a pointer here, and is given the constant ${value}: the verifier refuses it` };
  const how = isWrite === true ? "written to" : "followed";
  if (value === 0)
    return {
      message: `NULL is ${how} as a pointer here: clang leaves this way out, or the verifier refuses the program`,
      severity: "warning",
    };
  const what = value === undefined ? "a constant" : `the constant ${value}`;
  return { message: `${what} is ${how} as a pointer here: the verifier refuses the program` };
}
