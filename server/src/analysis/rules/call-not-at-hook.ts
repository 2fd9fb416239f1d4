/** Rule: a helper or kfunc that may only be called from some places of the kernel, and this program is attached to another. */

import { callsWhere } from "../for-rules/calls.ts";
import { tailOf } from "../for-rules/on-targets.ts";
import { mayBeLeftOut, type Run, runsOf } from "../for-rules/runs.ts";
import { operationPlace } from "../for-rules/struct-ops.ts";
import { helperOrKfunc } from "../for-rules/uses.ts";
import type { BpfModel, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const callNotAtHook: Rule = {
  meta: {
    id: "call-not-at-hook",
    group: "calls",
    summary: "A helper or kfunc that may not be called from where the program is attached",
    rationale: `Of some helpers and kfuncs it is not the program type that decides, but the place in the kernel at which it runs.
\`bpf_d_path()\` takes locks, and only a few functions, such as \`filp_close()\` and \`vfs_getattr()\`, are known to be called
without them. \`bpf_get_func_ip()\` reads what the kernel keeps for programs at the entry or exit of a function.
\`bpf_sock_destroy()\` is for iterators, which hold the socket's lock. \`release()\` of a congestion control is called while it
goes away and may not set options.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, pid_t old, struct linux_binprm *binary)
{
	char path[64];

	bpf_d_path(&binary->file->f_path, path, sizeof(path));
	return 0;
}`,
        good: `SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, pid_t old, struct linux_binprm *binary)
{
	char path[64];

	bpf_probe_read_kernel_str(path, sizeof(path), binary->filename);
	return 0;
}`,
        refused: { by: "kernel", says: "helper call is not allowed in probe" },
      },
      {
        bad: `unsigned long where;

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch)
{
	where = bpf_get_func_ip(ctx);
	return 0;
}`,
        good: `unsigned long where;

SEC("kprobe/do_nanosleep")
int BPF_KPROBE(on_sleep)
{
	where = bpf_get_func_ip(ctx);
	return 0;
}`,
        refused: { by: "kernel", says: "supported only for fentry/fexit" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    for (const call of callsWhere((called) => called === "bpf_for_each" || LIMITS.has(called), model)) {
      const name = nameOf(call, ctx);
      const limit = name === undefined ? undefined : LIMITS.get(name);
      if (name === undefined || limit === undefined) continue;
      const runs = runsOf(call, ctx);
      const barred = runs.flatMap((run) => {
        const who = limit(run, model);
        return who === undefined ? [] : [{ run, who }];
      });
      const tolerated = barred.length < runs.length ? "nothing" : "something";
      const first = barred.find(({ run: { asks } }) => asks === "nothing" || asks === tolerated);
      if (first === undefined || mayBeLeftOut(call, model)) continue;
      const { program } = first.run;
      yield {
        range: call.nameRange,
        message: `${name}() is ${first.who}: the verifier refuses the program`,
        ...(program !== call.in && {
          related: [{ range: program.nameRange, message: `${program.name}() runs this` }],
        }),
      };
    }
  },
};

/** What a call means; of the loop over the tasks of a cgroup, what that begins with. */
function nameOf(call: Call, ctx: RuleContext): string | undefined {
  if (call.name === "bpf_for_each") {
    const isTasks = call.args[0]?.text.trim() === "css_task" && !ctx.model.redefines(call.name);
    return isTasks ? "bpf_iter_css_task_new" : undefined;
  }
  return LIMITS.has(call.name) && helperOrKfunc(call, ctx) ? call.name : undefined;
}

/** @returns for whom it is, where the program is not one of those */
type Limit = (run: Run, model: BpfModel) => string | undefined;

const AT_FUNCTIONS: ReadonlySet<string | undefined> = new Set(
  ["FENTRY", "FEXIT", "FSESSION", "FENTRY_MULTI", "FEXIT_MULTI", "FSESSION_MULTI"].map((name) => `BPF_TRACE_${name}`),
);

function isTracing({ kind: { progType } }: Run): boolean {
  return progType === "BPF_PROG_TYPE_TRACING";
}

function isAtFunction({ kind: { attachType } }: Run): boolean {
  return AT_FUNCTIONS.has(attachType) || attachType === "BPF_MODIFY_RETURN";
}

function isIterator({ kind: { attachType } }: Run): boolean {
  return attachType === "BPF_TRACE_ITER";
}

/** btf_allowlist_d_path of linux:kernel/trace/bpf_trace.c */
const WITH_PATHS: ReadonlySet<string> = new Set(
  `security_file_permission security_inode_getattr security_file_open security_path_truncate vfs_truncate vfs_fallocate
  dentry_open vfs_getattr filp_close`.split(/\s+/),
);

/** bpf_d_path_allowed(), there. Which hooks of LSMs may sleep is decided when a kernel is configured. */
const path: Limit = (run) => {
  if (!isTracing(run) || isIterator(run)) return undefined;
  if (run.kind.attachType === "BPF_TRACE_RAW_TP") return "for a few functions and LSM hooks, not for tracepoints";
  const target = tailOf(run.program);
  const isElsewhere = isAtFunction(run) && target !== "" && !WITH_PATHS.has(target);
  return isElsewhere ? `for a few functions, and ${target}() is none of them` : undefined;
};

/** bpf_sk_storage_tracing_allowed() of linux:net/core/bpf_sk_storage.c */
const storage: Limit = (run) => {
  if (!isTracing(run) || !isAtFunction(run)) return undefined;
  if (run.kind.attachType === "BPF_MODIFY_RETURN") return "not for fmod_ret";
  const target = tailOf(run.program);
  return target.startsWith("bpf_sk_storage") ? `not for ${target}(), which it calls itself` : undefined;
};

/** That share a list of helpers, or of kfuncs, with programs of the type "tracing". */
const RELATED: ReadonlySet<string> = new Set(
  ["LSM", "PERF_EVENT", "RAW_TRACEPOINT", "RAW_TRACEPOINT_WRITABLE", "SYSCALL", "TRACEPOINT"].map(
    (name) => `BPF_PROG_TYPE_${name}`,
  ),
);

/** check_get_func_ip() of linux:kernel/bpf/verifier.c */
const functionAddress: Limit = (run) => {
  const isOther = RELATED.has(run.kind.progType) || (isTracing(run) && !isAtFunction(run));
  return isOther ? "only for kprobe, fentry, fexit and fmod_ret" : undefined;
};

/** tracing_iter_filter() of linux:net/core/filter.c */
const destruction: Limit = (run) => {
  const isOther = RELATED.has(run.kind.progType) || isTracing(run);
  return isOther && !isIterator(run) ? "only for iterators, as iter/tcp and iter/udp" : undefined;
};

/** check_css_task_iter_allowlist() of linux:kernel/bpf/verifier.c */
const tasksOfCgroup: Limit = (run) => {
  const isAllowed = run.sleepable || isIterator(run) || run.kind.progType === "BPF_PROG_TYPE_LSM";
  return isAllowed ? undefined : "only for LSM programs, iterators and programs that may sleep";
};

/** bpf_tcp_ca_get_func_proto() of linux:net/ipv4/bpf_tcp_ca.c */
const socketOption: Limit = ({ kind, program }, model) => {
  if (kind.structOps !== "tcp_congestion_ops") return undefined;
  const { members = [] } = operationPlace(program, model) ?? {};
  return members.length > 0 && members.every((member) => member === "release")
    ? "not for release() of a congestion control"
    : undefined;
};

const LIMITS: ReadonlyMap<string, Limit> = new Map([
  ["bpf_d_path", path],
  ["bpf_sk_storage_get", storage],
  ["bpf_sk_storage_delete", storage],
  ["bpf_get_func_ip", functionAddress],
  ["bpf_sock_destroy", destruction],
  ["bpf_iter_css_task_new", tasksOfCgroup],
  ["bpf_setsockopt", socketOption],
  ["bpf_getsockopt", socketOption],
]);
