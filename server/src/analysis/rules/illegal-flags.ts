/** Rule: flags with which a helper does nothing but fail. */

import { replace } from "../edits.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { Helper } from "../knowledge/types.ts";
import type { Argument, BpfModel, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import { helperOf, runsOf } from "../runs.ts";

export const illegalFlags: Rule = {
  meta: {
    id: "illegal-flags",
    group: "calls",
    summary: "Flags with which a helper does nothing but fail",
    rationale: `The verifier takes any number for flags. It is the helper that looks at them when it runs, and one that it
does not know makes it fail before it has done anything: nothing is stored, sent or redirected, and a program that does not
look at the result never learns why. Most such flags come from a neighbour: \`BPF_F_CURRENT_CPU\` belongs to perf buffers and
means nothing to a ring buffer, \`BPF_NOEXIST\` asks an array for an element that is not there, while all of them always are.

A perf buffer has one ring per CPU: with 0 instead of \`BPF_F_CURRENT_CPU\` the helper writes to the ring of CPU 0 and fails
everywhere else.`,
    severity: "warning",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_ringbuf_output(&events, &id, sizeof(id), BPF_F_CURRENT_CPU);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_ringbuf_output(&events, &id, sizeof(id), 0);
	return 0;
}`,
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} last SEC(".maps");

SEC("xdp")
int f(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&last, &queue, &now, BPF_NOEXIST);
	return XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} last SEC(".maps");

SEC("xdp")
int f(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&last, &queue, &now, BPF_ANY);
	return XDP_PASS;
}`,
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_perf_event_output(ctx, &events, 0, &id, sizeof(id));
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

SEC("tp/sched/sched_process_exec")
int on_exec(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &id, sizeof(id));
	return 0;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const call of ctx.model.calls) {
      const helper = ctx.kb.helper(call.name);
      const place = helper === undefined ? -1 : helper.params.findIndex(({ name }) => name === "flags");
      if (helper === undefined || place === -1 || helperOf(call, ctx) === undefined) continue;
      const argument = call.args.length === helper.params.length ? call.args[place] : undefined;
      // Nearly all flags are 0.
      if (argument === undefined || !call.closed || (argument.text === "0" && !isOutput(helper))) continue;
      const report = reportOf({ helper, call, argument }, ctx);
      if (report !== undefined) yield report;
    }
  },
};

interface Case {
  readonly helper: Helper;
  readonly call: Call;
  readonly argument: Argument;
}

function reportOf(found: Case, ctx: RuleContext): Report | undefined {
  const { name } = found.helper;
  const value = numberOf(found.argument.text, ctx);
  if (value === undefined) return undefined;
  if (isOutput(found.helper) && value === 0n) return onFirstCpu(found, ctx);
  if (name === "bpf_map_update_elem") return forUpdate(found, value, ctx);
  const takes = TAKEN.get(name);
  if (takes === undefined) return undefined;
  const [flags, outcome] = name === "bpf_redirect" && runsInXdp(found.call, ctx) ? ([[], ABORTED] as const) : takes;
  const known = maskOf(flags, ctx.kb);
  if (known === undefined || (value & ~known) === 0n) return undefined;
  const shown = flags.filter((flag) => !flag.endsWith("_MASK"));
  const advice =
    flags.length === 0 ? "it takes none yet, so they must be 0" : shown.length === 0 ? "" : `it takes ${listed(shown)}`;
  return without(
    found,
    known,
    `${name}() does not take ${strangers(found.argument.text, known, ctx)} and ${outcome}${advice === "" ? "" : `: ${advice}`}`,
    ctx,
  );
}

const REFUSES = "returns -EINVAL";
const NO_RECORD = "returns NULL";
const DROPS = "drops the packet";
const ABORTED = "returns XDP_ABORTED";
const NOTHING: readonly string[] = [];
const WAKEUP = ["BPF_RB_NO_WAKEUP", "BPF_RB_FORCE_WAKEUP"];
const OUTPUT = ["BPF_F_INDEX_MASK", "BPF_F_CTXLEN_MASK"];
const STACK = ["BPF_F_SKIP_FIELD_MASK", "BPF_F_USER_STACK", "BPF_F_USER_BUILD_ID"];
const CREATE = ["BPF_LOCAL_STORAGE_GET_F_CREATE"];

/**
 * What each takes, in any kernel up to 7.3, and what becomes of the call when there is more. Read in the helpers themselves:
 * linux:net/core/filter.c, net/core/sock_map.c, net/core/bpf_sk_storage.c, kernel/trace/bpf_trace.c, and of kernel/bpf/
 * ringbuf.c, stackmap.c, helpers.c, bpf_iter.c, task_iter.c, bpf_task_storage.c, bpf_inode_storage.c, bpf_cgrp_storage.c.
 * Helpers that ignore what they do not know, as bpf_ringbuf_submit() does, are not here.
 */
const TAKEN: ReadonlyMap<string, readonly [flags: readonly string[], outcome: string]> = new Map([
  ["bpf_ringbuf_reserve", [NOTHING, NO_RECORD]],
  ["bpf_ringbuf_reserve_dynptr", [NOTHING, REFUSES]],
  ["bpf_ringbuf_output", [WAKEUP, REFUSES]],
  ["bpf_user_ringbuf_drain", [WAKEUP, REFUSES]],
  ["bpf_perf_event_output", [OUTPUT, REFUSES]],
  ["bpf_skb_output", [OUTPUT, REFUSES]],
  ["bpf_xdp_output", [OUTPUT, REFUSES]],
  ["bpf_perf_event_read", [["BPF_F_INDEX_MASK"], REFUSES]],
  ["bpf_perf_event_read_value", [["BPF_F_INDEX_MASK"], REFUSES]],
  ["bpf_get_stack", [STACK, REFUSES]],
  ["bpf_get_task_stack", [STACK, REFUSES]],
  [
    "bpf_get_stackid",
    [["BPF_F_SKIP_FIELD_MASK", "BPF_F_USER_STACK", "BPF_F_FAST_STACK_CMP", "BPF_F_REUSE_STACKID"], REFUSES],
  ],
  ["bpf_skb_store_bytes", [["BPF_F_RECOMPUTE_CSUM", "BPF_F_INVALIDATE_HASH"], REFUSES]],
  ["bpf_clone_redirect", [["BPF_F_INGRESS"], REFUSES]],
  ["bpf_redirect", [["BPF_F_INGRESS"], DROPS]],
  ["bpf_redirect_neigh", [NOTHING, DROPS]],
  ["bpf_msg_redirect_map", [["BPF_F_INGRESS"], DROPS]],
  ["bpf_msg_redirect_hash", [["BPF_F_INGRESS"], DROPS]],
  ["bpf_sk_redirect_map", [["BPF_F_INGRESS"], DROPS]],
  ["bpf_sk_redirect_hash", [["BPF_F_INGRESS"], DROPS]],
  ["bpf_skb_change_proto", [NOTHING, REFUSES]],
  ["bpf_skb_change_tail", [NOTHING, REFUSES]],
  ["bpf_skb_change_head", [NOTHING, REFUSES]],
  ["bpf_msg_pull_data", [NOTHING, REFUSES]],
  ["bpf_msg_push_data", [NOTHING, REFUSES]],
  ["bpf_msg_pop_data", [NOTHING, REFUSES]],
  ["bpf_sk_lookup_tcp", [NOTHING, NO_RECORD]],
  ["bpf_sk_lookup_udp", [NOTHING, NO_RECORD]],
  ["bpf_skc_lookup_tcp", [NOTHING, NO_RECORD]],
  ["bpf_sk_storage_get", [CREATE, NO_RECORD]],
  ["bpf_task_storage_get", [CREATE, NO_RECORD]],
  ["bpf_inode_storage_get", [CREATE, NO_RECORD]],
  ["bpf_cgrp_storage_get", [CREATE, NO_RECORD]],
  ["bpf_loop", [NOTHING, REFUSES]],
  ["bpf_for_each_map_elem", [NOTHING, REFUSES]],
  ["bpf_find_vma", [NOTHING, REFUSES]],
  ["bpf_copy_from_user_task", [NOTHING, REFUSES]],
  ["bpf_dynptr_from_mem", [NOTHING, REFUSES]],
  ["bpf_dynptr_read", [NOTHING, REFUSES]],
  ["bpf_map_push_elem", [["BPF_EXIST"], REFUSES]],
]);

/** All of a map's update functions refuse more; what the per-CPU ones took later counts as legal for all. */
const UPDATE = ["BPF_NOEXIST", "BPF_EXIST", "BPF_F_LOCK", "BPF_F_CPU", "BPF_F_ALL_CPUS"];

function forUpdate(found: Case, value: bigint, ctx: RuleContext): Report | undefined {
  const known = maskOf(UPDATE, ctx.kb);
  if (known === undefined) return undefined;
  // The CPU stands in the upper half.
  const low = value & 0xffffffffn;
  const { call, argument, helper } = found;
  const both = 3n;
  if ((low & ~known) !== 0n)
    return without(
      found,
      known,
      `${helper.name}() does not take ${strangers(argument.text, known, ctx)} and ${REFUSES}: it takes BPF_ANY, BPF_NOEXIST or BPF_EXIST`,
      ctx,
    );
  if ((low & both) === both)
    return {
      range: argument.range,
      message: `${helper.name}() ${REFUSES}: BPF_NOEXIST and BPF_EXIST exclude each other`,
    };
  const map = call.args[0]?.map;
  if (low !== 1n || (map?.type !== "BPF_MAP_TYPE_ARRAY" && map?.type !== "BPF_MAP_TYPE_PERCPU_ARRAY")) return undefined;
  return {
    range: argument.range,
    message: `${helper.name}() always returns -EEXIST here: ${map.name} is an array, whose elements all exist`,
    fixes: [{ title: "Write BPF_ANY", edits: [replace(argument.range, "BPF_ANY")] }],
  };
}

function isOutput({ name }: Helper): boolean {
  return name === "bpf_perf_event_output";
}

/** A program may be bound to one CPU, or user space may have opened only one ring: that is said more quietly. */
function onFirstCpu({ argument: { range, text }, helper }: Case, { model }: RuleContext): Report | undefined {
  if (text !== "0" || model.redefines("BPF_F_CURRENT_CPU")) return undefined;
  return {
    range,
    severity: "info",
    message: `${helper.name}() writes to the ring of CPU 0, and fails on every other CPU: BPF_F_CURRENT_CPU is the ring of its own`,
    fixes: [{ title: "Write BPF_F_CURRENT_CPU", edits: [replace(range, "BPF_F_CURRENT_CPU")] }],
  };
}

function runsInXdp(call: Call, ctx: RuleContext): boolean {
  const runs = runsOf(call, ctx);
  return runs.length > 0 && runs.every(({ kind }) => kind.progType === "BPF_PROG_TYPE_XDP");
}

/** What is left without the flags that the helper does not take. */
function without({ call, argument: { range, text } }: Case, known: bigint, message: string, ctx: RuleContext): Report {
  const kept = partsOf(text).filter((part) => ((numberOf(part, ctx) ?? 0n) & ~known) === 0n);
  const rest = kept.length > 0 ? kept.join(" | ") : call.name.startsWith("bpf_map_") ? "BPF_ANY" : "0";
  return { range, message, fixes: [{ title: `Write ${rest}`, edits: [replace(range, rest)] }] };
}

function strangers(text: string, known: bigint, ctx: RuleContext): string {
  return listed(partsOf(text).filter((part) => ((numberOf(part, ctx) ?? 0n) & ~known) !== 0n));
}

function partsOf(text: string): readonly string[] {
  return /[()?]/.test(text) ? [text] : text.split("|").map((part) => part.trim());
}

function maskOf(flags: readonly string[], kb: KnowledgeBase): bigint | undefined {
  const values = flags.map((flag) => knownValue(flag, kb));
  return values.reduce<bigint | undefined>(
    (mask, value) => (mask === undefined || value === undefined ? undefined : mask | BigInt(value)),
    0n,
  );
}

const HIGHEST = 64;

/** As the helper gets it, in 64 bits; undefined where a part is not known. */
function numberOf(text: string, { model, kb }: RuleContext): bigint | undefined {
  let isKnown = true;
  const numbers = text.replace(/(?<!\w)[A-Za-z_]\w*/g, (name) => {
    if (isOwn(name, model)) return name;
    const value = knownValue(name, kb);
    isKnown &&= value !== undefined;
    return value ?? name;
  });
  const value = isKnown ? model.valueOf(numbers) : undefined;
  return value === undefined ? undefined : BigInt.asUintN(HIGHEST, value);
}

function isOwn(name: string, model: BpfModel): boolean {
  return model.redefines(name) || model.valueOf(name) !== undefined;
}

function knownValue(name: string, kb: KnowledgeBase): string | undefined {
  const flag = kb.enumerator("flag", name);
  return flag !== undefined && "value" in flag ? flag.value : kb.constant(name)?.value;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
