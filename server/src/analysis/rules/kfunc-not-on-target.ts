/** Rule: a kfunc that a target does not have. */

import { insertAt } from "../edits.ts";
import { guardFix, lackedBy } from "../for-rules/on-targets.ts";
import { isFirst, type Use, usesIn, useText } from "../for-rules/uses.ts";
import { lacking, lackText } from "../for-rules/verdicts.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import type { TextEdit } from "../text.ts";

export const kfuncNotOnTarget: Rule = {
  meta: {
    id: "kfunc-not-on-target",
    group: "kernels",
    summary: "A kfunc that a target does not have",
    rationale: `Kfuncs are functions of the kernel, not a stable interface: they come, change and go. libbpf looks each of them up
in the kernel's BTF and gives up when one is not there: \`extern (func ksym) 'bpf_x': not found in kernel or module BTFs\`.
Declared \`__weak\` it may be missing, and the program asks with \`bpf_ksym_exists(bpf_x)\` before the call: then this rule
is silent. The macros \`bpf_for()\` and \`bpf_repeat()\` call kfuncs too.

What the rule knows of kfuncs are those of Linux itself. Modules bring others.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `extern void bpf_throw(__u64 cookie) __ksym;

SEC("tc")
int f(struct __sk_buff *skb)
{
	if (skb->len == 0) {
		bpf_throw(0);
	}
	return 0;
}`,
        good: `extern void bpf_throw(__u64 cookie) __ksym __weak;

SEC("tc")
int f(struct __sk_buff *skb)
{
	if (skb->len == 0) {
		if (bpf_ksym_exists(bpf_throw))
			bpf_throw(0);
	}
	return 0;
}`,
        target: "6.1",
        unshown: "the running kernel has the kfunc",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (ctx.targets.length === 0) return;
    const known = new Map<string, boolean>();
    for (const use of usesIn(ctx)) {
      const { name, call, kind, by } = use;
      if (kind !== "kfunc" || !isFirst(use)) continue;
      const isLacking = known.get(name) ?? lacking({ kind: "kfunc", name }, ctx).length > 0;
      known.set(name, isLacking);
      const missing = isLacking ? lackedBy(call, { kind: "kfunc", name }, ctx) : undefined;
      if (missing === undefined) continue;
      const fix = by === undefined ? fixFor(use, ctx) : undefined;
      yield {
        range: call.nameRange,
        message: `${useText(use)} is not on ${lackText(missing.lacks)}`,
        ...(fix && { fixes: [fix] }),
        ...(missing.severity && { severity: missing.severity }),
      };
    }
  },
};

function fixFor({ name, call }: Use, ctx: RuleContext): Fix | undefined {
  const weak = madeWeak(name, ctx);
  return weak && guardFix(call, `bpf_ksym_exists(${name})`, "bpf/bpf_helpers.h", ctx, weak);
}

/** Undefined where the declaration stands in a header and is not weak. Those of vmlinux.h are. */
function madeWeak(name: string, { model }: RuleContext): readonly TextEdit[] | undefined {
  const declaration = model.declared(name);
  if (declaration === undefined || /\b__weak\b/.test(declaration.text)) return [];
  const { range, text } = declaration;
  const at = text.search(/\b__ksym\b/);
  // On one line the place is easy to tell.
  if (range === undefined || range.start.line !== range.end.line || at === -1) return undefined;
  const character = range.start.character + at + "__ksym".length;
  return [insertAt({ line: range.start.line, character }, " __weak")];
}
