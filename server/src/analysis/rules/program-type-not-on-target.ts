/** Rule: a program of a type that a target does not have. */

import { flagOfSection, programGap, tailOf } from "../for-rules/on-targets.ts";
import { knownPrograms } from "../for-rules/runs.ts";
import { renamed } from "../for-rules/section-meaning.ts";
import { type Lack, lacking, lackText } from "../for-rules/verdicts.ts";
import { programMeaning } from "../knowledge/loaders.ts";
import type { Fix, Report, Rule, RuleContext, Severity } from "../rule.ts";

type Known = ReturnType<typeof knownPrograms>[number];

export const programTypeNotOnTarget: Rule = {
  meta: {
    id: "program-type-not-on-target",
    group: "kernels",
    summary: "A program of a type that a target does not have",
    rationale: `A kernel refuses a program of a type that it does not know, and with libbpf one such program ends the load of
the object. The section says of what type a program is and how it is attached. A kernel that does not know the way of
attaching (\`kprobe.multi\`, \`tcx\`, \`netkit\`) may load the program and then refuses to attach it.

Where user space decides which programs to load, a \`?\` before the section says so: the finding is then only a remark, as
it is where another program of the file has the same target.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("kprobe.multi/do_exit")
int f(struct pt_regs *ctx)
{
	return 0;
}`,
        good: `SEC("kprobe/do_exit")
int f(struct pt_regs *ctx)
{
	return 0;
}`,
        target: "5.15",
        unshown: "the running kernel has the type",
      },
      {
        bad: `SEC("xdp.frags")
int f(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        good: `SEC("xdp")
int f(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        target: "5.15",
        unshown: "the running kernel has the type",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (ctx.targets.length === 0) return;
    const programs = knownPrograms(ctx).map((known) => ({ known, gap: gapOf(known, ctx) }));
    const others = programs.filter(({ gap }) => gap === undefined).map(({ known }) => known);
    for (const { known, gap } of programs) {
      if (gap === undefined || ctx.model.code.compiledWhen(known.program.section.range).length > 0) continue;
      const { section } = known.program;
      const severity = milder(gap.loads ? "warning" : "error", standIn(known, others, ctx));
      yield {
        range: section.nameRange,
        message: `${gap.what} ${gap.loads ? "cannot be attached" : "are not"} on ${lackText(gap.lacks)}`,
        severity,
        fixes: fixesFor(known, ctx),
      };
    }
  },
};

/** How likely it is that user space loads something else in the place of a program. */
type StandIn = "none" | "perhaps" | "likely";

function standIn(known: Known, others: readonly Known[], { model }: RuleContext): StandIn {
  const { name = "" } = known.program.section;
  const tail = tailOf(known.program);
  // Whoever sets the target later decides other things as well.
  if (name.startsWith("?") || /^(?:dummy|$)/.test(tail) || others.some((other) => tailOf(other.program) === tail))
    return "likely";
  const own = model.reaches(known.program.name);
  const shares = others.some(({ program }) => [...model.reaches(program.name)].some((fn) => own.has(fn)));
  return shares ? "perhaps" : "none";
}

function milder(severity: Severity, instead: StandIn): Severity {
  if (instead === "likely") return "info";
  return instead === "perhaps" ? "warning" : severity;
}

interface Gap {
  readonly what: string;
  readonly lacks: readonly Lack[];
  readonly loads: boolean;
}

function gapOf({ kind, word, program }: Known, ctx: RuleContext): Gap | undefined {
  const { name = "" } = program.section;
  const gap = programGap({ kind, word }, ctx);
  const what = kind.structOps === undefined ? word : `struct ${kind.structOps}`;
  if (gap !== undefined) return { what: `${what} programs`, ...gap };
  const flag = flagOfSection(name, ctx);
  const lacks = flag === undefined ? [] : lacking(flag, ctx);
  return lacks.length === 0 ? undefined : { what: `${what} programs`, lacks, loads: false };
}

/** Sections that do the same for one function, for one buffer, or through tc(8). */
const SIMPLER: ReadonlyMap<string, string> = new Map([
  ["kprobe.multi", "kprobe"],
  ["kretprobe.multi", "kretprobe"],
  ["uprobe.multi", "uprobe"],
  ["uretprobe.multi", "uretprobe"],
  ["xdp.frags", "xdp"],
  ["tcx/ingress", "tc"],
  ["tcx/egress", "tc"],
]);

function fixesFor({ word, program: { section } }: Known, ctx: RuleContext): readonly Fix[] {
  const simpler = SIMPLER.get(word);
  const { name } = section;
  // A pattern names many functions.
  if (simpler === undefined || name === undefined || /[*,]/.test(name) || name.indexOf("?") > 0) return [];
  const meant = name.replace(word, simpler);
  const meaning = programMeaning(meant, ctx.kb, ctx.loader);
  if (meaning === undefined || programGap(meaning, ctx) !== undefined) return [];
  const fix = renamed(section, meant, ctx.model);
  return fix === undefined ? [] : [fix];
}
