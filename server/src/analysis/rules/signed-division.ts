/** Rule: a division of a signed number, which older BPF instruction sets do not have. */

import type { Local, Place } from "../code.ts";
import { insertAt } from "../edits.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const signedDivision: Rule = {
  meta: {
    id: "signed-division",
    group: "toolchain",
    summary: "A division of a number that may be negative",
    rationale: `BPF's division is unsigned. One for signed numbers came with the instruction set v4 (\`-mcpu=v4\`, clang 18, Linux 6.6),
and clang uses v3 or less unless told otherwise: \`unsupported signed division, please convert to unsigned div/mod\`. It does
without where it can prove that the number is not negative, for instance behind \`if (delta < 0) return 0;\`.

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
	return delta / 1000000 > 5;
}`,
        good: `__u64 start;

SEC("tracepoint/syscalls/sys_exit_read")
int f(void *ctx)
{
	long delta = bpf_ktime_get_ns() - start;
	return delta / 1000000ULL > 5;
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

  *check({ model }: RuleContext): Iterable<Report> {
    if (!model.code.has(MAY_DIVIDE)) return;
    for (const fn of model.functions) {
      for (const local of model.code.locals(fn)) {
        const bits = SIGNED.get(local.type.replace(/\bconst\b\s*/, "").replace(/\s+/g, " "));
        if (bits === undefined || !hasUnknownSign(local, fn, model)) continue;
        for (const use of model.code.uses(local.text)) if (use.in === fn) yield* division(use, bits, model);
      }
    }
  },
};

/** `delta / 1000`, with a divisor that is a signed number written out. */
const MAY_DIVIDE = /[A-Za-z_]\w*\s*[/%]=?\s*\d+(?![\w.]*[uU.])/;

const SIGNED: ReadonlyMap<string, 32 | 64> = new Map([
  ...["int", "signed int", "s32", "__s32", "int32_t"].map((name): [string, 32] => [name, 32]),
  ...["long", "long int", "long long", "long long int", "s64", "__s64", "int64_t", "ssize_t"].map(
    (name): [string, 64] => [name, 64],
  ),
]);

/** Filled once, by what may be anything: a difference, or the answer of a helper. */
function hasUnknownSign(local: Local, fn: BpfFunction, model: BpfModel): boolean {
  if (local.dimensions.length > 0 || model.code.locals(fn).filter(({ text }) => text === local.text).length > 1)
    return false;
  const uses = model.code.uses(local.text).filter((use) => use.in === fn);
  const isChanged = (use: Place): boolean =>
    /(?:\+\+|--|&)\s*$/.test(before(use, model)) || /^\s*(?:\+\+|--|[-+*&|^]=|<<=|>>=|=(?!=))/.test(behind(use, model));
  const changes = uses.filter((use) => !isDeclaration(use, local)).filter(isChanged);
  if (changes.length > (local.initialiser === undefined ? 1 : 0)) return false;
  const [assignment] = changes;
  const value = local.initialiser ?? (assignment && /^\s*=(?!=)\s*([^;]+);/.exec(behind(assignment, model))?.[1]);
  return value !== undefined && (isAnswer(value, model) || isDifference(value, model));
}

function isDeclaration({ range: { start } }: Place, { range }: Local): boolean {
  return start.line === range.start.line && start.character === range.start.character;
}

/** Of a helper that does not answer with an error or a small number. */
function isAnswer(value: string, model: BpfModel): boolean {
  const name = /^\s*(bpf_\w+)\s*\(\s*\)\s*$/.exec(value)?.[1];
  return name !== undefined && !model.redefines(name);
}

/** Of two things that only the running program knows, and with nothing around it that would say more. */
function isDifference(value: string, model: BpfModel): boolean {
  const [, left, right] =
    /^\s*([A-Za-z_][\w.>-]*(?:\(\s*\))?)\s+-\s+\*?([A-Za-z_][\w.>-]*(?:\(\s*\))?)\s*$/.exec(value) ?? [];
  return [left, right].every((side) => side !== undefined && model.valueOf(side) === undefined);
}

function* division(use: Place, bits: 32 | 64, model: BpfModel): Iterable<Report> {
  // What binds tighter, or stands closer, makes another number of it.
  if (!/(?:[=,;{}?:<>|[]|&&|(?<![\w)])\(|\breturn|^\s*)\s*$/.test(before(use, model))) return;
  const [found, sign, divisor] = /^\s*([/%])=?\s*(\d+)(?![\w.])/.exec(behind(use, model)) ?? [];
  if (found === undefined || divisor === undefined || divisor === "1" || isCompared(use, model)) return;
  const { end } = use.range;
  const suffix = bits === 64 ? "ULL" : "U";
  yield {
    range: { start: use.range.start, end: { line: end.line, character: end.character + found.length } },
    message: `${use.text} may be negative, and a BPF program divides signed numbers only with -mcpu=v4 (Linux 6.6)`,
    fixes: [
      {
        title: `${sign === "%" ? "Take the remainder by" : "Divide by"} ${divisor}${suffix}`,
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
