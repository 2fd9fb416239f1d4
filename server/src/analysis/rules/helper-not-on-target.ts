/** Rule: a helper that a target does not have. */

import { replaceCallee } from "../edits.ts";
import { guardFix, lackedBy } from "../for-rules/on-targets.ts";
import { type Use, usesIn, useText } from "../for-rules/uses.ts";
import { lacking, lackText } from "../for-rules/verdicts.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

/** Older helpers with the same parameters that do nearly the same. */
const OLDER: ReadonlyMap<string, string> = new Map([
  ["bpf_ktime_get_boot_ns", "bpf_ktime_get_ns"],
  ["bpf_ktime_get_coarse_ns", "bpf_ktime_get_ns"],
  ["bpf_ktime_get_tai_ns", "bpf_ktime_get_ns"],
  ["bpf_send_signal_thread", "bpf_send_signal"],
  ["bpf_probe_read_kernel", "bpf_probe_read"],
  ["bpf_probe_read_user", "bpf_probe_read"],
  ["bpf_probe_read_kernel_str", "bpf_probe_read_str"],
  ["bpf_probe_read_user_str", "bpf_probe_read_str"],
  ["bpf_copy_from_user", "bpf_probe_read_user"],
]);

export const helperNotOnTarget: Rule = {
  meta: {
    id: "helper-not-on-target",
    group: "kernels",
    summary: "A helper that a target does not have",
    rationale: `A kernel refuses every program that calls a helper it does not have, and with one program the whole object
fails to load. It says \`invalid func unknown#N\`. A call is fine where the program asks first, \`if
(bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_x))\`, or asks anything else that is fixed before the load, a constant
in \`.rodata\` or the kernel's version: the verifier does not look at what is never run. Neither does this rule.

What libbpf puts right by itself (\`bpf_probe_read_kernel()\` before 5.5) is no finding with libbpf.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("tracepoint/syscalls/sys_enter_kill")
int f(void *ctx)
{
	__u64 now = bpf_ktime_get_boot_ns();

	return now == 0;
}`,
        good: `SEC("tracepoint/syscalls/sys_enter_kill")
int f(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();

	return now == 0;
}`,
        target: "5.4",
        unshown: "the running kernel has the helper",
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("kprobe/do_exit")
int f(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_ringbuf_output(&events, &pid, sizeof(pid), 0);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("kprobe/do_exit")
int f(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_ringbuf_output))
		bpf_ringbuf_output(&events, &pid, sizeof(pid), 0);
	return 0;
}`,
        target: "5.7",
        unshown: "the running kernel has the helper",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (ctx.targets.length === 0) return;
    const known = new Map<string, boolean>();
    for (const use of usesIn(ctx)) {
      if (use.kind !== "helper") continue;
      const { name, call } = use;
      const isLacking = known.get(name) ?? lacking({ kind: "helper", name }, ctx).length > 0;
      known.set(name, isLacking);
      const missing = isLacking ? lackedBy(call, { kind: "helper", name }, ctx) : undefined;
      if (missing === undefined) continue;
      yield {
        range: call.nameRange,
        message: `${useText(use)} is not on ${lackText(missing.lacks)}`,
        fixes: fixesFor(use, ctx),
        ...(missing.severity && { severity: missing.severity }),
      };
    }
  },
};

function fixesFor({ name, call, by }: Use, ctx: RuleContext): readonly Fix[] {
  const older = by === undefined ? OLDER.get(name) : undefined;
  const isThere = older !== undefined && lacking({ kind: "helper", name: older }, ctx).length === 0;
  const question = `bpf_core_enum_value_exists(enum bpf_func_id, ${name.replace(/^bpf_/, "BPF_FUNC_")})`;
  const guard = guardFix(call, question, "bpf/bpf_core_read.h", ctx);
  return [...(isThere ? [replaceCallee(call, older)] : []), ...(guard ? [guard] : [])];
}
