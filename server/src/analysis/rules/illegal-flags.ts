/** Rule: flags with which a helper does nothing but fail. */

import { replace } from "../edits.ts";
import { helperCalls } from "../for-rules/calls.ts";
import { perText } from "../for-rules/per-model.ts";
import { runsOf } from "../for-rules/runs.ts";
import { type FlagSet, flagSets, flagValue, maskOf } from "../knowledge/helper-flags.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { Helper } from "../knowledge/types.ts";
import type { Argument, BpfModel, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const illegalFlags: Rule = {
  meta: {
    id: "illegal-flags",
    group: "calls",
    summary: "Flags with which a helper does nothing but fail",
    rationale: `A flag that a helper does not know makes every call of it fail when the program runs; the verifier rarely looks.
Nothing is stored, sent or redirected then, and a program that does not look at the result never learns why. Most such flags
come from a neighbour: \`BPF_F_CURRENT_CPU\` belongs to perf buffers and means nothing to a ring buffer, \`BPF_NOEXIST\` asks an
array for an element that is not there, while all of them always are.

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
    for (const { call, helper } of helperCalls(ctx)) {
      if (helper.flags === undefined) continue;
      const place = helper.params.findIndex(({ name }) => name === "flags");
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
  const value = numberOf(found.argument.text, ctx);
  if (value === undefined) return undefined;
  if (isOutput(found.helper) && value === 0n) return onFirstCpu(found, ctx);
  return notTaken(found, value, ctx) ?? excluding(found, value, ctx) ?? existing(found, value);
}

/** Flags that no way of calling the helper takes. */
function notTaken(found: Case, value: bigint, ctx: RuleContext): Report | undefined {
  const { helper, call, argument } = found;
  const { flags } = helper;
  // Most differ in nothing, whatever the program.
  const programs = flags?.instead === undefined ? [] : runsOf(call, ctx).map(({ kind }) => kind);
  const sets = flagSets(helper, programs);
  const [first] = sets;
  const otherwise = sets.map((set) => set.otherwise);
  if (first === undefined || otherwise.includes(undefined)) return undefined;
  const taken = sets.map((set) => (set.oneOf ? isOneOf(value, set, ctx.kb) : hasOnly(value, set, ctx.kb)));
  if (taken.some((answer) => answer !== false)) return undefined;
  const known = sets.reduce((mask, set) => mask | (first.oneOf ? 0n : (maskOf(set, ctx.kb) ?? 0n)), 0n);
  const parts = partsOf(argument.text);
  const isStrange = (part: string): boolean => first.oneOf === true || ((numberOf(part, ctx) ?? 0n) & ~known) !== 0n;
  const kept = parts.filter((part) => !isStrange(part));
  const rest = kept.length > 0 ? kept.join(" | ") : noneOf(first);
  return {
    range: argument.range,
    message: `${helper.name}() ${first.otherwise} with ${listed(parts.filter(isStrange))}: ${advice(sets)}`,
    fixes: [{ title: `Change to ${rest}`, edits: [replace(argument.range, rest)] }],
  };
}

/** Undefined where the value of a name is not known. */
function hasOnly(value: bigint, set: FlagSet, kb: KnowledgeBase): boolean | undefined {
  const mask = maskOf(set, kb);
  return mask === undefined ? undefined : (value & ~mask) === 0n;
}

function isOneOf(value: bigint, { takes }: FlagSet, kb: KnowledgeBase): boolean | undefined {
  const values = takes.map((name) => flagValue(name, kb));
  return values.includes(undefined) ? undefined : values.includes(value);
}

function advice(sets: readonly FlagSet[]): string {
  const takes = [...new Set(sets.flatMap((set) => set.takes))];
  if (takes.length > 0) return `it takes ${listed(takes)}`;
  const numbers = sets.flatMap((set) => set.numbers ?? []).map(({ what }) => what);
  return numbers.length > 0 ? `it takes ${numbers.join(", ")}` : "it takes no flags yet";
}

/** As one writes it. */
function noneOf({ takes, oneOf }: FlagSet): string {
  if (oneOf) return takes[0] ?? "0";
  return takes.includes("BPF_ANY") ? "BPF_ANY" : "0";
}

function excluding({ helper, argument }: Case, value: bigint, { kb }: RuleContext): Report | undefined {
  const { exclude = [], otherwise } = helper.flags ?? {};
  const bits = exclude.map((name) => flagValue(name, kb));
  if (bits.length === 0 || bits.some((bit) => bit === undefined || (value & bit) !== bit)) return undefined;
  return {
    range: argument.range,
    message: `${helper.name}() ${otherwise} with ${exclude.join(" and ")}: they exclude each other`,
  };
}

/** All update functions of arrays refuse to make an element. */
function existing({ helper, call, argument }: Case, value: bigint): Report | undefined {
  const map = helper.name === "bpf_map_update_elem" ? call.args[0]?.map : undefined;
  const isArray = map?.type === "BPF_MAP_TYPE_ARRAY" || map?.type === "BPF_MAP_TYPE_PERCPU_ARRAY";
  if (map === undefined || !isArray || BigInt.asUintN(32, value) !== 1n) return undefined;
  return {
    range: argument.range,
    message: `${helper.name}() always returns -EEXIST here: ${map.name} is an array, whose elements all exist`,
    fixes: [{ title: "Change to BPF_ANY", edits: [replace(argument.range, "BPF_ANY")] }],
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
    message: `${helper.name}() writes to the ring of CPU 0 and fails on all others; BPF_F_CURRENT_CPU works on each`,
    fixes: [{ title: "Change to BPF_F_CURRENT_CPU", edits: [replace(range, "BPF_F_CURRENT_CPU")] }],
  };
}

function partsOf(text: string): readonly string[] {
  return /[()?]/.test(text) ? [text] : text.split("|").map((part) => part.trim());
}

/** As the helper gets it, in 64 bits; undefined where a part is not known. */
const numberOf = perText(["kb"], (text, { model, kb }): bigint | undefined => {
  let isKnown = true;
  const numbers = text.replace(/(?<!\w)[A-Za-z_]\w*/g, (name) => {
    if (isOwn(name, model)) return name;
    const value = flagValue(name, kb);
    isKnown &&= value !== undefined;
    return value?.toString() ?? name;
  });
  const value = isKnown ? model.valueOf(numbers) : undefined;
  return value === undefined ? undefined : BigInt.asUintN(64, value);
});

function isOwn(name: string, model: BpfModel): boolean {
  return model.redefines(name) || model.valueOf(name) !== undefined;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
