/** Rule: a helper that newer ones have replaced. */

import { callsTo } from "../for-rules/calls.ts";
import type { Call } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

/** What to write instead, by the memory that is read. */
const REPLACEMENTS: ReadonlyMap<string, { readonly kernel: string; readonly user: string }> = new Map([
  ["bpf_probe_read", { kernel: "bpf_probe_read_kernel", user: "bpf_probe_read_user" }],
  ["bpf_probe_read_str", { kernel: "bpf_probe_read_kernel_str", user: "bpf_probe_read_user_str" }],
]);

export const deprecatedHelper: Rule = {
  meta: {
    id: "deprecated-helper",
    group: "better ways",
    summary: "A helper that newer ones have replaced",
    rationale: `\`bpf_probe_read()\` and its kin guess from an address whether it belongs to the kernel or to the process.
Where the two address spaces overlap (s390, for one) there is nothing to guess from, and the kernel does not offer
\`bpf_probe_read()\` and \`bpf_probe_read_str()\` at all: the load fails. The newer pairs say which memory is meant and exist
everywhere. libbpf turns them back into the old helper on kernels before 5.5, so nothing is lost by moving.

Which one is right depends on where the pointer comes from: the arguments of a system call and anything in a traced
process are user memory; everything reached from a kernel structure is kernel memory.`,
    severity: "info",
    since: "5.5",
    fix: "unsafe",
    deprecated: true,
    bpflint: "probe-read",
    examples: [
      {
        bad: `SEC("kprobe/do_exit")
int f(void *ctx)
{
	long code;
	bpf_probe_read(&code, sizeof(code), ctx);
	return 0;
}`,
        good: `SEC("kprobe/do_exit")
int f(void *ctx)
{
	long code;
	bpf_probe_read_kernel(&code, sizeof(code), ctx);
	return 0;
}`,
      },
      {
        bad: `SEC("tracepoint/syscalls/sys_enter_openat")
int f(struct trace_event_raw_sys_enter *ctx)
{
	char path[64];
	bpf_probe_read_str(path, sizeof(path), (void *)ctx->args[1]);
	return 0;
}`,
        good: `SEC("tracepoint/syscalls/sys_enter_openat")
int f(struct trace_event_raw_sys_enter *ctx)
{
	char path[64];
	bpf_probe_read_user_str(path, sizeof(path), (void *)ctx->args[1]);
	return 0;
}`,
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    for (const call of callsTo(REPLACEMENTS, model)) {
      const instead = REPLACEMENTS.get(call.name);
      if (instead === undefined || model.redefines(call.name)) continue;
      const fixes = [replace(call, instead.kernel, "kernel memory"), replace(call, instead.user, "user memory")];
      yield {
        range: call.nameRange,
        message: `${call.name}() does not say whose memory it reads, as ${instead.kernel}() and ${instead.user}() do`,
        fixes: readsUserMemory(call) ? fixes.reverse() : fixes,
      };
    }
  },
};

function replace(call: Call, name: string, memory: string): Fix {
  return { title: `Replace with ${name}() (${memory})`, edits: [{ range: call.nameRange, newText: name }] };
}

const USER_SECTIONS = /^\??(?:u(?:ret)?probe|usdt|(?:tracepoint|tp)\/syscalls\/sys_enter_)/;

/** A guess that only orders the fixes: the arguments of system calls and traced processes point to user memory. */
function readsUserMemory(call: Call): boolean {
  return USER_SECTIONS.test(call.in?.section?.name ?? "");
}
