/** Rule: a string in SEC() that makes no program for the loader that was chosen. */

import { isHalfTyped, type NamedProgram, renamings, strangePrograms } from "../for-rules/section-meaning.ts";
import { familyOf, programMeaning } from "../knowledge/loaders.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const unknownSection: Rule = {
  meta: {
    id: "unknown-section",
    group: "sections",
    summary: "A section name from which the loader cannot tell what kind of program it is",
    rationale: `A BPF object does not say of what type its programs are: the loader takes it from the string in \`SEC()\`. libbpf
has a table for that, and since 1.0 it takes no other name for a known one because it begins alike. A program whose section
is not in the table gets no type, and the load of the whole object fails with \`missing BPF prog type, check ELF section
name\`.

Names of one's own are right where somebody else says the type: \`bpf_program__set_type()\` before the load, a handler
registered with \`libbpf_register_prog_handler()\`, or the command line of \`tc\` and \`ip\`. Where a name is near to none in the
table the finding is therefore a mere remark, one for the file. Who loads with something else than libbpf sets
\`hookpoint.loader\`: then the table of that loader counts, and with iproute2 none.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("kporbe/do_unlinkat")
int BPF_KPROBE(f, int dfd)
{
	bpf_printk("unlinkat in %d", dfd);
	return 0;
}`,
        good: `SEC("kprobe/do_unlinkat")
int BPF_KPROBE(f, int dfd)
{
	bpf_printk("unlinkat in %d", dfd);
	return 0;
}`,
        refused: { by: "libbpf", says: "missing BPF prog type, check ELF section name 'kporbe/do_unlinkat'" },
      },
      {
        bad: `SEC("tracepoint:sched:sched_switch")
int f(void *ctx)
{
	return 0;
}`,
        good: `SEC("tracepoint/sched/sched_switch")
int f(void *ctx)
{
	return 0;
}`,
        refused: { by: "libbpf", says: "missing BPF prog type" },
      },
      {
        bad: `SEC("tc/my_filter")
int f(struct __sk_buff *skb)
{
	return 0;
}`,
        good: `SEC("tc")
int f(struct __sk_buff *skb)
{
	return 0;
}`,
        refused: { by: "libbpf", says: "missing BPF prog type" },
      },
      {
        loader: "aya",
        bad: `SEC("tc")
int f(struct __sk_buff *skb)
{
	return 0;
}`,
        good: `SEC("classifier")
int f(struct __sk_buff *skb)
{
	return 0;
}`,
        unshown: "aya is not installed",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const own: OwnName[] = [];
    for (const { section, meaning } of strangePrograms(ctx)) {
      if (isHalfTyped(section, ctx.model)) continue;
      if (meaning.kind === "misspelt")
        yield {
          range: section.nameRange,
          message: `${ctx.loader} has no section "${section.name}" and refuses the file; write "${meaning.meant}"`,
          fixes: renamings(section, [meaning.meant], ctx.model),
        };
      else if (meaning.kind === "tail")
        yield {
          range: section.nameRange,
          message: `${ctx.loader} takes nothing behind "${meaning.meant}": ${consequence(ctx)}`,
          severity: familyOf(ctx.loader) === "aya" ? "error" : "warning",
          fixes: renamings(section, [meaning.meant], ctx.model),
        };
      else if (meaning.kind === "own") own.push({ section, meant: meaning.meant });
    }
    yield* familyOf(ctx.loader) === "aya" ? own.map((one) => refusedByAya(one, ctx)) : ownNames(own, ctx);
  },
};

interface OwnName {
  readonly section: NamedProgram["section"];
  /** The right name that it begins with. */
  readonly meant: string | undefined;
}

/** What happens where user space does not help. */
function consequence(ctx: RuleContext): string {
  const family = familyOf(ctx.loader);
  if (family === "aya") return "it refuses the file";
  const how = family === "libbpf" ? "bpf_program__set_type()" : "ProgramSpec.Type";
  return `the load fails unless user space sets the type (${how})`;
}

/** Whoever uses names of his own does so all over the file, and knows it: once is enough. */
function ownNames([first, ...others]: readonly OwnName[], ctx: RuleContext): readonly Report[] {
  // An old copy of cilium/ebpf with a table of its own.
  if (first === undefined || ctx.loader === "ebpf-manager") return [];
  const more = others.length === 0 ? "" : `, nor ${others.length} more of this file`;
  return [
    {
      range: first.section.nameRange,
      message: `${ctx.loader} has no section "${first.section.name}"${more}: ${consequence(ctx)}`,
      severity: "info",
      fixes: first.meant === undefined ? [] : renamings(first.section, [first.meant], ctx.model),
      related: others.map(({ section }) => ({
        range: section.nameRange,
        message: `nor does it have "${section.name}"`,
      })),
    },
  ];
}

/** Nothing in user space can say a type to aya. What only has another name there is known from libbpf. */
function refusedByAya({ section, meant: start }: OwnName, ctx: RuleContext): Report {
  const meant = nameFor(section.name, ctx) ?? start;
  const instead = meant === undefined ? "" : `; write "${meant}"`;
  return {
    range: section.nameRange,
    message: `aya has no section "${section.name}" and refuses the file${instead}`,
    fixes: meant === undefined ? [] : renamings(section, [meant], ctx.model),
  };
}

function nameFor(name: string, { kb, loader }: RuleContext): string | undefined {
  const meaning = programMeaning(name, kb, "libbpf");
  if (meaning === undefined) return undefined;
  const { progType, attachType } = meaning.kind;
  const same = kb.loaderSections(loader).filter((fact) => fact.progType === progType);
  if (same.length === 1) return same[0]?.pattern;
  return attachType && same.find((fact) => fact.attachType === attachType)?.pattern;
}
