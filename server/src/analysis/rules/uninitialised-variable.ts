/** Rule: what stands in a variable is used before anything was written there. */

import { insertAt } from "../edits.ts";
import { flowOf } from "../flow/flow.ts";
import type { Declaration } from "../flow/tree.ts";
import type { Found } from "../flow/walk.ts";
import { type Lack, lackingSince, lackText } from "../for-rules/verdicts.ts";
import type { BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext, Severity } from "../rule.ts";

export const uninitialisedVariable: Rule = {
  walks: true,
  meta: {
    id: "uninitialised-variable",
    group: "paths",
    summary: "Variable used before anything was written to it",
    rationale: `What a program or a helper reads of a variable to which nothing was written is what some other function left there.
The verifier refuses a program that returns or uses such a value. Clang finds some of these with \`-Wuninitialized\` and
\`-Wsometimes-uninitialized\`, and where it builds without them it takes any value that makes the code shorter.

Bytes that a helper reads older kernels want written, every one: the gaps that the compiler leaves between members as well.
Since Linux 6.3, and 6.1 with its fixes, a privileged program may hand over what it never wrote. Then a key finds nothing,
because the bytes between its members differ from time to time, and records show user space what was left on the stack.`,
    severity: "warning",
    fix: "none",
    examples: [
      {
        bad: `SEC("xdp")
int f(struct xdp_md *ctx)
{
	int verdict;

	return verdict;
}`,
        good: `SEC("xdp")
int f(struct xdp_md *ctx)
{
	int verdict = 0;

	return verdict;
}`,
        refused: { by: "kernel", says: "R0 !read_ok" },
      },
      {
        bad: `struct caller {
	u8 kind;
	u32 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct caller);
	__type(value, u64);
} seen SEC(".maps");

SEC("kprobe/do_unlinkat")
int f(struct pt_regs *ctx)
{
	struct caller key;
	u64 now = bpf_ktime_get_ns();

	key.kind = 1;
	key.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_map_update_elem(&seen, &key, &now, BPF_ANY);
	return 0;
}`,
        good: `struct caller {
	u8 kind;
	u32 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct caller);
	__type(value, u64);
} seen SEC(".maps");

SEC("kprobe/do_unlinkat")
int f(struct pt_regs *ctx)
{
	struct caller key = {};
	u64 now = bpf_ktime_get_ns();

	key.kind = 1;
	key.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_map_update_elem(&seen, &key, &now, BPF_ANY);
	return 0;
}`,
        target: "5.10",
        unshown: "kernels from 6.1 on let privileged programs do it",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("unwritten")) yield reportOf(found, ctx);
  },
};

/** Of linux, 6715df8d5d24 lets privileged programs do it in 6.3; it was brought to 6.1 as well. */
const ALLOWED = "6.1";

function reportOf(found: Found, ctx: RuleContext): Report {
  const { lines } = ctx.model.code;
  const declaration = declarationOf(found);
  const fix = declaration && fixFor(declaration, found, ctx.model);
  const isHelpers = found.facts?.["callee"] !== undefined;
  const lacks = isHelpers ? lackingSince(ALLOWED, ctx) : [];
  const missing = isHelpers ? whatIsMissing(found, ctx.model) : undefined;
  const severity = severityOf(found, lacks);
  return {
    range: lines.rangeOf(found.span),
    message: messageOf(found, missing, lacks),
    ...(severity !== "warning" && { severity }),
    ...(fix && { fixes: [fix] }),
    ...(declaration &&
      isHere(declaration, found) && {
        related: [{ range: lines.rangeOf(declaration.nameSpan), message: "it is declared here, without a value" }],
      }),
  };
}

function severityOf({ facts = {} }: Found, lacks: readonly Lack[]): Severity {
  if (lacks.length > 0) return "error";
  return facts["callee"] === undefined || facts["how"] === "key" ? "warning" : "info";
}

function messageOf({ about, facts = {} }: Found, missing: string | undefined, lacks: readonly Lack[]): string {
  const { callee, how } = facts;
  if (missing === undefined)
    return `${about} is used, and on this path nothing was written to it: clang takes any value, or the kernel refuses it`;
  const what = `${callee}() reads ${missing}, which nobody wrote`;
  if (lacks.length > 0) return `${what}: refused on ${lackText(lacks)}`;
  return how === "key" ? `${what}: the key may differ each time` : `${what}: left over on the stack`;
}

/** The members that were left out, or the bytes between them. */
function whatIsMissing({ about, thing, facts = {} }: Found, model: BpfModel): string {
  const gaps = String(facts["gaps"])
    .split(" ")
    .map((gap) => gap.split(",").map(Number));
  const type = thing?.type ?? "";
  const isArray = (thing?.variable?.declaration?.dimensions.length ?? 0) > 0;
  const fields = isArray ? undefined : model.recordOf(type)?.fields;
  const count = gaps.reduce((sum, [start = 0, end = 0]) => sum + end - start, 0);
  if (count === thing?.size) return about;
  if (fields === undefined) return `${count} bytes of ${about}`;
  const read = model.types.read(type);
  const left = fields.filter(({ name }) => {
    const field = name === "" ? undefined : model.types.field(read, name);
    const size = field && model.types.layout(field.type)?.size;
    if (field?.offset === undefined || size === undefined) return false;
    const { offset } = field;
    return gaps.some(([start = 0, end = 0]) => start < offset + size && offset < end);
  });
  const [first, ...others] = left;
  if (first === undefined) return `the ${count === 1 ? "byte" : `${count} bytes`} between the members of ${about}`;
  return `${about}.${first.name}${others.length > 0 ? ` and ${others.length} more` : ""}`;
}

function declarationOf({ node, thing, root }: Found): Declaration | undefined {
  if (thing !== undefined) return thing.variable?.declaration;
  return node?.kind === "name" ? root.routine.graph.variableOf(node)?.declaration : undefined;
}

/** Whether the declaration stands in the file that is checked: places of headers are not its own. */
function isHere({ nameSpan }: Declaration, { thing, root, node, span }: Found): boolean {
  if (thing !== undefined) return thing.source.span.start === nameSpan.start;
  return node?.start === span.start && root.routine.fn !== undefined;
}

function fixFor(declaration: Declaration, found: Found, model: BpfModel): Fix | undefined {
  const { nameSpan, dimensions, initialiser, type, name } = declaration;
  if (!isHere(declaration, found) || initialiser !== undefined) return undefined;
  const { lines } = model.code;
  const position = lines.positionAt(nameSpan.start);
  const line = lines.textOf(position.line).slice(position.character);
  const declared = /^\w+(?:\s*\[[^\]]*\])*(?=\s*[,;])/.exec(line)?.[0];
  if (declared === undefined || !declared.startsWith(name)) return undefined;
  const read = model.types.behind(model.types.read(type));
  const isWhole = dimensions.length > 0 || read.kind === "record" || (read.kind === "tagged" && read.tag !== "enum");
  const value = isWhole ? "{}" : "0";
  const end = { line: position.line, character: position.character + declared.length };
  return { title: `Begin with ${value}`, edits: [insertAt(end, ` = ${value}`)], safety: isWhole ? "safe" : "unsafe" };
}
