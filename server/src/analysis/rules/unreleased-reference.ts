/** Rule: something that was taken from the kernel is not given back on every path. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { beforeReturn } from "../for-rules/before-return.ts";
import { givingBack } from "../for-rules/give-back.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import type { TextEdit } from "../text.ts";

export const unreleasedReference: Rule = {
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

/** What is taken once, and left in several places, is one finding. */
function byTaking(found: readonly Found[]): Iterable<readonly Found[]> {
  const groups = new Map<string, Found[]>();
  for (const one of found) {
    const group = groups.get(one.apart ?? "");
    if (group === undefined) groups.set(one.apart ?? "", [one]);
    else group.push(one);
  }
  return groups.values();
}

function reportOf(first: Found, places: readonly Found[], ctx: RuleContext): Report {
  const { lines } = ctx.model.code;
  const taken = first.story?.[0]?.span ?? first.span;
  const related = places.map((one) => {
    const by = leftBy(one);
    const how = by === undefined ? "is left here" : `is left by ${by}() here`;
    return { range: lines.rangeOf(one.span), message: `the program ${how} and still has it` };
  });
  const fix = fixFor(places, ctx);
  return {
    range: lines.rangeOf(taken),
    message: `what ${first.about}() gives is not given back ${whereOf(places, ctx)}: the verifier refuses the program`,
    related,
    ...(fix && { fixes: [fix] }),
  };
}

/** The call that leaves the program, if it is no return. */
function leftBy({ facts }: Found): string | undefined {
  const { by } = facts ?? {};
  return by === undefined ? undefined : String(by);
}

function whereOf(places: readonly Found[], { model }: RuleContext): string {
  const [first] = places;
  if (first === undefined || places.length > 1) return "on every path";
  const by = leftBy(first);
  if (by !== undefined) return `before ${by}()`;
  return `before the return in line ${model.code.lines.rangeOf(first.span).start.line + 1}`;
}

/** Before every return, or none: what is mended by half is not mended. */
function fixFor(places: readonly Found[], ctx: RuleContext): Fix | undefined {
  const edits: TextEdit[] = [];
  let title: string | undefined;
  for (const one of places) {
    const call = givingBack(one, ctx);
    if (call === undefined || isUsedBy(one, ctx)) return undefined;
    const { holder, isMaybe, declared } = one.facts ?? {};
    const lines = isMaybe === true ? [`if (${String(holder)})`, `\t${call}`] : [call];
    const place = leftBy(one) === undefined ? one.span : undefined;
    const made = place && beforeReturn(place, lines, ctx.model, typeof declared === "number" ? declared : undefined);
    if (made === undefined) return undefined;
    edits.push(...made);
    title ??= `Call ${call.replace(/\(.*/, "")}() before the return`;
  }
  return title === undefined ? undefined : { title, edits };
}

/** A return that reads it would read what is gone. */
function isUsedBy({ span, facts }: Found, { model }: RuleContext): boolean {
  const { holder } = facts ?? {};
  const name = String(holder ?? "").replace("&", "");
  return new RegExp(`\\b${name}\\b`).test(model.code.text.slice(span.start, span.end));
}
