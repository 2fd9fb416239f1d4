/** Rule: a number that nothing bounds says how many bytes a helper reads or writes. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { boundReport, checkFix, numberText, REFUSED } from "../for-rules/bound-words.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

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

It is found only where the number comes straight from outside, and nothing on the way could have told the verifier more.`,
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
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const flow = flowOf(ctx);
    for (const found of flow.of("size negative")) yield negative(found, ctx);
    for (const found of flow.of("size unbounded")) yield unbounded(found, ctx);
    for (const found of flow.of("size zero")) yield zero(found, ctx);
    for (const found of flow.of("size too large")) yield tooLarge(found, ctx);
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
  const { high, room, of } = found.facts ?? {};
  // On the stack something else may lie behind it, and the verifier does not know one from the other.
  const isSure = of !== "variable";
  const then = isSure ? REFUSED : "the verifier refuses it, or other variables are used";
  const message = `${nameIn(found, ctx)} may be ${high}, and there are ${room} bytes: ${then}`;
  return { ...boundReport(found, message, ctx), fixes: clamped(found, ctx), ...(!isSure && { severity: "warning" }) };
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
