/** Rule: a function that looks like a program and has no section. */

import { contextNames, pointedStruct } from "../context-types.ts";
import { textBeforeName } from "../declared-words.ts";
import { insertAt } from "../edits.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import { familyOf } from "../section-meaning.ts";

export const sectionlessProgram: Rule = {
  meta: {
    id: "sectionless-program",
    group: "sections",
    summary: "A function that takes a context like a program, but has no section and is never called",
    rationale: `Only functions with a \`SEC()\` of their own are programs. Everything else counts as a function for programs to call,
and libbpf drops what none of them calls. So a program whose \`SEC()\` was forgotten compiles and loads without a word and is
simply not there. Found are functions that are not \`static\`, take nothing but a context, and stand in a file that has a
licence, as objects to be loaded do; not those that another file may mean, which are declared or marked as \`__weak\`.`,
    severity: "warning",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("xdp")
int drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";`,
        good: `SEC("xdp")
int drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model, kb } = ctx;
    if (familyOf(ctx) === undefined || model.licence === undefined) return;
    // With bcc a function is a program by being attached.
    if (model.maps.some(({ dialect }) => dialect === "bcc")) return;
    let names: ReadonlySet<string> | undefined;
    for (const fn of model.functions) {
      if (fn.section !== undefined || fn.isStatic || fn.macro !== undefined || !isPlain(fn, model)) continue;
      const [param, ...others] = fn.params;
      const given = param && pointedStruct(param);
      names ??= contextNames(kb);
      if (given === undefined || others.length > 0 || !names.has(given) || !isLeftAlone(fn, model)) continue;
      yield {
        range: fn.nameRange,
        message: `${fn.name}() has no SEC(), so it is no program, and as nothing calls it nothing of it is loaded`,
        fixes: sectionFixes(fn, given, kb),
      };
    }
  },
};

/** Attributes and macros of the project's own may put it into a section, or say that another file means it. */
function isPlain(fn: BpfFunction, model: BpfModel): boolean {
  return PLAIN_RESULT.test(textBeforeName(fn, model)) && !followsHalfALine(fn, model);
}

/** Something half typed, perhaps its section, may stand on the line before. */
function followsHalfALine({ range: { start } }: BpfFunction, { code: { lines } }: BpfModel): boolean {
  const before = start.line === 0 ? "" : lines.textOf(start.line - 1).trim();
  return !/^$|^#|^\/\/|[;}]$|\*\/$/.test(before);
}

const PLAIN_RESULT =
  /^\s*(?:(?:int|long|unsigned|signed|short|char|void|bool|__[us](?:32|64)|[us](?:32|64)|enum\s+\w+)\s+)+$/;

/** Nothing in this file names it, and nothing says that another one does. */
function isLeftAlone(fn: BpfFunction, model: BpfModel): boolean {
  if (model.calls.some(({ name }) => name === fn.name)) return false;
  const words = textBeforeName(fn, model);
  // Whatever else stands there: attributes and macros of the project's own may put it into a section.
  if (
    !/^\s*(?:(?:int|long|unsigned|signed|short|char|void|bool|__u32|__u64|u32|u64|__s32|enum\s+\w+)\s+)+$/.test(words)
  )
    return false;
  if (model.code.uses(fn.name).length > 1) return false;
  const asWord = new RegExp(`\\b${fn.name}\\b`);
  return (
    !model.code.directives().some(({ body }) => asWord.test(body)) && model.code.compiledWhen(fn.nameRange).length === 0
  );
}

/** The plainest section of each kind that gets this structure. */
function sectionFixes({ range }: BpfFunction, context: string, kb: KnowledgeBase): readonly Fix[] {
  const names = kb.sections
    .filter(({ name, progType }) => !/[+/]$/.test(name) && kb.programType(progType)?.context === context)
    .sort((a, b) => Number(b.name === "tc") - Number(a.name === "tc") || a.name.length - b.name.length);
  const kinds = new Map(names.toReversed().map(({ name, progType }) => [progType, name]));
  const best = names.filter(({ name, progType }) => kinds.get(progType) === name).slice(0, 4);
  return best.map(({ name }) => ({
    title: `Put it into section "${name}"`,
    edits: [insertAt(range.start, `SEC("${name}")\n`)],
  }));
}
