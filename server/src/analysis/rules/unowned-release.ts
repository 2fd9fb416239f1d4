/** Rule: something is given back that the program never took. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const unownedRelease: Rule = {
  walks: true,
  meta: {
    id: "unowned-release",
    group: "paths",
    summary: "Something that is given back, and was never taken",
    rationale: `Only what a program took itself can it give back: the verifier refuses to release what it may only look at.
The arguments of a tracing program, what the kernel's structures point to and the sockets of a context are lent. So is the
memory of a dynptr that holds no reservation.

What it took is given back as it came: with a pointer to its beginning, not to a part of it.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `extern void bpf_task_release(struct task_struct *task) __ksym;

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	bpf_task_release(task);
	return 0;
}`,
        good: `extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct task_struct *mine = bpf_task_acquire(task);

	if (mine)
		bpf_task_release(mine);
	return 0;
}`,
        refused: { by: "kernel", says: "release kernel function bpf_task_release expects" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_execve")
int f(void *ctx)
{
	u64 *event = bpf_ringbuf_reserve(&events, 16, 0);

	if (!event)
		return 0;
	*event++ = 1;
	*event = 2;
	bpf_ringbuf_submit(event, 0);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_execve")
int f(void *ctx)
{
	u64 *event = bpf_ringbuf_reserve(&events, 16, 0);

	if (!event)
		return 0;
	event[0] = 1;
	event[1] = 2;
	bpf_ringbuf_submit(event, 0);
	return 0;
}`,
        refused: { by: "kernel", says: "must have zero offset when passed to release func" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { lines } = ctx.model.code;
    for (const kind of ["given back without having", "ended without holding"])
      for (const found of flowOf(ctx).of(kind)) {
        const { by } = found.facts ?? {};
        yield {
          range: lines.rangeOf(found.span),
          message: `${nameOf(found)} is not the program's to give back: the verifier refuses ${by}()`,
          related: relatedOf(found, ctx),
        };
      }
    for (const found of flowOf(ctx).of("given back from within")) {
      const { by, offset } = found.facts ?? {};
      const place =
        offset === undefined
          ? "a part of"
          : `a place ${offset} ${offset === 1 ? "byte" : "bytes"} from the beginning of`;
      yield {
        range: lines.rangeOf(found.span),
        message: `this is ${place} what ${found.about}() gave: the verifier refuses ${by}()`,
        related: relatedOf(found, ctx),
      };
    }
  },
};

function nameOf({ kind, about, thing }: Found): string {
  if (kind === "ended without holding") return about;
  return thing?.source.kind === "call" && thing.kind !== "variable" ? `what ${about}() gave` : about.replace(/^\./, "");
}
