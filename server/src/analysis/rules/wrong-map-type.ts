/** Rule: a helper that does not take maps of this type. */

import { replace } from "../edits.ts";
import { helperCalls } from "../for-rules/calls.ts";
import { mayBeLeftOut } from "../for-rules/runs.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { supports } from "../knowledge/supports.ts";
import { hasSince, type Target } from "../knowledge/target.ts";
import type { Helper, MapAllowance } from "../knowledge/types.ts";
import type { Argument, BpfModel, Call, MapFacts } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const wrongMapType: Rule = {
  meta: {
    id: "wrong-map-type",
    group: "calls",
    summary: "A helper that does not take maps of this type",
    rationale: `The verifier knows for each helper which types of maps it takes, and refuses a program that hands over another.
A map is more than its key and value: a ring buffer has neither, a program array is only there to be jumped into, a queue has
no keys. The message is \`cannot pass map_type 27 into func bpf_perf_event_output#25\`, where the numbers stand for the type
and the helper. C cannot tell: to the compiler every map is a \`void *\`.`,
    severity: "error",
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

	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &id, sizeof(id));
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
        refused: { by: "kernel", says: "cannot pass map_type 27 into func bpf_perf_event_output#25" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 64);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 127 * sizeof(__u64));
} stacks SEC(".maps");

SEC("tp/sched/sched_switch")
int on_switch(void *ctx)
{
	__u32 stack = bpf_get_stackid(ctx, &counts, 0);
	__u64 one = 1;

	bpf_map_update_elem(&counts, &stack, &one, BPF_ANY);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 64);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 127 * sizeof(__u64));
} stacks SEC(".maps");

SEC("tp/sched/sched_switch")
int on_switch(void *ctx)
{
	__u32 stack = bpf_get_stackid(ctx, &stacks, 0);
	__u64 one = 1;

	bpf_map_update_elem(&counts, &stack, &one, BPF_ANY);
	return 0;
}`,
        refused: { by: "kernel", says: "cannot pass map_type 1 into func bpf_get_stackid#27" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { call, helper } of helperCalls(ctx)) {
      if (helper.maps === undefined) continue;
      const argument = call.args[helper.params.findIndex(({ kind }) => kind === "map")];
      const report = argument?.map && reportOf(helper, helper.maps, argument, argument.map, call, ctx);
      if (report !== undefined) yield report;
    }
  },
};

function reportOf(
  helper: Helper,
  taken: readonly MapAllowance[],
  argument: Argument,
  map: MapFacts,
  call: Call,
  ctx: RuleContext,
): Report | undefined {
  const type = typeOf(map, ctx.kb);
  if (type === undefined || dependsOnProgram(helper, type)) return undefined;
  const fitting = taken.filter((part) => part.in.includes(type));
  const since = fitting.map((part) => part.maybe ?? part.since);
  // Kernels that lack the one or the other altogether are another rule's business.
  const knows = (target: Target, kind: "helper" | "map-type", name: string): boolean =>
    supports(target, { kind, name }, ctx.kb).answer !== "no";
  const lacking = ctx.targets.filter(
    (target) =>
      since.every((release) => isCertainlyBefore(target, release)) &&
      knows(target, "helper", helper.name) &&
      knows(target, "map-type", map.type ?? ""),
  );
  if (fitting.length > 0 && lacking.length === 0) return undefined;
  if (isOneOfSeveral(map, ctx.model) || mayBeLeftOut(call, ctx.model)) return undefined;
  const what = `${map.name} is ${article(type)} ${type} map, which ${call.name}() does not take`;
  return {
    range: argument.range,
    message:
      fitting.length === 0
        ? `${what}${adviceFor(type, taken, ctx.kb)}`
        : `${what} on ${lacking.map(({ label }) => label).join(", ")}: first in ${fitting[0]?.since}`,
    ...(fitting.length === 0 && { fixes: [...outputInstead(call, type), ...otherMap(taken, argument, ctx)] }),
  };
}

/** Without its prefix and by its older name; undefined for a type that no release has, or that nobody knows. */
function typeOf({ type }: MapFacts, kb: KnowledgeBase): string | undefined {
  const fact = type === undefined ? undefined : kb.mapType(type);
  return fact?.since === undefined ? undefined : (fact.aliasOf ?? fact.name).replace("BPF_MAP_TYPE_", "");
}

/** Some programs may put sockets into such a map or take them out, others not (linux: may_update_sockmap). */
function dependsOnProgram({ name }: Helper, type: string): boolean {
  return type.startsWith("SOCK") && (name === "bpf_map_update_elem" || name === "bpf_map_delete_elem");
}

/** A maker may have brought it back, and a kernel that was looked at does not tell. */
function isCertainlyBefore(target: Target, release: string): boolean {
  return target.distribution === undefined && target.profile === undefined && !hasSince(target, release);
}

/** What `#if` chooses may be of another type elsewhere, and may be written with other calls there. */
function isOneOfSeveral({ name }: MapFacts, { maps, code }: BpfModel): boolean {
  const own = maps.filter((map) => map.name === name);
  return own.length > 1 || own.some(({ range }) => code.compiledWhen(range).length > 0);
}

function adviceFor(type: string, taken: readonly MapAllowance[], { facts }: KnowledgeBase): string {
  const types = [...new Set(taken.flatMap((part) => part.in))];
  if (types.length <= FEW) return `: it takes ${listed(types)} maps`;
  const helpers = facts.helpers.filter(({ maps }) => maps?.some((part) => part.in.includes(type)));
  if (helpers.length === 0 || helpers.length > FEW) return "";
  return `: ${listed(helpers.map(({ name }) => `${name}()`))} ${helpers.length === 1 ? "does" : "do"}`;
}

const FEW = 4;

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function article(word: string): string {
  return /^(?:[AEIO]|LRU|LPM|SK_|XSK|HASH_OF)/.test(word) && !/^(?:SK_|HASH_OF)/.test(word) ? "an" : "a";
}

/** From one buffer to the other: the arguments stand in another order. */
function outputInstead({ name, range, args }: Call, type: string): readonly Fix[] {
  if (name !== "bpf_perf_event_output" || type !== "RINGBUF" || args.length !== 5) return [];
  const [, map, , data, size] = args.map(({ text }) => text);
  const call = `bpf_ringbuf_output(${map}, ${data}, ${size}, 0)`;
  return [{ title: "Replace with bpf_ringbuf_output()", edits: [replace(range, call)] }];
}

/** The only map of the file that the helper takes. */
function otherMap(taken: readonly MapAllowance[], { range }: Argument, { model, kb }: RuleContext): readonly Fix[] {
  const types = new Set(taken.flatMap((part) => part.in));
  const fitting = model.maps.filter((map) => types.has(typeOf(map, kb) ?? ""));
  const [only] = fitting;
  if (only === undefined || fitting.length > 1 || types.size > FEW) return [];
  return [{ title: `Change to &${only.name}`, edits: [replace(range, `&${only.name}`)] }];
}
