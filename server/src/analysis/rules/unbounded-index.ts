/** Rule: a number that nothing bounds says where in memory something lies. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { boundReport, checkFix, numberText, REFUSED } from "../for-rules/bound-words.ts";
import { roomBeside } from "../for-rules/section-room.ts";
import type { Report, Rule, RuleContext, Severity } from "../rule.ts";

export const unboundedIndex: Rule = {
  walks: true,
  meta: {
    id: "unbounded-index",
    group: "paths",
    summary: "Index that nothing bounds",
    rationale: `The verifier must know that an index stays within the memory that it leads into, whatever its value is.

A number that was read from somewhere may be anything its type can hold until it was compared with a constant, or masked with one.
A signed one may be negative too. Variables of the file lie one behind the other in one map: an index that is bounded, but runs
into the next variable, is taken by the verifier, and found as a hint.

It is found only where the number comes straight from outside, and nothing on the way could have told the verifier more.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `u64 counts[16];

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 slot = ctx->rx_queue_index;

	counts[slot]++;
	return XDP_PASS;
}`,
        good: `u64 counts[16];

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 slot = ctx->rx_queue_index;

	if (slot >= 16)
		return XDP_PASS;
	counts[slot]++;
	return XDP_PASS;
}`,
        refused: { by: "kernel", says: "unbounded memory access, make sure to bounds check any such access" },
      },
      {
        bad: `struct slots {
	u32 of[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, struct slots);
} table SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 key = 0, slot = ctx->ingress_ifindex & 31;
	struct slots *slots = bpf_map_lookup_elem(&table, &key);

	if (!slots)
		return XDP_PASS;
	slots->of[slot]++;
	return XDP_PASS;
}`,
        good: `struct slots {
	u32 of[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, struct slots);
} table SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 key = 0, slot = ctx->ingress_ifindex & 31;
	struct slots *slots = bpf_map_lookup_elem(&table, &key);

	if (slot >= 16)
		return XDP_PASS;
	if (!slots)
		return XDP_PASS;
	slots->of[slot]++;
	return XDP_PASS;
}`,
        refused: { by: "kernel", says: "max value is outside of the allowed memory range" },
      },
      {
        bad: `int counts[16];

SEC("tc")
int count(struct __sk_buff *skb)
{
	int slot = skb->priority;

	if (slot > 15)
		return 0;
	counts[slot]++;
	return 0;
}`,
        good: `int counts[16];

SEC("tc")
int count(struct __sk_buff *skb)
{
	int slot = skb->priority;

	if (slot < 0)
		return 0;
	if (slot > 15)
		return 0;
	counts[slot]++;
	return 0;
}`,
        refused: { by: "kernel", says: "pointer and register with unbounded min value is not allowed" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const flow = flowOf(ctx);
    for (const found of flow.of("index unbounded")) yield reportOf(found, `nothing bounds ${nameIn(found, ctx)}`, ctx);
    for (const found of flow.of("index negative")) yield reportOf(found, `${nameIn(found, ctx)} may be negative`, ctx);
    for (const found of flow.of("index too large")) {
      const { high } = found.facts ?? {};
      yield reportOf(found, `${nameIn(found, ctx)} may be ${high}`, ctx);
    }
    for (const found of flow.of("offset unbounded")) {
      const message = `nothing bounds ${nameIn(found, ctx)}, which is added to a pointer: ${REFUSED}`;
      yield boundReport(found, message, ctx);
    }
  },
};

const nameIn = (found: Found, ctx: RuleContext): string => numberText(found, "the index", ctx);

function reportOf(found: Found, what: string, ctx: RuleContext): Report {
  const { count, of } = found.facts ?? {};
  const severity = severityOf(found, ctx);
  const place = severity === "hint" ? `${what}, and there are ${count} elements before the next variable` : undefined;
  const message = place ?? `${what}, and there are ${count} ${elements(Number(count), of)}: ${REFUSED}`;
  return { ...boundReport(found, message, ctx), fixes: fixes(found, ctx), ...(severity && { severity }) };
}

const elements = (count: number, of: unknown): string =>
  `${count === 1 ? "element" : "elements"}${of === "variable" ? " on the stack" : ""}`;

/** So far from its beginning no variable of the file has another behind it. */
const FAR = 2 ** 24;
/** The stack ends there. */
const STACK = 512;

/** Undefined where the verifier surely refuses it. */
function severityOf({ facts, thing }: Found, { model }: RuleContext): Severity | undefined {
  const { of, from, to, whole } = facts ?? {};
  const [low, high] = [Number(from), Number(to)];
  if (of === "variable") return high > STACK || low < -STACK ? undefined : "warning";
  if (of !== "global" || high >= FAR || low <= -FAR) return undefined;
  const room = roomBeside(thing?.name ?? "", model);
  return room !== undefined && (low < -room.before || high > Number(whole) + room.behind) ? undefined : "hint";
}

function fixes(found: Found, ctx: RuleContext) {
  const { about, facts } = found;
  const { low, high, count } = facts ?? {};
  if (typeof count !== "number" || count < 1) return [];
  const isNegative = Number(low) < 0;
  const isTooLarge = Number(high) >= count;
  const condition = [...(isNegative ? [`${about} < 0`] : []), ...(isTooLarge ? [`${about} >= ${count}`] : [])];
  return checkFix(found, { title: `Check ${about}`, condition: condition.join(" || ") }, ctx);
}
