/** Rule: a function that the verifier looks at by itself, declared as it cannot. */

import { insertAt } from "../edits.ts";
import { contextNames, pointedStruct } from "../for-rules/context-types.ts";
import { subprogramsIn } from "../for-rules/subprograms.ts";
import { KNOWN_INCLUDES } from "../kernel-headers.ts";
import { verdictSince } from "../knowledge/supports.ts";
import { targetText } from "../knowledge/target.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext, Severity } from "../rule.ts";

export const globalFunctionSignature: Rule = {
  meta: {
    id: "global-function-signature",
    group: "calls",
    summary: "A global function whose declaration says too little",
    rationale: `A function that is not static is verified once, by itself, for all that its declaration allows. So its result
must be a number, from 7.1 on nothing at all as well, and each pointer it takes must be to a type whose size is known: a
\`void *\`, or a struct that is only declared, says nothing of the memory behind it. Where it is the context, \`__arg_ctx\` of libbpf 1.4 behind its name says so. A
static function is looked at with each of its calls instead.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `__noinline int first(void *data)
{
	return data ? 1 : 0;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u64 one = skb->len;

	return first(&one);
}`,
        good: `static __noinline int first(void *data)
{
	return data ? 1 : 0;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u64 one = skb->len;

	return first(&one);
}`,
        refused: { by: "kernel", says: "size cannot be determined" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    for (const { fn, head, calls } of subprogramsIn(ctx)) {
      if (fn.isStatic || /\b(?:static|__hidden)\b/.test(head)) continue;
      if (saysMore(fn, model)) continue;
      const wrong = whatIsWrong(fn, head, ctx);
      if (wrong === undefined) continue;
      const [call] = calls;
      yield {
        range: fn.nameRange,
        message: `global function ${fn.name}() ${wrong.text}`,
        ...(wrong.severity && { severity: wrong.severity }),
        fixes: staticFix(fn, model),
        ...(call && { related: [{ range: call.range, message: "it is called here" }] }),
      };
    }
  },
};

/** `__arg_ctx` and the like behind the names of arguments. */
function saysMore({ range, nameRange }: BpfFunction, { code }: BpfModel): boolean {
  const text = code.textOf({ start: nameRange.end, end: range.end });
  return /__arg_|btf_decl_tag|__arena/.test(text.slice(0, text.indexOf("{")));
}

interface Wrong {
  readonly text: string;
  readonly severity?: Severity;
}

/** First release that lets such a function give nothing. */
const VOID_SINCE = "7.1";

function whatIsWrong({ params }: BpfFunction, head: string, ctx: RuleContext): Wrong | undefined {
  const vague = params.find(({ type }) => /^(?:(?:const|volatile) )*void \*$/.test(type.replace(/\s+/g, " ").trim()));
  if (vague !== undefined) return { text: `takes a void *, of no known size: the verifier refuses calls of it` };
  const declared = params.map(pointedStruct).find((name) => name !== undefined && isOnlyDeclared(name, ctx));
  if (declared !== undefined)
    return { text: `takes a struct ${declared}, which is only declared: the verifier refuses calls of it` };
  const { targets } = ctx;
  if (/\*\s*$/.test(head)) return { text: "gives a pointer: the verifier refuses calls of it" };
  if (!/(?:^|\s)void\s*$/.test(head)) return undefined;
  const old = targets.filter((target) => verdictSince(target, VOID_SINCE).answer === "no");
  if (old.length > 0) return { text: `gives nothing: refused on ${old.map(targetText).join(", ")}` };
  return targets.length > 0
    ? undefined
    : { text: `gives nothing: the verifier refuses calls of it before ${VOID_SINCE}`, severity: "warning" };
}

/** `struct s;`, and nothing that says how large it is. */
function isOnlyDeclared(name: string, { model, kb }: RuleContext): boolean {
  const type = `struct ${name}`;
  if (model.recordOf(type) !== undefined || model.layoutOf(type) !== undefined || contextNames(kb).has(name))
    return false;
  return (
    new RegExp(`(?:^|[;}\\n])\\s*struct\\s+${name}\\s*;`).test(model.code.text) && model.includesOnly(KNOWN_INCLUDES)
  );
}

function staticFix(fn: BpfFunction, model: BpfModel): readonly Fix[] {
  const isOnly = model.functions.filter(({ name }) => name === fn.name).length === 1;
  // After a declaration without the word it would be an error, and what is weak cannot be static.
  if (!isOnly || model.declared(fn.name) !== undefined || /weak/.test(fn.head)) return [];
  return [{ title: `Make ${fn.name}() static`, edits: [insertAt(fn.range.start, "static ")] }];
}
