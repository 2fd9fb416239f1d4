/** Rule: a function that kernels verify on its own, with parameters or a result that they do not take there. */

import { insertAt } from "../edits.ts";
import { type Subprogram, subprogramsIn } from "../for-rules/subprograms.ts";
import { ability, between, type Lack, lacking, lackText } from "../for-rules/verdicts.ts";
import { isVerifiedAlone, plainPointerOf, returnsNothing } from "../for-rules/verified-alone.ts";
import type { Feature } from "../knowledge/supports.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const globalFunctionOnOldKernel: Rule = {
  meta: {
    id: "global-function-on-old-kernel",
    group: "kernels",
    summary: "A global function with parameters or a result that a target does not take",
    rationale: `Since Linux 5.6 a function that is not \`static\` is verified once, on its own, for any arguments it might
get. For that the kernel must understand its signature. Until 5.11 it took numbers and the context only, so a pointer to
anything else is refused: \`Arg#0 type PTR in f() is not supported yet\`. Until 7.0 the function had to return a number:
\`Global function f() doesn't return scalar\`. Kernels before 5.6 verify it together with its caller and do not mind.

Made \`static\` the function is verified with its caller on every kernel. Only functions marked \`__noinline\` or \`__weak\`
are reported: one that clang inlines everywhere is never loaded as a function.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `__noinline int sum(int *a, int b)
{
	return a ? *a + b : b;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	int x = ctx->ingress_ifindex;

	return sum(&x, 2) ? XDP_PASS : XDP_DROP;
}`,
        good: `static __noinline int sum(int *a, int b)
{
	return a ? *a + b : b;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	int x = ctx->ingress_ifindex;

	return sum(&x, 2) ? XDP_PASS : XDP_DROP;
}`,
        target: "5.10",
        unshown: "the running kernel takes such pointers",
      },
      {
        bad: `long last;

__noinline void note(int index)
{
	last = index;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	note(ctx->ingress_ifindex);
	return XDP_PASS;
}`,
        good: `long last;

static __noinline void note(int index)
{
	last = index;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	note(ctx->ingress_ifindex);
	return XDP_PASS;
}`,
        target: "6.18",
        refused: { by: "kernel", says: "doesn't return scalar" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (ctx.targets.length === 0) return;
    const pointers = lackedAlone(ability("global-functions-with-pointers"), ctx);
    const results = lackedAlone(ability("global-void-functions"), ctx);
    if (pointers.length === 0 && results.length === 0) return;
    for (const subprogram of subprogramsIn(ctx)) {
      if (!isVerifiedAlone(subprogram)) continue;
      const pointer = plainPointerOf(subprogram, ctx);
      const what =
        results.length > 0 && returnsNothing(subprogram)
          ? { text: "returns nothing", where: results }
          : pointer !== undefined && pointers.length > 0
            ? { text: `takes a pointer (${pointer.name})`, where: pointers }
            : undefined;
      if (what !== undefined) yield reportOf(subprogram, what.text, lackText(what.where));
    }
  },
};

const VERIFIED_ALONE = ability("global-functions");

/** Older kernels verify the function with its caller. */
function lackedAlone(feature: Feature, ctx: RuleContext): readonly Lack[] {
  return lacking(feature, { ...ctx, targets: between(VERIFIED_ALONE, feature, ctx) });
}

function reportOf(subprogram: Subprogram, what: string, where: string): Report {
  const { fn } = subprogram;
  return {
    range: fn.nameRange,
    message: `${fn.name}() is not static and ${what}, which is not on ${where}`,
    fixes: fixesFor(subprogram),
  };
}

function fixesFor({ fn, head }: Subprogram): readonly Fix[] {
  if (/\b(?:extern|__weak|weak)\b/.test(head)) return [];
  return [{ title: `Make ${fn.name}() static`, edits: [insertAt(fn.range.start, "static ")] }];
}
