/** Rule: something is given back that was given back before on the same path. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const releasedTwice: Rule = {
  walks: true,
  meta: {
    id: "released-twice",
    group: "paths",
    summary: "Something that is given back twice",
    rationale: `What was given back, or handed over, belongs to somebody else: the verifier refuses a second time.
After \`bpf_ringbuf_submit()\` a record is the reader's, after \`bpf_kptr_xchg()\` or \`bpf_list_push_front()\` an object is the
map's. The way of a \`goto\` through the end of the function is what mostly does it twice.`,
    severity: "error",
    fix: "none",
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
		bpf_ringbuf_discard(pid, 0);
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
	if (*pid == 1)
		bpf_ringbuf_discard(pid, 0);
	else
		bpf_ringbuf_submit(pid, 0);
	return 0;
}`,
        refused: { by: "kernel", says: "type=scalar expected=ringbuf_mem" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { lines } = ctx.model.code;
    for (const kind of ["given back twice", "ended twice"])
      for (const found of flowOf(ctx).of(kind))
        yield {
          range: lines.rangeOf(found.span),
          message: `${nameOf(found)} is given back a second time: the verifier refuses the program`,
          related: relatedOf(found, ctx),
        };
  },
};

function nameOf({ kind, about }: Found): string {
  return kind === "ended twice" ? about : `what ${about}() gave`;
}
