/** Rule: a helper is given something that does not lie where it must. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import type { Rule } from "../rule.ts";

export const misplacedArgument: Rule = {
  walks: true,
  meta: {
    id: "misplaced-argument",
    group: "paths",
    summary: "Helper given something that does not lie where it must",
    rationale: `Some helpers ask where a thing lies, not only of which type it is. Locks and timers are parts of map values, which
other programs see too. A dynptr lies on the stack. What is submitted to a ring buffer was reserved in it, and what belongs to the kernel
(a task, a path) is the kernel's own, not a copy.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct guarded {
	struct bpf_spin_lock lock;
	u64 count;
};

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct guarded own = {};

	bpf_spin_lock(&own.lock);
	own.count += skb->len;
	bpf_spin_unlock(&own.lock);
	return 0;
}`,
        good: `struct guarded {
	struct bpf_spin_lock lock;
	u64 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct guarded);
} shared SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	u32 key = 0;
	struct guarded *guarded = bpf_map_lookup_elem(&shared, &key);

	if (!guarded)
		return 0;
	bpf_spin_lock(&guarded->lock);
	guarded->count += skb->len;
	bpf_spin_unlock(&guarded->lock);
	return 0;
}`,
        refused: { by: "kernel", says: "type=fp expected=map_value" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tp/sched/sched_switch")
int on_switch(void *ctx)
{
	u64 now = bpf_ktime_get_ns();

	bpf_ringbuf_submit(&now, 0);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tp/sched/sched_switch")
int on_switch(void *ctx)
{
	u64 now = bpf_ktime_get_ns();

	bpf_ringbuf_output(&events, &now, sizeof(now), 0);
	return 0;
}`,
        refused: { by: "kernel", says: "type=fp expected=ringbuf_mem" },
      },
    ],
  },

  *check(ctx) {
    const { lines } = ctx.model.code;
    for (const found of flowOf(ctx).of("wrong place"))
      yield { range: lines.rangeOf(found.span), message: messageOf(found) };
  },
};

const GIVEN: Readonly<Record<string, string>> = {
  variable: "a variable on the stack",
  "map value": "a map's value",
  global: "a variable of the file",
  packet: "a piece of the packet",
  context: "the context",
  record: "a ring buffer's record",
  memory: "other memory",
  object: "an object of the program's own",
  field: "what is read from an object",
};

const WANTED: Readonly<Record<string, string>> = {
  "spin lock": "a lock in a map's value",
  timer: "a timer in a map's value",
  dynptr: "a dynptr on the stack",
  "ring buffer record": "what bpf_ringbuf_reserve() gave",
  "per-CPU pointer": "a per-CPU variable",
  "kernel pointer": "a structure of the kernel's",
};

function messageOf({ facts = {}, about }: Found): string {
  const { wanted, given } = facts;
  return `${about}() wants ${WANTED[String(wanted)]}, not ${GIVEN[String(given)]}: the verifier refuses it`;
}
