/** Rule: a number that nothing bounds says how many bytes a helper reads or writes. */

import { replace } from "../edits.ts";
import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { boundReport, checkFix, numberText, REFUSED } from "../for-rules/bound-words.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import { containsPosition } from "../text.ts";

export const unboundedSize: Rule = {
  walks: true,
  meta: {
    id: "unbounded-size",
    group: "paths",
    summary: "Size that nothing bounds, given to a helper",
    rationale: `The verifier must know that the memory has as many bytes as a helper is told to use: on every path, for every value.

A size that was read from somewhere may be anything its type can hold until it was compared with a constant. A signed one may be
negative as well, and a negative size is a huge one: \`bpf_probe_read_kernel_str()\` and its relatives return an error that way.
Most helpers also refuse a size that may be 0.

It is found only where the number comes straight from outside, and nothing on the way could have told the verifier more.

A number of 64 bits in a variable of 32 is a size that only looks bounded: clang may compare a copy of its lower half, and the
verifier learns nothing of the rest, which is handed over as well. Declared as \`__u64\` it is the same number throughout.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("tc")
int first_bytes(struct __sk_buff *skb)
{
	char text[64];
	u32 length = skb->len;

	bpf_probe_read_kernel(text, length, skb);
	return 0;
}`,
        good: `SEC("tc")
int first_bytes(struct __sk_buff *skb)
{
	char text[64];
	u32 length = skb->len;

	if (length > sizeof(text))
		length = sizeof(text);
	bpf_probe_read_kernel(text, length, skb);
	return 0;
}`,
        refused: { by: "kernel", says: "unbounded memory access, use 'var &= const' or 'if (var < const)'" },
      },
      {
        bad: `char path[256];
char copy[256];

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(unlinked, int dfd, struct filename *name)
{
	long length = bpf_probe_read_kernel_str(path, sizeof(path), (void *)name);

	bpf_probe_read_kernel(copy, length, path);
	return 0;
}`,
        good: `char path[256];
char copy[256];

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(unlinked, int dfd, struct filename *name)
{
	long length = bpf_probe_read_kernel_str(path, sizeof(path), (void *)name);

	if (length < 0)
		return 0;
	bpf_probe_read_kernel(copy, length, path);
	return 0;
}`,
        refused: { by: "kernel", says: "R2 min value is negative" },
      },
      {
        bad: `SEC("tc")
int copy(struct __sk_buff *skb)
{
	char text[64];
	u32 length = skb->len & 63;

	bpf_skb_load_bytes(skb, 0, text, length);
	return 0;
}`,
        good: `SEC("tc")
int copy(struct __sk_buff *skb)
{
	char text[64];
	u32 length = skb->len & 63;

	if (length == 0)
		return 0;
	bpf_skb_load_bytes(skb, 0, text, length);
	return 0;
}`,
        refused: { by: "kernel", says: "invalid zero-sized read" },
      },
      {
        bad: `char path[256];

SEC("tracepoint/syscalls/sys_enter_write")
int f(struct trace_event_raw_sys_enter *ctx)
{
	u32 length = ctx->args[2];

	if (length > 256)
		return 0;
	bpf_probe_read_user(path, length, (void *)ctx->args[1]);
	return 0;
}`,
        good: `char path[256];

SEC("tracepoint/syscalls/sys_enter_write")
int f(struct trace_event_raw_sys_enter *ctx)
{
	u64 length = ctx->args[2];

	if (length > 256)
		return 0;
	bpf_probe_read_user(path, length, (void *)ctx->args[1]);
	return 0;
}`,
        refused: { by: "kernel", says: "R2 min value is negative" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const flow = flowOf(ctx);
    for (const found of flow.of("size negative")) yield negative(found, ctx);
    for (const found of flow.of("size unbounded")) yield unbounded(found, ctx);
    for (const found of flow.of("size zero")) yield zero(found, ctx);
    for (const found of flow.of("size too large")) yield tooLarge(found, ctx);
    for (const found of flow.of("size half tested")) yield halfTested(found, ctx);
  },
};

const nameIn = (found: Found, ctx: RuleContext): string => numberText(found, "the size", ctx);

function negative(found: Found, ctx: RuleContext): Report {
  const { callee, high, room } = found.facts ?? {};
  const message = `${nameIn(found, ctx)} may be negative, and is a size for ${callee}(): ${REFUSED}`;
  const isOnlyNegative = typeof high === "number" && high <= (typeof room === "number" ? room : 0);
  return { ...boundReport(found, message, ctx), fixes: isOnlyNegative ? left(found, "< 0", ctx) : clamped(found, ctx) };
}

function unbounded(found: Found, ctx: RuleContext): Report {
  const { callee } = found.facts ?? {};
  const message = `nothing bounds ${nameIn(found, ctx)}, a size for ${callee}(): ${REFUSED}`;
  return { ...boundReport(found, message, ctx), fixes: clamped(found, ctx) };
}

function zero(found: Found, ctx: RuleContext): Report {
  const { callee } = found.facts ?? {};
  const message = `${nameIn(found, ctx)} may be 0, and ${callee}() takes no empty memory: ${REFUSED}`;
  return { ...boundReport(found, message, ctx), fixes: left(found, "== 0", ctx) };
}

function tooLarge(found: Found, ctx: RuleContext): Report {
  const { high, room, of, isMoved } = found.facts ?? {};
  // On the stack something else may lie behind it, and the verifier does not know one from the other.
  const isSure = of !== "variable";
  const then = isSure ? REFUSED : "the verifier refuses it, or other variables are used";
  const there = room === 1 ? "is 1 byte" : `are ${room} bytes`;
  const where = isMoved === true ? " where the pointer may lead" : "";
  const message = `${nameIn(found, ctx)} may be ${high}, and there ${there}${where}: ${then}`;
  return { ...boundReport(found, message, ctx), fixes: clamped(found, ctx), ...(!isSure && { severity: "warning" }) };
}

function halfTested(found: Found, ctx: RuleContext): Report {
  const { callee } = found.facts ?? {};
  const message = `clang may compare the lower 32 bits of ${nameIn(found, ctx)}, and give ${callee}() all 64: the verifier refuses that`;
  // Which instructions it takes depends on its version, on -mcpu and on what else is done with the number.
  return { ...boundReport(found, message, ctx), severity: "warning", fixes: widened(found, ctx) };
}

const HALF = /\b(?<type>(?:__)?u32|unsigned(?: int)?|uint32_t)(?<gap>\s+)$/;
const WHOLE: Readonly<Record<string, string>> = { u32: "u64", __u32: "__u64", uint32_t: "uint64_t" };

/** The variable with all 64 bits, where it alone is declared so. */
function widened({ about, root, span }: Found, { model: { code } }: RuleContext): readonly Fix[] {
  const { fn } = root.routine;
  const at = code.lines.positionAt(span.start);
  const local = fn && code.locals(fn).find((one) => one.text === about && containsPosition(one.scope, at));
  if (local === undefined) return [];
  const line = { start: { line: local.range.start.line, character: 0 }, end: local.range.start };
  const match = HALF.exec(code.textOf(line));
  const { type = "", gap = "" } = match?.groups ?? {};
  if (match === null) return [];
  const start = { ...line.end, character: match.index };
  const whole = WHOLE[type] ?? "unsigned long";
  return [{ title: `Declare ${about} as ${whole}`, edits: [replace({ start, end: line.end }, `${whole}${gap}`)] }];
}

function left(found: Found, question: string, ctx: RuleContext) {
  const { about } = found;
  return checkFix(found, { title: `Check ${about}`, condition: `${about} ${question}` }, ctx);
}

/** What has no sign is compared without one: that bounds a negative number as well. */
function clamped(found: Found, ctx: RuleContext) {
  const { about, facts } = found;
  const { name } = facts ?? {};
  if (typeof name !== "string") return [];
  const all = `sizeof(${name})`;
  return checkFix(
    found,
    { title: `Limit ${about} to ${all}`, condition: `${about} > ${all}`, instead: `${about} = ${all};` },
    ctx,
  );
}
