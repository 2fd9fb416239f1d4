/** Rule: a function that looks like a program and has no section. */

import { insertAt, sectionMark } from "../edits.ts";
import { contextNames, pointedStruct } from "../for-rules/context-types.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { familyOf } from "../knowledge/loaders.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const sectionlessProgram: Rule = {
  meta: {
    id: "sectionless-program",
    group: "sections",
    summary: "A function that takes a context like a program, but has no section and is never called",
    rationale: `A program whose \`SEC()\` was forgotten compiles and loads without a word, and is simply not there. Only
functions with a \`SEC()\` of their own are programs. Everything else counts as a function for programs to call, and libbpf
drops what none of them calls. Found are functions that are not \`static\`, take nothing but a context, and stand in a file
that has a licence, as objects to be loaded do; not those that another file may mean, which are declared or marked as
\`__weak\`.`,
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
    if (familyOf(ctx.loader) === undefined || model.licence === undefined) return;
    // With bcc a function is a program by being attached.
    if (model.maps.some(({ dialect }) => dialect === "bcc")) return;
    let names: ReadonlySet<string> | undefined;
    for (const fn of model.functions) {
      if (fn.section !== undefined || fn.isStatic || !isPlain(fn, model)) continue;
      names ??= contextNames(kb);
      const sections = sectionsFor(fn, names, ctx);
      if (sections === undefined || !isLeftAlone(fn, model)) continue;
      yield {
        range: fn.nameRange,
        message: `${fn.name}() has no SEC() and nothing calls it, so it is not loaded`,
        fixes: sections.map((name) => ({
          title: `Add SEC("${name}")`,
          edits: [insertAt(fn.range.start, `${sectionMark(name, model)}\n`)],
        })),
      };
    }
  },
};

/** Where it may have been meant to be, the likeliest first; undefined for what does not look like a program. */
function sectionsFor(fn: BpfFunction, contexts: ReadonlySet<string>, ctx: RuleContext): readonly string[] | undefined {
  if (fn.macro !== undefined) {
    const word = MACROS.get(fn.macro);
    return word === undefined || ctx.model.code.has(new RegExp(`#\\s*define\\s+${fn.macro}\\b`))
      ? undefined
      : [word].filter((one) => one !== "");
  }
  const [param, ...others] = fn.params;
  const given = param && pointedStruct(param);
  if (given === undefined || others.length > 0) return undefined;
  const iterated = /^bpf_iter__(\w+)$/.exec(given)?.[1];
  if (iterated !== undefined) return [`iter/${iterated}`];
  if (/^(?:trace_event_raw_\w|syscall_trace_(?:enter|exit)$)/.test(given)) return [];
  return contexts.has(given) ? plainSections(given, ctx.kb) : undefined;
}

/** libbpf's macros that unpack a context, with the word that their section begins with where there is only one. */
const MACROS: ReadonlyMap<string, string> = new Map([
  ["BPF_PROG", ""],
  ["BPF_PROG2", ""],
  ["BPF_KPROBE", "kprobe"],
  ["BPF_KRETPROBE", "kretprobe"],
  ["BPF_KSYSCALL", "ksyscall"],
  ["BPF_KPROBE_SYSCALL", "kprobe"],
  ["BPF_UPROBE", "uprobe"],
  ["BPF_URETPROBE", "uretprobe"],
  ["BPF_USDT", "usdt"],
]);

/** Attributes and macros of the project's own may put it into a section, or say that another file means it. */
function isPlain(fn: BpfFunction, model: BpfModel): boolean {
  const before = fn.head.replace(/\w+\s*\(\s*$/, "");
  return PLAIN_RESULT.test(before) && !followsHalfALine(fn, model);
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
  if (model.code.uses(fn.name).length > 1) return false;
  const asWord = new RegExp(`\\b${fn.name}\\b`);
  return (
    !model.code.directives().some(({ body }) => asWord.test(body)) && model.code.compiledWhen(fn.nameRange).length === 0
  );
}

/** The plainest section of each kind that gets this structure. */
function plainSections(context: string, kb: KnowledgeBase): readonly string[] {
  const names = kb.sections
    .filter(({ name, progType }) => !/[+/]$/.test(name) && kb.programType(progType)?.context === context)
    .sort((a, b) => Number(b.name === "tc") - Number(a.name === "tc") || a.name.length - b.name.length);
  const kinds = new Map(names.toReversed().map(({ name, progType }) => [progType, name]));
  return names.flatMap(({ name, progType }) => (kinds.get(progType) === name ? [name] : [])).slice(0, 4);
}
