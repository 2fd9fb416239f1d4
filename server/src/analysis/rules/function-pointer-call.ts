/** Rule: a call of a function that only the running program chooses. */

import type { Place } from "../code.ts";
import { isForBpf } from "../for-rules/file-kinds.ts";
import type { BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const functionPointerCall: Rule = {
  meta: {
    id: "function-pointer-call",
    group: "toolchain",
    summary: "A call through a table of functions",
    rationale: `No kernel up to 7.1 has the instruction that clang makes of a call through a pointer to one of several functions.
\`unknown opcode 8d\` is all that the verifier says. A \`switch\` over the index with a call in each \`case\`
does the same. So does a tail call through a \`BPF_MAP_TYPE_PROG_ARRAY\`, which never returns, and whose entries user space can
exchange while the program runs.

Only tables of pointers to functions are looked at, with an index that was read from memory or answered by a helper.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `static __noinline int pass(int length)
{
	return length > 60 ? XDP_PASS : XDP_ABORTED;
}

static __noinline int drop(int length)
{
	return length > 60 ? XDP_DROP : XDP_ABORTED;
}

static int (*const actions[])(int) = { pass, drop };

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return actions[ctx->rx_queue_index & 1](ctx->data_end - ctx->data);
}`,
        good: `static __noinline int pass(int length)
{
	return length > 60 ? XDP_PASS : XDP_ABORTED;
}

static __noinline int drop(int length)
{
	return length > 60 ? XDP_DROP : XDP_ABORTED;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	switch (ctx->rx_queue_index & 1) {
	case 0:
		return pass(ctx->data_end - ctx->data);
	default:
		return drop(ctx->data_end - ctx->data);
	}
}`,
        refused: { by: "kernel", says: "unknown opcode 8d" },
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    if (!isForBpf(model) || !model.code.has(TABLE)) return;
    for (const name of tablesIn(model)) {
      for (const use of model.code.uses(name)) {
        const index = indexOfCall(use, model);
        if (index === undefined || !isChosenAtRun(index, use, model)) continue;
        yield {
          range: use.range,
          message: `${name}[${index}] is called through a pointer, which no kernel can do; a switch can choose`,
        };
      }
    }
  },
};

/** `int (*actions[])(int)`. */
const TABLE = /\(\s*\*\s*(?:const\s+)?([A-Za-z_]\w*)\s*\[[^\]]*\]\s*\)\s*\(/;

function tablesIn({ code }: BpfModel): ReadonlySet<string> {
  const whole = code.textOf({ start: { line: 0, character: 0 }, end: { line: code.lines.count, character: 0 } });
  return new Set([...whole.matchAll(new RegExp(TABLE, "g"))].map(([, name = ""]) => name));
}

/** Read from memory, or answered by a helper. Counters and parameters become constants where clang unrolls and inlines. */
function isChosenAtRun(index: string, { in: fn }: Place, { code }: BpfModel): boolean {
  if (AT_RUN.test(index)) return true;
  const names: readonly string[] = index.match(/[A-Za-z_]\w*/g) ?? [];
  return (
    fn !== undefined &&
    code.locals(fn).some((local) => names.includes(local.text) && AT_RUN.test(local.initialiser ?? ""))
  );
}

const AT_RUN = /->|\bbpf_\w+\s*\(/;

/** The index of `actions[i](…)`, in a function's body. */
function indexOfCall({ range, in: fn }: Place, { code }: BpfModel): string | undefined {
  if (fn === undefined) return undefined;
  const { start, end } = range;
  const lines = code.lines;
  if (/\*\s*(?:const\s+)?$/.test(lines.textOf(start.line).slice(0, start.character))) return undefined;
  return /^\s*\[([^\][]+)\]\s*\(/.exec(lines.textOf(end.line).slice(end.character))?.[1]?.trim();
}
