/** Rule: an argument that is surely not what the helper wants there. */

import { replace } from "../edits.ts";
import { type ArgumentKind, kindOf } from "../for-rules/argument-kinds.ts";
import { helperCalls } from "../for-rules/calls.ts";
import { contextName } from "../for-rules/context-types.ts";
import { mayBeLeftOut } from "../for-rules/runs.ts";
import type { Helper, Param, ParamKind } from "../knowledge/types.ts";
import type { Argument, Call } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const wrongArgumentKind: Rule = {
  meta: {
    id: "wrong-argument-kind",
    group: "calls",
    summary: "An argument that is surely not what the helper wants there",
    rationale: `Helpers take keys, values and buffers by their address, the context as it came, and maps by the address of the
map. To the compiler most of these are \`void *\`, so a missing \`&\` is at best \`incompatible integer to pointer
conversion\`, and a wrong pointer passes: the verifier then says \`R2 type=scalar expected=fp, pkt, …\` or
\`R1 type=fp expected=ctx\`, where R1 is the first argument. The context can never stand for a buffer, because the program
does not see the structure that the kernel keeps behind it: what is needed is copied to a variable first.

Reported is only what the declarations in this file make certain.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} starts SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&starts, pid, &now, BPF_ANY);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} starts SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&starts, &pid, &now, BPF_ANY);
	return 0;
}`,
        refused: { by: "clang", says: "incompatible integer to pointer conversion passing '__u32'" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(struct trace_event_raw_sched_process_exec *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_perf_event_output(&id, &events, BPF_F_CURRENT_CPU, &id, sizeof(id));
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(struct trace_event_raw_sched_process_exec *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &id, sizeof(id));
	return 0;
}`,
        refused: { by: "kernel", says: "R1 type=fp expected=ctx" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} total SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 *value = bpf_map_lookup_elem(&zero, &total);

	if (value)
		__sync_fetch_and_add(value, ctx->data_end - ctx->data);
	return XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} total SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 *value = bpf_map_lookup_elem(&total, &zero);

	if (value)
		__sync_fetch_and_add(value, ctx->data_end - ctx->data);
	return XDP_PASS;
}`,
        refused: { by: "kernel", says: "R1 type=fp expected=map_ptr" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { call, helper } of helperCalls(ctx)) {
      if (!call.closed || !helper.params.some(({ kind }) => isAsked(kind))) continue;
      const { args } = call;
      if (args.length !== helper.params.length) continue;
      const report = firstWrong(helper, args, call, ctx);
      if (report !== undefined) yield report;
    }
  },
};

/** One finding for a call: two arguments that have changed places are one mistake. */
function firstWrong(helper: Helper, args: readonly Argument[], call: Call, ctx: RuleContext): Report | undefined {
  for (const [i, param] of helper.params.entries()) {
    const argument = args[i];
    if (argument === undefined || !isAsked(param.kind) || isUsual(argument, param)) continue;
    const is = kindOf(argument, call, ctx.model);
    if (is === undefined || (is === "null" && param.optional)) continue;
    const report = reportOf({ helper, args, argument, param, is, call }, ctx);
    if (report !== undefined) return report;
  }
  return undefined;
}

/** What most calls have there is not looked up. */
function isUsual({ text, map }: Argument, { kind }: Param): boolean {
  if (kind === "map") return map !== undefined;
  return kind === "context" ? text === "ctx" : text.startsWith("&") && map === undefined;
}

const BUFFERS: ReadonlySet<ParamKind> = new Set(["key", "value", "memory"]);
/** Kinds of which the address of a variable is what is wanted, whatever the variable. */
const BY_ADDRESS: ReadonlySet<ParamKind> = new Set(["key", "value", "memory", "timer", "spin lock", "dynptr"]);

function isAsked(kind: ParamKind | undefined): boolean {
  return kind === "map" || kind === "context" || (kind !== undefined && BY_ADDRESS.has(kind));
}

interface Case {
  readonly helper: Helper;
  readonly args: readonly Argument[];
  readonly argument: Argument;
  readonly param: Param;
  readonly is: ArgumentKind;
  readonly call: Call;
}

function reportOf(found: Case, ctx: RuleContext): Report | undefined {
  const { kind } = found.param;
  const report =
    kind === "context" ? forContext(found) : kind === "map" ? forMap(found) : kind && forAddress(found, kind);
  // The compiler has stopped at a number before it leaves anything out.
  const isCompilers = found.is === "number" || found.is === "struct";
  return report === undefined || (!isCompilers && mayBeLeftOut(found.call, ctx.model)) ? undefined : report;
}

function forAddress({ argument: { text, range }, is, call, param }: Case, kind: ParamKind): Report | undefined {
  const wanted = `the address of ${kind === "memory" ? `its ${param.name}` : `the ${kind}`}`;
  const wants = `${call.name}() wants ${wanted}`;
  if (is === "number" || is === "struct")
    return {
      range,
      message: `${wants}: &${text}`,
      fixes: [{ title: `Change to &${text}`, edits: [replace(range, `&${text}`)] }],
    };
  if (is === "null") return { range, message: `${wants}, not ${text === "NULL" ? text : "0, which is NULL"}` };
  if (is === "literal") return { range, message: `${wants}, not a number: a variable that holds it has one` };
  if (is === "context" && BUFFERS.has(kind))
    return {
      range,
      message: `${wants}, not the context: copy what you need to a variable first`,
    };
  return undefined;
}

const NO_CONTEXT: ReadonlySet<ArgumentKind> = new Set([
  "number",
  "literal",
  "null",
  "string",
  "address",
  "array",
  "struct",
  "address of a map",
]);

function forContext({ argument: { text, range }, args, is, call }: Case): Report | undefined {
  if (!NO_CONTEXT.has(is)) return undefined;
  const context = contextName(call.in);
  const swapped = context === undefined ? undefined : args.find((one) => one.text === context);
  const fixes =
    swapped !== undefined ? swap(range, text, swapped) : context === undefined ? [] : [write(context, range)];
  return {
    range,
    message: `${call.name}() wants the program's context${context === undefined ? "" : `, ${context},`} here`,
    fixes,
  };
}

const NO_MAP: ReadonlySet<ArgumentKind> = new Set([
  "number",
  "literal",
  "null",
  "string",
  "address",
  "array",
  "context",
]);

function forMap({ argument: { text, range }, args, is, call, helper }: Case): Report | undefined {
  if (!NO_MAP.has(is)) return undefined;
  const place = args.findIndex(({ map }, i) => map !== undefined && helper.params[i]?.kind !== "map");
  const swapped = args[place];
  return {
    range,
    message: `${call.name}() wants the address of a map here${swapped === undefined ? "" : `: ${swapped.text} stands in another place`}`,
    fixes: swapped === undefined ? [] : swap(range, text, swapped),
  };
}

function swap(range: Argument["range"], text: string, other: Argument): readonly Fix[] {
  const edits = [replace(range, other.text), replace(other.range, text)];
  return [{ title: `Swap ${text} and ${other.text}`, edits }];
}

function write(context: string, range: Argument["range"]): Fix {
  return { title: `Change to ${context}`, edits: [replace(range, context)] };
}
