/** Rule: a function that is called, not inlined, for kernels where everything must be. */

import { replace } from "../edits.ts";
import { wordsBeforeName } from "../for-rules/declared-words.ts";
import { type Subprogram, subprogramsIn } from "../for-rules/subprograms.ts";
import { ability, lacking, lackText } from "../for-rules/verdicts.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const callOnOldKernel: Rule = {
  meta: {
    id: "call-on-old-kernel",
    group: "kernels",
    summary: "A call of a function, for kernels where everything must be inlined",
    rationale: `Before Linux 4.16 a program was one function: the only calls it could make were those of helpers. Whatever else it
called had to be inlined, and an object with a real call in it was refused. clang inlines most functions by itself, but one
that is marked \`__noinline\` or \`__weak\` stays a function.

Only those are reported: of others nobody knows what the compiler makes of them. \`static __always_inline\` is the safe way.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `static __noinline int answer(int x)
{
	return x * 2;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return answer(ctx->ingress_ifindex) ? XDP_PASS : XDP_DROP;
}`,
        good: `static __always_inline int answer(int x)
{
	return x * 2;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return answer(ctx->ingress_ifindex) ? XDP_PASS : XDP_DROP;
}`,
        target: "4.14",
        unshown: "the running kernel has calls",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const lacks = lacking(ability("function-calls"), ctx);
    if (lacks.length === 0) return;
    for (const subprogram of subprogramsIn(ctx)) {
      yield {
        range: subprogram.fn.nameRange,
        message: `${subprogram.fn.name}() is not inlined, and calls of functions are not on ${lackText(lacks)}`,
        fixes: fixesFor(subprogram, ctx),
        related: subprogram.calls.map(({ range }) => ({ range, message: "called here" })),
      };
    }
  },
};

function fixesFor({ fn }: Subprogram, { model }: RuleContext): readonly Fix[] {
  const [word] = wordsBeforeName(fn, /\b__noinline\b/, model);
  if (word === undefined || !fn.isStatic) return [];
  return [{ title: `Make ${fn.name}() __always_inline`, edits: [replace(word, "__always_inline")] }];
}
