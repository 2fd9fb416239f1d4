/** Rule: a division of a signed number, which older BPF instruction sets do not have. */

import type { Local, Place } from "../code.ts";
import { insertAt } from "../edits.ts";
import { isForBpf } from "../for-rules/file-kinds.ts";
import { functionHas } from "../for-rules/function-text.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const signedDivision: Rule = {
  meta: {
    id: "signed-division",
    group: "toolchain",
    summary: "A division of a number that may be negative",
    rationale: `BPF's division is unsigned, and clang refuses to divide a number that may be negative. A signed one came with
the instruction set v4 (\`-mcpu=v4\`, clang 18, Linux 6.6), and clang uses v3 or less unless told otherwise: \`unsupported
signed division, please convert to unsigned div/mod\`. It does without where it can prove that the number is not negative, for
instance behind \`if (delta < 0) return 0;\`.

Times and sizes are never negative, so the remedy is an unsigned type, or an unsigned divisor: in \`delta / 1000U\` both sides
are converted. Only numbers are reported of which clang cannot know the sign: differences, and what helpers answer.`,
    severity: "warning",
    fix: "unsafe",
    examples: [
      {
        bad: `__u64 start;

SEC("tracepoint/syscalls/sys_exit_read")
int f(void *ctx)
{
	long delta = bpf_ktime_get_ns() - start;
	return delta / 1000000;
}`,
        good: `__u64 start;

SEC("tracepoint/syscalls/sys_exit_read")
int f(void *ctx)
{
	long delta = bpf_ktime_get_ns() - start;
	return delta / 1000000ULL;
}`,
        refused: { by: "clang", says: "unsupported signed division" },
      },
      {
        bad: `SEC("tracepoint/syscalls/sys_exit_read")
int f(void *ctx)
{
	int cpu = bpf_get_smp_processor_id();
	return cpu % 4;
}`,
        good: `SEC("tracepoint/syscalls/sys_exit_read")
int f(void *ctx)
{
	int cpu = bpf_get_smp_processor_id();
	return cpu % 4U;
}`,
        refused: { by: "clang", says: "unsupported signed division" },
      },
    ],
  },

  *check({ model, kb }: RuleContext): Iterable<Report> {
    if (!isForBpf(model)) return;
    for (const fn of model.functions) {
      if (!functionHas(fn, DIVIDES) || !functionHas(fn, MAY_DIVIDE)) continue;
      const text = fn.text;
      for (const local of model.code.locals(fn)) {
        const bits = SIGNED.get(local.type.replace(/\bconst\b\s*/, "").replace(/\s+/g, " "));
        if (bits === undefined || !new RegExp(`\\b${local.text}\\s*[/%]`).test(text)) continue;
        if (!hasUnknownSign(local, bits, { fn, model, kb })) continue;
        for (const use of model.code.uses(local.text)) if (use.in === fn) yield* division(use, bits, model);
      }
    }
  },
};

/** `delta / 1000`, with a divisor that is a signed number written out. */
const MAY_DIVIDE = /[A-Za-z_]\w*\s*[/%]=?\s*\d+(?![\w.]*[uU.])/;
/** Costs less to ask. */
const DIVIDES = /[/%]=?\s*\d/;

const SIGNED: ReadonlyMap<string, 32 | 64> = new Map([
  ...["int", "signed int", "s32", "__s32", "int32_t"].map((name): [string, 32] => [name, 32]),
  ...["long", "long int", "long long", "long long int", "s64", "__s64", "int64_t", "ssize_t"].map(
    (name): [string, 64] => [name, 64],
  ),
]);

interface Around {
  readonly fn: BpfFunction;
  readonly model: BpfModel;
  readonly kb: KnowledgeBase;
}

/** Filled once, by what may be anything: a difference, or the answer of a helper. */
function hasUnknownSign(local: Local, bits: 32 | 64, around: Around): boolean {
  const { fn, model } = around;
  const declared = model.code.locals(fn).filter(({ text }) => text === local.text);
  if (local.dimensions.length > 0 || declared.length > 1) return false;
  const isChanged = (use: Place): boolean =>
    /(?:\+\+|--|&)\s*$/.test(before(use, model)) || /^\s*(?:\+\+|--|[-+*&|^]=|<<=|>>=|=(?!=))/.test(behind(use, model));
  const uses = model.code.uses(local.text).filter((use) => use.in === fn && !isDeclaration(use, local));
  const changes = uses.filter(isChanged);
  if (changes.length > (local.initialiser === undefined ? 1 : 0)) return false;
  const [assignment] = changes;
  const value = local.initialiser ?? (assignment && /^\s*=(?!=)\s*([^;]+);/.exec(behind(assignment, model))?.[1]);
  if (value === undefined) return false;
  const sides = [value, ...(/^([^-]+) - ([^-]+)$/.exec(value)?.slice(1) ?? [])].map((side) =>
    widthOf(side.trim(), around),
  );
  // As a larger number what has 32 bits is never negative.
  return bits === 32 ? sides.some((width) => width !== undefined) : sides.includes(64);
}

/** Of what only the running program knows: a helper's answer, a variable; undefined for all else. */
function widthOf(expression: string, { fn, model, kb }: Around): number | undefined {
  const call = /^(bpf_\w+)\s*\(\s*\)$/.exec(expression)?.[1];
  if (call !== undefined) {
    const returns = model.redefines(call) ? undefined : kb.helper(call)?.returns;
    return returns === undefined ? undefined : /64|long/.test(returns) ? 64 : 32;
  }
  const name = /^\*?([A-Za-z_]\w*)$/.exec(expression)?.[1];
  if (name === undefined || model.valueOf(name) !== undefined) return undefined;
  const local = model.code.locals(fn).find((one) => one.text === name && one.dimensions.length === 0);
  const type = local?.type ?? model.globals.find((one) => one.name === name && one.kind !== "rodata")?.type;
  const plain = type?.replace(/\b(?:static|const|volatile)\b\s*/g, "").trim();
  const whole = expression.startsWith("*") ? plain?.replace(/\s*\*$/, "") : plain;
  const size = whole === undefined || whole.includes("*") ? undefined : model.layoutOf(whole)?.size;
  return size === 8 ? 64 : undefined;
}

function isDeclaration({ range: { start } }: Place, { range }: Local): boolean {
  return start.line === range.start.line && start.character === range.start.character;
}

function* division(use: Place, bits: 32 | 64, model: BpfModel): Iterable<Report> {
  // Clang divides no numbers that it can compare instead: `delta / 1000 > 5`. What binds tighter, or stands closer, makes another number of it.
  if (!/(?:[-+=,;{}?:<>|[]|&&|(?<![\w)])\(|\breturn|^\s*)\s*$/.test(before(use, model))) return;
  const [found, divisor] = /^\s*[/%]=?\s*(\d+)(?![\w.])(?!\s*(?:[<>=!]=|[<>]))/.exec(behind(use, model)) ?? [];
  if (found === undefined || divisor === undefined || divisor === "1" || isCompared(use, model)) return;
  const { end } = use.range;
  const suffix = bits === 64 ? "ULL" : "U";
  yield {
    range: { start: use.range.start, end: { line: end.line, character: end.character + found.length } },
    message: `${use.text} may be negative, and a BPF program divides signed numbers only with -mcpu=v4 (Linux 6.6)`,
    fixes: [
      {
        title: `Change to ${divisor}${suffix}`,
        edits: [insertAt({ line: end.line, character: end.character + found.length }, suffix)],
      },
    ],
  };
}

/** Behind a comparison clang may know the sign. */
function isCompared({ text, range }: Place, { code }: BpfModel): boolean {
  const word = new RegExp(`(?<![\\w.])${text}(?!\\w)`);
  return code.conditionsBefore(range).some((condition) => word.test(condition));
}

function before({ range: { start } }: Place, { code }: BpfModel): string {
  return code.lines.textOf(start.line).slice(0, start.character);
}

function behind({ range: { end } }: Place, { code }: BpfModel): string {
  return code.lines.textOf(end.line).slice(end.character);
}
