/** Rule: a section that still works, and for which there is a newer one. */

import { replace } from "../edits.ts";
import { type NamedProgram, namedPrograms, renamings } from "../for-rules/section-meaning.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { familyOf } from "../knowledge/loaders.ts";
import { supports } from "../knowledge/supports.ts";
import type { RemovedSectionFact } from "../knowledge/types.ts";
import type { Global } from "../model.ts";
import { rememberedOf } from "../remember.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const deprecatedSection: Rule = {
  meta: {
    id: "deprecated-section",
    group: "sections",
    summary: "A section that libbpf still takes, but calls legacy",
    rationale: `Legacy sections still load, but libbpf has a newer one that says more, or nothing asks for them any longer.
\`classifier\` is the old name of \`tc\`, and both have a successor: a program in \`tcx/ingress\` or \`tcx/egress\` says its
direction and is attached through a link, which goes away with its owner and stands beside the programs of others, without a
qdisc. As that needs Linux 6.6 and another way to attach, \`tc\` itself is only spoken of when all kernels in \`hookpoint.target\`
have it.

A variable in section \`version\` told kernels before 5.0 for which kernel a kprobe was made. libbpf fills that in by itself;
only a wrong number in the object still does harm.`,
    severity: "hint",
    fix: "unsafe",
    deprecated: true,
    examples: [
      {
        bad: `SEC("classifier")
int f(struct __sk_buff *skb)
{
	return 0;
}`,
        good: `SEC("tc")
int f(struct __sk_buff *skb)
{
	return 0;
}`,
      },
      {
        bad: `__u32 _version SEC("version") = 0x060c00;
char LICENSE[] SEC("license") = "GPL";`,
        good: `char LICENSE[] SEC("license") = "GPL";`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (familyOf(ctx.loader) !== "libbpf") return;
    for (const program of namedPrograms(ctx.model)) {
      if (program.section.name.includes("/")) continue;
      const bare = program.section.name.replace(/^\?/, "");
      // The name itself, not what begins like it.
      const fact = ofLibbpf(ctx.kb).get(bare);
      if (fact?.status === "deprecated" && fact.deprecatedIn !== undefined) yield* legacyName(program, fact, ctx);
    }
    for (const global of ctx.model.globals) if (global.section?.name === "version") yield versionOf(global, ctx);
  },
};

const ofLibbpf = rememberedOf(
  ({ facts }: KnowledgeBase) =>
    new Map(facts.removedSections.filter(({ loader }) => loader === undefined).map((fact) => [fact.name, fact])),
);

function legacyName({ section }: NamedProgram, fact: RemovedSectionFact, ctx: RuleContext): readonly Report[] {
  const mark = section.name.startsWith("?") ? "?" : "";
  const newer = haveSuccessors(fact, ctx) ? (fact.alternatives ?? []) : [];
  const all = [fact.replacement, ...newer].flatMap((one) => (one === undefined ? [] : [mark + one]));
  if (all.length === 0) return [];
  return [
    {
      range: section.nameRange,
      message: `libbpf calls section "${fact.name}" legacy; write ${all.map((one) => `"${one}"`).join(" or ")}`,
      fixes: renamings(section, all, ctx.model),
    },
  ];
}

/** Only where all kernels in question are known to have them. */
function haveSuccessors({ alternatives = [] }: RemovedSectionFact, { kb, targets, loader }: RuleContext): boolean {
  const types = alternatives.map((name) => kb.sections.find((section) => section.name === name)?.attachType);
  return (
    targets.length > 0 &&
    targets.every((target) =>
      types.every(
        (name) => name !== undefined && supports(target, { kind: "attach-type", name }, kb, loader).answer === "yes",
      ),
    )
  );
}

function versionOf({ section, name, nameRange, range }: Global, { model }: RuleContext): Report {
  const { code } = model;
  const isAlone = code.uses(name).length === 1;
  const line = code.lines.textOf(range.end.line);
  const isWhole = range.start.character === 0 && line.slice(range.end.character).trim() === "";
  const edit =
    isWhole && range.end.line + 1 < code.lines.count
      ? replace({ start: range.start, end: { line: range.end.line + 1, character: 0 } }, "")
      : replace(range, "");
  return {
    range: section?.nameRange ?? nameRange,
    message: "no kernel since 5.0 asks for a version, and for older ones libbpf fills it in",
    fixes: isAlone ? [{ title: "Remove the version", edits: [edit], safety: "safe" }] : [],
  };
}
