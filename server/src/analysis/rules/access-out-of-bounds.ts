/** Rule: more bytes are read or written than there are: of a variable, a map's value, a record. */

import { replace } from "../edits.ts";
import { flowOf } from "../flow/flow.ts";
import type { Thing } from "../flow/values.ts";
import type { Found } from "../flow/walk.ts";
import { roomBeside } from "../for-rules/section-room.ts";
import type { Fix, Report, Rule, RuleContext, Severity } from "../rule.ts";

export const accessOutOfBounds: Rule = {
  walks: true,
  meta: {
    id: "access-out-of-bounds",
    group: "paths",
    summary: "More bytes used than there are",
    rationale: `The verifier knows how large the value of a map, a record of a ring buffer and the stack are, and refuses what lies
beyond. Compilers say nothing when a helper is told that a buffer is larger than it is, or when a pointer is cast to one of a
larger type.

Of variables on the stack the verifier sees only the stack as a whole: what is written beyond one of them may end in another
without a word. That is an error where there is nothing beside it that could take so much, and a warning otherwise.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("tracepoint/syscalls/sys_enter_execve")
int f(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, 32);
	return comm[0] == 'a';
}`,
        good: `SEC("tracepoint/syscalls/sys_enter_execve")
int f(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	return comm[0] == 'a';
}`,
        refused: { by: "kernel", says: "invalid write to stack R1 off=-16 size=32" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} total SEC(".maps");

SEC("xdp")
int f(struct xdp_md *ctx)
{
	u32 key = 0;
	u64 *bytes = bpf_map_lookup_elem(&total, &key);

	if (bytes)
		*bytes += ctx->data_end - ctx->data;
	return XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} total SEC(".maps");

SEC("xdp")
int f(struct xdp_md *ctx)
{
	u32 key = 0;
	u64 *bytes = bpf_map_lookup_elem(&total, &key);

	if (bytes)
		*bytes += ctx->data_end - ctx->data;
	return XDP_PASS;
}`,
        refused: { by: "kernel", says: "invalid access to map value, value_size=4 off=0 size=8" },
      },
      {
        bad: `struct event {
	u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_execve")
int f(void *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(event), 0);

	if (!event)
		return 0;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_ringbuf_submit(event, 0);
	return 0;
}`,
        good: `struct event {
	u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_execve")
int f(void *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return 0;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_ringbuf_submit(event, 0);
	return 0;
}`,
        refused: { by: "kernel", says: "invalid access to memory, mem_size=8 off=4 size=16" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const told = new Set<Thing>();
    for (const found of flowOf(ctx).of("beyond")) {
      const { thing } = found;
      if (thing === undefined || told.has(thing)) continue;
      // Of a record that is too small every use would be told.
      if (thing.kind === "record") told.add(thing);
      const report = reportOf(found, thing, ctx);
      if (report !== undefined) yield report;
    }
  },
};

function reportOf(found: Found, thing: Thing, ctx: RuleContext): Report | undefined {
  const { lines } = ctx.model.code;
  if (thing.kind === "global" && !isOutside(found, thing, ctx)) return undefined;
  const severity = severityOf(found, thing);
  const fix = fixFor(found, thing, ctx);
  const isElsewhere = thing.source.span.end > 0 && (thing.kind === "record" || thing.kind === "map value");
  return {
    range: lines.rangeOf(found.span),
    message: `${whatHappens(found, thing)}${refusal(severity)}`,
    ...(severity !== "error" && { severity }),
    ...(fix && { fixes: [fix] }),
    ...(isElsewhere && {
      related: [{ range: lines.rangeOf(thing.source.span), message: `it has ${bytes(thing.size)} from here` }],
    }),
  };
}

function severityOf({ facts }: Found, { kind }: Thing): Severity {
  return kind === "variable" && facts?.["isAlone"] !== true ? "warning" : "error";
}

/** Of a variable of the file: beyond all that lies in its map. */
function isOutside({ facts }: Found, { name, size = 0 }: Thing, { model }: RuleContext): boolean {
  const room = roomBeside(name, model);
  const [offset, bytesUsed] = [Number(facts?.["offset"]), Number(facts?.["size"])];
  return room !== undefined && (offset < -room.before || offset + bytesUsed > size + room.behind);
}

function refusal(severity: Severity): string {
  return severity === "error" ? ": the verifier refuses it" : ": the verifier refuses it, or other variables are used";
}

function whatHappens({ facts = {} }: Found, thing: Thing): string {
  const { how, callee, offset, size, wants, map } = facts;
  const has = bytes(thing.size);
  if (wants !== undefined) return `${wants}s of ${map} have ${bytes(size)}, and ${nameOf(thing)} has ${thing.size}`;
  const who = callee === undefined ? "this" : `${callee}()`;
  const from = Number(offset);
  if (from === 0) return `${who} ${how} ${bytes(size)}, and ${nameOf(thing)} has ${thing.size}`;
  const place = from < 0 ? `${bytes(-from)} before ${nameOf(thing)}` : `at offset ${from} of ${nameOf(thing)}`;
  return from < 0 ? `${who} ${how} ${place}` : `${who} ${how} ${bytes(size)} ${place}, which has ${has}`;
}

function nameOf({ kind, name, lookup }: Thing): string {
  if (kind === "map value") return lookup === undefined ? "the map's value" : `a value of ${lookup.map}`;
  if (kind === "record") return "the record";
  return name === "" ? "the memory" : name;
}

function bytes(count: unknown): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}

/** The size of what the record is for, or of the array that is handed over. */
function fixFor({ node, facts = {}, span }: Found, { kind, variable, name }: Thing, ctx: RuleContext): Fix | undefined {
  const { sizeStart, sizeEnd } = facts;
  if (node?.kind !== "name" || node.name !== name || kind !== "variable") return undefined;
  // What happens in a header is no matter of the call that led there.
  if (node.start !== span.start || (variable?.declaration?.dimensions.length ?? 0) === 0) return undefined;
  if (typeof sizeStart !== "number" || typeof sizeEnd !== "number") return undefined;
  const size = ctx.model.code.lines.rangeOf({ start: sizeStart, end: sizeEnd });
  return { title: `Change to sizeof(${name})`, edits: [replace(size, `sizeof(${name})`)], safety: "safe" };
}
