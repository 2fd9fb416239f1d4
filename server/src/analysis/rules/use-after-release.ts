/** Rule: something is used after it was given back. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const useAfterRelease: Rule = {
  walks: true,
  meta: {
    id: "use-after-release",
    group: "paths",
    summary: "Something that is used after it was given back",
    rationale: `A record that was submitted, a socket or a task that was released is gone: the verifier refuses to look into it.
So are the pieces of a dynptr's memory once the dynptr was submitted or discarded. Copy what is needed later into a variable, or
give back last.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

u64 seen;

SEC("tp_btf/sched_process_exec")
int on_exec(void *ctx)
{
	u32 *pid = bpf_ringbuf_reserve(&events, sizeof(*pid), 0);

	if (!pid)
		return 0;
	*pid = bpf_get_current_pid_tgid() >> 32;
	bpf_ringbuf_submit(pid, 0);
	seen += *pid;
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

u64 seen;

SEC("tp_btf/sched_process_exec")
int on_exec(void *ctx)
{
	u32 *pid = bpf_ringbuf_reserve(&events, sizeof(*pid), 0);

	if (!pid)
		return 0;
	*pid = bpf_get_current_pid_tgid() >> 32;
	seen += *pid;
	bpf_ringbuf_submit(pid, 0);
	return 0;
}`,
        refused: { by: "kernel", says: "invalid mem access 'scalar'" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { lines } = ctx.model.code;
    for (const kind of [
      "used after it was given back",
      "used after it was ended",
      "slice used after its dynptr was ended",
    ])
      for (const found of flowOf(ctx).of(kind)) {
        const range = lines.rangeOf(found.span);
        yield { range, message: messageOf(found), related: relatedOf(found, ctx) };
      }
  },
};

function messageOf({ kind, about, facts }: Found): string {
  const { by, ended, of, how, isReplaced } = facts ?? {};
  if (kind === "used after it was ended")
    return `${about} is used after ${ended}() ended it: the verifier refuses the program`;
  if (isReplaced === true) {
    const what = by === "" ? "written to" : "set up again";
    return `what ${about}() gave is used after ${of} was ${what}: the verifier refuses the program`;
  }
  if (how === "unlocked")
    return `what ${about}() gave is used after ${by}() gave back its list's lock: the verifier refuses the program`;
  return `what ${about}() gave is used after ${by}() took it back: the verifier refuses the program`;
}
