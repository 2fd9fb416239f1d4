/** Rule: a program that is `static`. */

import { blankStringsAndComments, removeWords } from "../for-rules/declared-words.ts";
import { type NamedProgram, namedPrograms } from "../for-rules/section-meaning.ts";
import { familyOf } from "../knowledge/loaders.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const staticProgram: Rule = {
  meta: {
    id: "static-program",
    group: "sections",
    summary: "A program that is static, which libbpf does not load",
    rationale: `libbpf finds programs by the symbols of the object file, and a \`static\` function has none that others may see. It
refuses such an object as a whole: \`sec 'xdp': program 'f' is static and not supported\`. Functions that programs call may be
static, and mostly should be; those in a section of their own, which the kernel calls, may not.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `SEC("xdp")
static int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        good: `SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        refused: { by: "libbpf", says: "program 'pass' is static and not supported" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    // Only libbpf minds: cilium/ebpf and aya take every function in a section.
    if (familyOf(ctx.loader) !== "libbpf") return;
    const { model } = ctx;
    for (const program of namedPrograms(model)) {
      if (!program.isStatic || !saysSo(program)) continue;
      const edits = removeWords(program, STATIC_WORDS, model);
      yield {
        range: program.nameRange,
        message: `program ${program.name}() is static: libbpf refuses the file`,
        fixes: [{ title: "Remove static", edits }],
      };
    }
  },
};

/** A function that is only inline would be left out by clang. */
const STATIC_WORDS = /static|inline|__inline|__inline__|__always_inline/;

/** The word may be left from something half typed before. */
function saysSo(program: NamedProgram): boolean {
  const words = blankStringsAndComments(program.head);
  return /\bstatic\b/.test(words) && !/[;{}]/.test(words);
}
