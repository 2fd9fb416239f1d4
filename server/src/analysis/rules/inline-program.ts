/** Rule: a program that is `inline`, so that clang leaves it out. */

import { blankStringsAndComments, removeWords } from "../for-rules/declared-words.ts";
import { type NamedProgram, namedPrograms } from "../for-rules/section-meaning.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const inlineProgram: Rule = {
  meta: {
    id: "inline-program",
    group: "sections",
    summary: "A program that is inline, which clang leaves out of the object",
    rationale: `clang makes no code for a function that is \`inline\` and neither \`static\` nor \`extern\`, whatever \`SEC()\` says.
In C it is only an offer to its callers. \`__always_inline\` of the BPF headers is such an \`inline\` too. Nobody calls a
program within the file, so it is simply not there; the skeleton has no member for it and nothing says why.`,
    severity: "warning",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("xdp")
__always_inline int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        good: `SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    for (const program of namedPrograms(model)) {
      // The macros of libbpf declare the function once more, without the word.
      if (program.isStatic || program.macro !== undefined || !isInline(program, model)) continue;
      const edits = removeWords(program, INLINE_WORDS, model);
      yield {
        range: program.nameRange,
        message: `${program.name}() is inline without being static, so clang leaves it out of the object and nothing is loaded`,
        fixes: edits.length === 0 ? [] : [{ title: "Remove inline", edits }],
      };
    }
  },
};

const INLINE_WORDS = /inline|__inline|__inline__|__always_inline/;

function isInline(program: NamedProgram, model: RuleContext["model"]): boolean {
  const text = program.head;
  if (!text.includes("inline")) return false;
  const words = blankStringsAndComments(text);
  if (!/\b(?:inline|__inline|__inline__|__always_inline)\b/.test(words)) return false;
  // Another declaration, or `extern`, makes it an ordinary function again.
  if (/\bextern\b/.test(words)) return false;
  // libbpf's header and glibc's say `inline` in it; a project's own need not.
  if (!/\b(?:inline|__inline|__inline__)\b/.test(words) && hasOwnAlwaysInline(model)) return false;
  return model.code.uses(program.name).every(({ range }) => range.start.line === program.nameRange.start.line);
}

function hasOwnAlwaysInline({ includes, code }: RuleContext["model"]): boolean {
  const ownHeader = includes.some(({ path }) => path.endsWith("bpf_helpers.h") && !path.endsWith("bpf/bpf_helpers.h"));
  return ownHeader || code.directives().some(({ name, body }) => name === "define" && /^__always_inline\b/.test(body));
}
