/** Rule: something that was taken from the kernel is not given back on every path. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { givingBack } from "../for-rules/give-back.ts";
import { byTaking, fixBefore, leavingWords, whereLeft } from "../for-rules/leaving.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const unreleasedReference: Rule = {
  walks: true,
  meta: {
    id: "unreleased-reference",
    group: "paths",
    summary: "Something that is taken, and not given back on every path",
    rationale: `What a program takes from the kernel it must give back on every way out, or the verifier refuses it.
A reserved record of a ring buffer is submitted or discarded, a socket released, a task or a cgroup given back with its own
function, an object dropped, an iterator destroyed. Forgotten are mostly the returns for errors in between. A dynptr from
\`bpf_ringbuf_reserve_dynptr()\` is to be given back even when that failed.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tp_btf/sched_process_exec")
int on_exec(void *ctx)
{
	u32 *pid = bpf_ringbuf_reserve(&events, sizeof(*pid), 0);

	if (!pid)
		return 0;
	*pid = bpf_get_current_pid_tgid() >> 32;
	if (*pid == 1)
		return 0;
	bpf_ringbuf_submit(pid, 0);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tp_btf/sched_process_exec")
int on_exec(void *ctx)
{
	u32 *pid = bpf_ringbuf_reserve(&events, sizeof(*pid), 0);

	if (!pid)
		return 0;
	*pid = bpf_get_current_pid_tgid() >> 32;
	if (*pid == 1) {
		bpf_ringbuf_discard(pid, 0);
		return 0;
	}
	bpf_ringbuf_submit(pid, 0);
	return 0;
}`,
        refused: { by: "kernel", says: "Unreleased reference" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tp_btf/sched_process_exec")
int on_exec(void *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct bpf_dynptr record;

	if (bpf_ringbuf_reserve_dynptr(&events, sizeof(pid), 0, &record))
		return 0;
	bpf_dynptr_write(&record, 0, &pid, sizeof(pid), 0);
	bpf_ringbuf_submit_dynptr(&record, 0);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tp_btf/sched_process_exec")
int on_exec(void *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct bpf_dynptr record;

	if (bpf_ringbuf_reserve_dynptr(&events, sizeof(pid), 0, &record)) {
		bpf_ringbuf_discard_dynptr(&record, 0);
		return 0;
	}
	bpf_dynptr_write(&record, 0, &pid, sizeof(pid), 0);
	bpf_ringbuf_submit_dynptr(&record, 0);
	return 0;
}`,
        refused: { by: "kernel", says: "Unreleased reference" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const places of byTaking(flowOf(ctx).of("not given back"))) {
      const [first] = places;
      if (first !== undefined) yield reportOf(first, places, ctx);
    }
  },
};

function reportOf(first: Found, places: readonly Found[], ctx: RuleContext): Report {
  const { lines } = ctx.model.code;
  const fix = fixBefore(places, (one) => (isUsedBy(one, ctx) ? undefined : givingBack(one, ctx)), ctx);
  return {
    range: lines.rangeOf(first.story?.[0]?.span ?? first.span),
    message: `what ${first.about}() gives is not given back ${whereLeft(places, ctx)}: the verifier refuses the program`,
    related: places.map((one) => ({ range: lines.rangeOf(one.span), message: leavingWords(one) })),
    ...(fix && { fixes: [fix] }),
  };
}

/** A return that reads it would read what is gone. */
function isUsedBy({ span, facts }: Found, { model }: RuleContext): boolean {
  const { holder } = facts ?? {};
  const name = String(holder ?? "").replace("&", "");
  return new RegExp(`\\b${name}\\b`).test(model.code.text.slice(span.start, span.end));
}
