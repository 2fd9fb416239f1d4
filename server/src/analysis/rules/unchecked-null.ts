/** Rule: a pointer that may be NULL is used on some path on which nobody asked whether it is. */

import { flowOf } from "../flow/flow.ts";
import type { Expression } from "../flow/tree.ts";
import type { Found } from "../flow/walk.ts";
import { askedForNull, checkBehind } from "../for-rules/early-exit.ts";
import { lackingSince } from "../for-rules/verdicts.ts";
import { targetText } from "../knowledge/target.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import type { Span } from "../text.ts";

export const uncheckedNull: Rule = {
  walks: true,
  meta: {
    id: "unchecked-null",
    group: "paths",
    summary: "Pointer that may be NULL, used without asking",
    rationale: `The verifier refuses a program that uses a pointer which may be NULL before it was compared with NULL.

That holds on every path, and for whatever may be missing: an entry of a map, room in a ring buffer, a socket, a task, storage, a
processor's copy of a variable, a part of a dynptr, a pointer that a map keeps; a function that is verified by itself may be given
NULL by its callers. To read, to write, to add something and to pass it on to most functions is a use; only the comparison
itself, and giving it back as a result, is none.

From 6.14 on the verifier knows that a constant index below \`max_entries\` of a \`BPF_MAP_TYPE_ARRAY\` or
\`BPF_MAP_TYPE_PERCPU_ARRAY\` is there: such a lookup is found only where a target is older.

The fix leaves the function as it leaves elsewhere. There is none where something is held meanwhile that must be given back first.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} hits SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 key = ctx->ingress_ifindex;
	u64 *hit = bpf_map_lookup_elem(&hits, &key);

	*hit += 1;
	return XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} hits SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 key = ctx->ingress_ifindex;
	u64 *hit = bpf_map_lookup_elem(&hits, &key);

	if (!hit)
		return XDP_PASS;
	*hit += 1;
	return XDP_PASS;
}`,
        refused: { by: "kernel", says: "map_value_or_null" },
      },
      {
        bad: `SEC("tc")
int established(struct __sk_buff *skb)
{
	struct bpf_sock *sk;

	if (skb->len < 64)
		return 0;
	sk = skb->sk;
	return sk->state == BPF_TCP_ESTABLISHED;
}`,
        good: `SEC("tc")
int established(struct __sk_buff *skb)
{
	struct bpf_sock *sk;

	if (skb->len < 64)
		return 0;
	sk = skb->sk;
	if (!sk)
		return 0;
	return sk->state == BPF_TCP_ESTABLISHED;
}`,
        refused: { by: "kernel", says: "sock_common_or_null" },
      },
      {
        target: "6.1",
        // From 6.14 on the verifier knows that element 0 is there.
        refused: { by: "kernel", says: "R0 invalid mem access 'map_value_or_null'", on: "6.1" },
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} packets SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 first = 0;
	u64 *packet = bpf_map_lookup_elem(&packets, &first);

	*packet += 1;
	return XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} packets SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 first = 0;
	u64 *packet = bpf_map_lookup_elem(&packets, &first);

	if (!packet)
		return XDP_PASS;
	*packet += 1;
	return XDP_PASS;
}`,
      },
    ],
  },
  *check(ctx) {
    const flow = flowOf(ctx);
    const sure = flow.of("may be null");
    for (const found of sure) yield unasked(found, ctx);
    for (const found of flow.of("element may be null"))
      if (!sure.some(({ span }) => span.start === found.span.start)) yield* element(found, ctx);
    for (const found of flow.of("is null")) yield used(found, ctx);
    for (const found of flow.of("null given"))
      yield reportOf(found, `${whatIs(found)} is NULL, and ${found.about}() takes none: ${REFUSED}`, ctx);
  },
};

/** What can only be reached with NULL, and follows it, clang takes for impossible. */
function used(found: Found, ctx: RuleContext): Report {
  const { how, to } = found.facts ?? {};
  if (how === "given") return reportOf(found, `${whatIs(found)} is NULL here, and ${to}() takes none: ${REFUSED}`, ctx);
  const message = `${whatIs(found)} is NULL here: clang leaves the branch out, or ${REFUSED}`;
  return { ...reportOf(found, message, ctx), severity: "warning" };
}

const REFUSED = "the verifier refuses the program";

/** The release that knows which elements of an array are surely there. */
const KNOWS_ELEMENTS = "6.14";

function unasked(found: Found, ctx: RuleContext): Report {
  const read = readInPlace(found, ctx);
  if (read !== undefined) return reportOf(found, `${read} may be NULL, and is not checked: ${REFUSED}`, ctx);
  const message = `${whatIs(found)} is not checked for NULL, which ${sourceOf(found, ctx)}: ${REFUSED}`;
  return { ...reportOf(found, message, ctx), ...fixOf(found, ctx) };
}

/** What the newest kernels take is no mistake, unless it must run on others. */
function* element(found: Found, ctx: RuleContext): Iterable<Report> {
  const lacks = lackingSince(KNOWS_ELEMENTS, ctx);
  if (lacks.length === 0) return;
  const { index } = found.facts ?? {};
  const targets = lacks.flatMap((one) => one.targets.map(targetText)).join(", ");
  const which = index === undefined ? "a constant element" : `element ${index}`;
  const message = `${whatIs(found)} is not checked for NULL: the verifier of ${targets} refuses that, ${KNOWS_ELEMENTS} knows that ${which} is there`;
  yield { ...reportOf(found, message, ctx), ...fixOf(found, ctx) };
}

function reportOf(found: Found, message: string, { model }: RuleContext): Report {
  const { lines } = model.code;
  const { span, thing } = found;
  // What the finding itself shows, and the whole body of a function, tell nothing.
  const isTold = (place: Span): boolean => span.start <= place.start && place.end <= span.end;
  const story = thing?.source.kind === "parameter" ? [] : (found.story ?? []);
  const related = story
    .filter((place) => !isTold(place.span))
    .map((place) => ({ range: lines.rangeOf(place.span), message: place.message }));
  return { range: lines.rangeOf(span), message, ...(related.length > 0 && { related }) };
}

/** The variable, and the function that it is one of where that stands in a header. */
function whatIs({ node, facts, thing }: Found): string {
  const name = node && node.kind !== "declaration" ? variableIn(node) : undefined;
  const { within } = facts ?? {};
  const place = within === undefined ? "" : ` in ${within}()`;
  return `${name ?? (thing === undefined ? "the argument" : "the result")}${place}`;
}

/** `v->task`, where that was read and used in one go; undefined where a variable holds it, or it stands in a header. */
function readInPlace({ node, thing, facts }: Found, { model }: RuleContext): string | undefined {
  const { within } = facts ?? {};
  if (thing?.source.kind !== "load" || node === undefined || within !== undefined) return undefined;
  const { start, end } = thing.source.span;
  return node.start <= start && end <= node.end ? model.code.text.slice(start, end) : undefined;
}

function variableIn(node: Expression): string | undefined {
  switch (node.kind) {
    case "name":
      return node.name === "NULL" ? undefined : node.name;
    case "member":
    case "index":
    case "cast":
      return variableIn(node.of);
    case "unary":
    case "update":
      return variableIn(node.of);
    case "binary":
    case "assignment":
      return variableIn(node.left);
    case "call":
      return node.name === "container_of" && node.args[0] !== undefined ? variableIn(node.args[0]) : undefined;
    default:
      return undefined;
  }
}

function sourceOf({ thing, about, root }: Found, { model }: RuleContext): string {
  if (thing?.source.kind === "parameter") return `a caller of ${root.routine.name}() may give`;
  if (thing?.source.kind === "global") return `${about} may be`;
  if (thing?.source.kind !== "load") return `${about.replace(/_impl$/, "")}() may give`;
  const text = model.code.text.slice(thing.source.span.start, thing.source.span.end);
  return `${/^[\w.>-]+$/.test(text) ? text : about.replace(/^\./, "")} may be`;
}

function fixOf(found: Found, ctx: RuleContext): Pick<Report, "fixes"> {
  const { node, thing, facts, span } = found;
  const name = node && node.kind !== "declaration" ? variableIn(node) : undefined;
  if (name === undefined || thing === undefined || thing.source.kind === "parameter") return {};
  const { within } = facts ?? {};
  if (within !== undefined) return {};
  const condition = askedForNull(name, ctx.model);
  const edit = checkBehind({ name, source: thing.source.span, use: span.start, condition }, ctx);
  return edit === undefined ? {} : { fixes: [{ title: `Check ${name} for NULL`, edits: [edit] }] };
}
