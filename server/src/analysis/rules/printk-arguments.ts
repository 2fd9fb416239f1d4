/** Rule: a printing macro with more values than it, or a target, can print. */

import { indentationAt, replace } from "../edits.ts";
import { callsTo } from "../for-rules/calls.ts";
import { isForBcc } from "../for-rules/file-kinds.ts";
import { isStatement, lackedBy } from "../for-rules/on-targets.ts";
import { lackText } from "../for-rules/verdicts.ts";
import type { Call } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

/** How many arguments stand before the values. */
const MACROS: ReadonlyMap<string, number> = new Map([
  ["bpf_printk", 1],
  ["BPF_SEQ_PRINTF", 2],
  ["BPF_SNPRINTF", 3],
  ["bpf_stream_printk", 2],
]);
/** ___bpf_narg() of libbpf:src/bpf_helpers.h counts no further. */
const MOST = 12;
/** bpf_trace_printk() takes five arguments, of which two are the format. */
const MOST_OF_OLD = 3;

export const printkArguments: Rule = {
  meta: {
    id: "printk-arguments",
    group: "kernels",
    summary: "A printing macro with more values than it, or a target, can print",
    rationale: `With more than three values \`bpf_printk()\` calls a helper that came with Linux 5.16, although the program
never names it. Up to three go through \`bpf_trace_printk()\`, which every kernel has; more go through
\`bpf_trace_vprintk()\`, of which an older kernel says \`invalid func unknown#177\`. Two calls with fewer values each work
everywhere; their lines may be torn apart by what other programs print.

Above twelve values the macros of libbpf do not compile, and the error names something else:
\`called object type 'int' is not a function\`.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("tracepoint/syscalls/sys_enter_execve")
int f(struct trace_event_raw_sys_enter *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_printk("pid %d tid %d nr %d arg %d", id >> 32, (__u32)id, ctx->id, ctx->args[0]);
	return 0;
}`,
        good: `SEC("tracepoint/syscalls/sys_enter_execve")
int f(struct trace_event_raw_sys_enter *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_printk("pid %d tid %d nr %d", id >> 32, (__u32)id, ctx->id);
	bpf_printk("arg %d", ctx->args[0]);
	return 0;
}`,
        target: "5.10",
        unshown: "the running kernel has bpf_trace_vprintk()",
      },
      {
        bad: `SEC("xdp")
int f(struct xdp_md *ctx)
{
	bpf_printk("%d %d %d %d %d %d %d %d %d %d %d %d %d", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
	return XDP_PASS;
}`,
        good: `SEC("xdp")
int f(struct xdp_md *ctx)
{
	bpf_printk("%d %d %d %d %d %d %d %d %d %d %d %d", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
	bpf_printk("%d", 13);
	return XDP_PASS;
}`,
        refused: { by: "clang", says: "called object type 'int' is not a function" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    for (const call of callsTo(MACROS, model)) {
      const before = MACROS.get(call.name);
      if (before === undefined || !call.closed) continue;
      const count = call.args.length - before;
      if (count <= MOST_OF_OLD || !isLibbpfs(call, ctx)) continue;
      if (count > MOST) {
        yield {
          range: call.nameRange,
          message: `${call.name}() takes at most ${MOST} values and gets ${count}: clang refuses the call`,
          fixes: fixesFor(call, MOST, ctx),
        };
      } else if (call.name === "bpf_printk") {
        const missing = lackedBy(call, { kind: "helper", name: "bpf_trace_vprintk" }, ctx);
        if (missing === undefined) continue;
        yield {
          range: call.nameRange,
          message: `bpf_printk() of more than ${MOST_OF_OLD} values calls bpf_trace_vprintk(), which is not on ${lackText(missing.lacks)}`,
          fixes: fixesFor(call, MOST_OF_OLD, ctx),
          ...(missing.severity && { severity: missing.severity }),
        };
      }
    }
  },
};

/** A project may have a macro of the name, in a header that nobody could follow. */
function isLibbpfs({ name }: Call, ctx: RuleContext): boolean {
  const { model } = ctx;
  if (model.redefines(name) || isForBcc(ctx)) return false;
  return (
    model.includes.length === 0 ||
    model.unread().length === 0 ||
    model.includes.some(({ path }) => /bpf_helpers\.h$/.test(path))
  );
}

const SPECIFIER = /%(?:%|[-+ #0]*\d*(?:\.\d+)?(?:hh|h|ll|l)?(p(?:[A-Z]\w{0,2})?|[a-oq-zA-Z]))/g;

/** Two calls for one, where the format says what belongs to which. */
function fixesFor(call: Call, most: number, { model }: RuleContext): readonly Fix[] {
  const [format, ...values] = call.args;
  if (call.name !== "bpf_printk" || format === undefined || values.length > 2 * most || !isStatement(call, model))
    return [];
  const text = /^"((?:[^"\\]|\\.)*)"$/.exec(format.text)?.[1];
  const halves = text === undefined ? undefined : splitFormat(text, most, values.length);
  if (halves === undefined) return [];
  const [first, second] = halves;
  const texts = values.map((value) => value.text);
  const calls = [
    `bpf_printk("${first}", ${texts.slice(0, most).join(", ")})`,
    `bpf_printk("${second}", ${texts.slice(most).join(", ")})`,
  ];
  const newText = calls.join(`;\n${indentationAt(call.range.start, model)}`);
  return [{ title: "Split into two calls", edits: [replace(call.range, newText)] }];
}

function splitFormat(text: string, most: number, count: number): readonly [string, string] | undefined {
  const ends = [...text.matchAll(SPECIFIER)]
    .filter((match) => match[1] !== undefined)
    .map((match) => match.index + match[0].length);
  const end = ends[most - 1];
  if (ends.length !== count || end === undefined || text.includes("*")) return undefined;
  // Blanks and commas between the two are of no more use.
  const newline = text.endsWith("\\n") ? "\\n" : "";
  return [text.slice(0, end) + newline, text.slice(end).replace(/^[\s,;|]+/, "")];
}
