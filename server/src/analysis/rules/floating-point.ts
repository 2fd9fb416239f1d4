/** Rule: arithmetic with fractions, for which BPF has no instructions. */

import type { Literal, Local } from "../code.ts";
import { isForBpf } from "../for-rules/file-kinds.ts";
import { functionHas } from "../for-rules/function-text.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const floatingPoint: Rule = {
  meta: {
    id: "floating-point",
    group: "toolchain",
    summary: "Arithmetic with floating-point numbers",
    rationale: `BPF has registers and instructions for integers only, and clang refuses arithmetic with \`float\` and
\`double\`. For that it would call functions of its support library, such as \`__muldf3\`, which no BPF program is linked
with: \`A call to built-in function '__muldf3' is not supported\`. What it can compute itself does compile: \`(int)(1.5 *
1000)\` is a constant.

Count in smaller units instead. \`x * 3 / 2\` is \`x * 1.5\`; hand sums and counts to user space and divide there; keep a
fixed-point number, such as thousandths, where a fraction must be kept.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("tracepoint/syscalls/sys_exit_read")
int f(struct trace_event_raw_sys_exit *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	__u64 deadline = now * 1.5;
	return deadline > now;
}`,
        good: `SEC("tracepoint/syscalls/sys_exit_read")
int f(struct trace_event_raw_sys_exit *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	__u64 deadline = now * 3 / 2;
	return deadline > now;
}`,
        refused: { by: "clang", says: "A call to built-in function '__muldf3' is not supported" },
      },
      {
        bad: `__u64 total, count;

SEC("xdp")
int f(struct xdp_md *ctx)
{
	double average = total / count;
	return average * 2 > 1000 ? XDP_DROP : XDP_PASS;
}`,
        good: `__u64 total, count;

SEC("xdp")
int f(struct xdp_md *ctx)
{
	__u64 average = total / count;
	return average * 2 > 1000 ? XDP_DROP : XDP_PASS;
}`,
        refused: { by: "clang", says: "is not supported" },
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    if (!isForBpf(model)) return;
    yield* variables(model);
    yield* operands(model);
  },
};

function* variables(model: BpfModel): Iterable<Report> {
  if (!model.code.mentions("double") && !model.code.mentions("float")) return;
  for (const fn of model.functions) {
    for (const local of model.code.locals(fn)) {
      if (!FLOATING.test(local.type) || !isComputed(local, fn, model)) continue;
      yield {
        range: local.range,
        message: `${local.text} is a ${local.type.replace(/\b(?:const|volatile|static)\b\s*/g, "")}, and BPF has no floating-point arithmetic`,
        severity: "warning",
      };
    }
  }
}

const FLOATING = /^(?:(?:const|volatile|static|long)\s+)*(?:float|double)$/;

/** Not merely a name for a number that the compiler knows. */
function isComputed({ text, initialiser, dimensions }: Local, fn: BpfFunction, model: BpfModel): boolean {
  if (dimensions.length > 0) return false;
  if (initialiser !== undefined && !isConstant(initialiser, model)) return true;
  return model.code
    .uses(text)
    .some((use) => use.in === fn && /^\s*(?:[-+*/]=|=(?!=)\s*[^\s\d.=])/.test(textBehind(use.range.end, model)));
}

function isConstant(expression: string, model: BpfModel): boolean {
  const names = expression.match(/[A-Za-z_]\w*/g) ?? [];
  return names.every(
    (name) => /^(?:float|double|int|long|[eEfFlLuU]\w?)$/.test(name) || model.valueOf(name) !== undefined,
  );
}

function* operands(model: BpfModel): Iterable<Report> {
  if (!model.functions.some((fn) => functionHas(fn, POINT) && functionHas(fn, FRACTION_SOMEWHERE))) return;
  for (const literal of model.code.literals()) {
    if (literal.kind !== "number" || !isFloating(literal.text)) continue;
    if (literal.in === undefined || !isOperand(literal, model)) continue;
    yield {
      range: literal.range,
      message: `${literal.text} makes this floating-point arithmetic, which BPF does not have; count in smaller units`,
    };
  }
}

/** Costs less to ask. */
const POINT = /\d[.eE]|\.\d/;

const FRACTION_SOMEWHERE = /[^\w.](?:\d+\.\d*|\.\d+|\d+[eE][-+]?\d+)/;

function isFloating(number: string): boolean {
  return /^(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?[fFlL]?$/.test(number) && !/^0[xX]/.test(number);
}

/** Clang turns what has no fraction, and comparisons, into arithmetic with integers. Behind a division nothing helps. */
function isOperand({ text, range, in: fn }: Literal, model: BpfModel): boolean {
  const value = Number.parseFloat(text);
  const [, left = "", sign] = /([A-Za-z_]\w*)\s*([-+*/])=?\s*$/.exec(textBefore(range.start, model)) ?? [];
  if (sign === "/" ? value !== 1 : sign !== undefined && !Number.isInteger(value)) {
    if (isInteger(left, fn, model)) return true;
  }
  const [, right] = /^\s*[-+*/]\s*([A-Za-z_]\w*)\b(?!\s*\()/.exec(textBehind(range.end, model)) ?? [];
  return right !== undefined && !Number.isInteger(value) && isInteger(right, fn, model);
}

/** Something that only the running program knows. What the compiler knows it computes itself. */
function isInteger(name: string, fn: BpfFunction | undefined, model: BpfModel): boolean {
  if (/^(?:[A-Z_][A-Z0-9_]*|return|sizeof|case|double|float)$/.test(name)) return false;
  if (model.valueOf(name) !== undefined || model.redefines(name) || fn === undefined) return false;
  return !model.code.locals(fn).some((local) => local.text === name && FLOATING.test(local.type));
}

function textBefore({ line, character }: { readonly line: number; readonly character: number }, { code }: BpfModel) {
  return code.lines.textOf(line).slice(0, character);
}

function textBehind({ line, character }: { readonly line: number; readonly character: number }, { code }: BpfModel) {
  return code.lines.textOf(line).slice(character);
}
