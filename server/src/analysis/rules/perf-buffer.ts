/** Rule: events that go through one buffer per CPU although a ring buffer would do. */

import { insertAt, replace } from "../edits.ts";
import { callsNamed } from "../for-rules/calls.ts";
import { isAlternative } from "../for-rules/guarded.ts";
import { insertMember, mapsIn, memberOf, removeMember } from "../for-rules/map-rules.ts";
import { isOf, programsFor } from "../for-rules/newer.ts";
import { isEverywhere } from "../for-rules/verdicts.ts";
import type { MapDefinition } from "../map-definitions.ts";
import type { BpfModel, Call } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import type { TextEdit } from "../text.ts";

const SEND = "bpf_perf_event_output";
const INSTEAD = "bpf_ringbuf_output";

export const perfBuffer: Rule = {
  meta: {
    id: "perf-buffer",
    group: "better ways",
    summary: "Events sent through one buffer per CPU where a ring buffer would do",
    rationale: `A perf buffer is one buffer for every CPU: it takes more memory than a ring buffer, and loses the order of events.
Each must be large enough for the worst moment of
its CPU, events of different CPUs reach user space in another order than they happened in, and every event is copied. A ring
buffer is one for all CPUs: it needs less memory, keeps the order, and \`bpf_ringbuf_reserve()\` lets the program write the
event where it will be read.

User space must change with it: \`ring_buffer__new()\` and \`ring_buffer__poll()\` instead of \`perf_buffer__new()\` and
\`perf_buffer__poll()\`; a ring buffer counts no lost events, the program sees that an event did not fit. Nothing is said where
a perf buffer does something else: it counts hardware events, carries a part of the packet, or is filled from a
\`perf_event\` program, which may interrupt itself while it holds the ring buffer's lock.`,
    severity: "hint",
    since: "5.8",
    fix: "unsafe",
    bpflint: "perfbuf-usage",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &id, sizeof(id));
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_ringbuf_output(&events, &id, sizeof(id), 0);
	return 0;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (callsNamed(SEND, model).length === 0 || model.redefines(SEND)) return;
    const arrays = mapsIn(ctx).filter(({ fact }) => fact?.name === "BPF_MAP_TYPE_PERF_EVENT_ARRAY");
    // A file with both kinds knows why it has the other one.
    if (arrays.length === 0 || model.code.mentions(RING_BUFFER)) return;
    if (!isEverywhere({ kind: "map-type", name: RING_BUFFER }, ctx)) return;
    for (const { definition } of arrays) {
      const type = memberOf(definition, "type");
      const sends = sendsOf(definition, ctx);
      if (definition.isInner || type === undefined || sends === undefined) continue;
      yield {
        range: type.valueRange,
        message: `map ${definition.name} is one buffer for each CPU; a ring buffer is one for all and keeps the order of events`,
        fixes: fixesFor(definition, sends, model),
      };
    }
  },
};

const RING_BUFFER = "BPF_MAP_TYPE_RINGBUF";

/** The calls that send through a map, if nothing else is done with it and a ring buffer could take them all. */
function sendsOf({ name, nameRange }: MapDefinition, ctx: RuleContext): readonly Call[] | undefined {
  const { code, calls } = ctx.model;
  const sends = calls.filter((call) => call.name === SEND && call.args[1]?.map?.name === name);
  const uses = code.uses(name).filter(({ range }) => range.start.line !== nameRange.start.line);
  const inMacros = code.directives().some(({ body }) => new RegExp(`\\b${name}\\b`).test(body));
  if (sends.length === 0 || uses.length !== sends.length || inMacros) return undefined;
  return sends.every((call) => couldUseRing(call, ctx)) ? sends : undefined;
}

function couldUseRing(call: Call, ctx: RuleContext): boolean {
  const { args, closed, range, in: fn } = call;
  // Other flags name another CPU, or how much of the packet goes with the event.
  if (!closed || args.length !== 5 || args[2]?.text !== "BPF_F_CURRENT_CPU") return false;
  const runs = programsFor(call, { kind: "helper", name: INSTEAD }, ctx);
  if (runs === undefined || runs.some(({ kind }) => isOf("PERF_EVENT", kind))) return false;
  return !isAlternative(range, fn, ctx.model);
}

function fixesFor(definition: MapDefinition, sends: readonly Call[], model: BpfModel): readonly Fix[] {
  const members = membersFor(definition, model);
  if (members === undefined) return [];
  const edits = [...members, ...sends.flatMap(withRing)];
  return [{ title: `Send through a ring buffer (user space must change too)`, edits }];
}

/** Large enough for most, and a multiple of every size of page. */
const SIZE = "__uint(max_entries, 256 * 1024);";

/** A ring buffer has neither keys nor values, and its size is counted in bytes. */
function membersFor(definition: MapDefinition, model: BpfModel): readonly TextEdit[] | undefined {
  const type = memberOf(definition, "type");
  const old = definition.members.filter(({ name }) => /^(?:key|value|key_size|value_size|max_entries)$/.test(name));
  const [first, ...others] = old;
  const size = first === undefined ? insertMember(definition, SIZE, model) : replace(first.range, SIZE);
  if (type === undefined || size === undefined || !definition.isWhole) return undefined;
  return [replace(type.valueRange, RING_BUFFER), size, ...others.map((member) => removeMember(member, model))];
}

/** `bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, data, size)` as `bpf_ringbuf_output(&events, data, size, 0)`. */
function withRing({ nameRange, args }: Call): readonly TextEdit[] {
  const [context, map, flags, data, size] = args;
  if (!context || !map || !flags || !data || !size) return [];
  return [
    replace(nameRange, INSTEAD),
    replace({ start: context.range.start, end: map.range.start }, ""),
    replace({ start: flags.range.start, end: data.range.start }, ""),
    insertAt(size.range.end, ", 0"),
  ];
}
