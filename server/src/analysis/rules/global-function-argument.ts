/** Rule: an argument that does not fit a function of the file which the verifier looks at by itself. */

import { insertAt } from "../edits.ts";
import { flowOf } from "../flow/flow.ts";
import type { BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const globalFunctionArgument: Rule = {
  walks: true,
  meta: {
    id: "global-function-argument",
    group: "paths",
    summary: "An argument that does not fit a global function",
    rationale: `What callers hand to a function that is not static is checked against its declaration alone. Memory must have as
many bytes as the type of the parameter, whatever the function uses of them; a parameter of the type of the context takes
the context, and no other does. Otherwise it says \`Caller passes invalid args\`. Nor does clang hand over what such a function
does nothing with: the verifier then finds whatever the register holds, or nothing. A
static function is looked at with each of its calls instead.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `struct pair {
	__u64 first;
	__u64 second;
};

__noinline int sum(struct pair *pair)
{
	return pair ? pair->first + 1 : 0;
}

SEC("tc")
int add(struct __sk_buff *skb)
{
	__u64 one = skb->len;

	return sum((struct pair *)&one);
}`,
        good: `struct pair {
	__u64 first;
	__u64 second;
};

static __noinline int sum(struct pair *pair)
{
	return pair ? pair->first + 1 : 0;
}

SEC("tc")
int add(struct __sk_buff *skb)
{
	__u64 one = skb->len;

	return sum((struct pair *)&one);
}`,
        refused: { by: "kernel", says: "Caller passes invalid args into func" },
      },
      {
        bad: `__noinline int weigh(struct __sk_buff *skb, u32 number)
{
	return number * 3 + 1;
}

SEC("tc")
int pick(struct __sk_buff *skb)
{
	u32 number = bpf_get_prandom_u32();

	return weigh(skb, number) & 1;
}`,
        good: `static __noinline int weigh(struct __sk_buff *skb, u32 number)
{
	return number * 3 + 1;
}

SEC("tc")
int pick(struct __sk_buff *skb)
{
	u32 number = bpf_get_prandom_u32();

	return weigh(skb, number) & 1;
}`,
        refused: { by: "kernel", says: "R1" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    for (const { span, about, facts = {} } of flowOf(ctx).of("global call")) {
      const fn = model.functions.find(({ name }) => name === about);
      yield {
        range: model.code.lines.rangeOf(span),
        message: `${messageOf(about, facts)}: the verifier refuses the call`,
        fixes: staticFix(about, model),
        // The bytes behind a variable may happen to be on the stack as well.
        ...(isUnsure(facts) && { severity: "warning" }),
        ...(fn && {
          related: [{ range: fn.nameRange, message: "it is verified by itself, because it is not static" }],
        }),
      };
    }
  },
};

type Facts = Readonly<Record<string, unknown>>;

function isUnsure({ how, isOnStack }: Facts): boolean {
  return how === "short" && isOnStack === true;
}

function messageOf(name: string, { how, type, size, has, parameter }: Facts): string {
  switch (how) {
    case "number":
      return `${name}() takes a pointer here, and gets a number`;
    case "no context":
      return `${name}() takes the context, a ${type}, and gets something else`;
    case "moved context":
      return `${name}() takes the context as it came, not a place within`;
    case "null":
      return `${name}() takes no NULL here, which this is or may be`;
    case "own":
      return `${name}() takes a ${type} of the kernel's, and gets memory of the program's`;
    case "no dynptr":
      return `${name}() takes a dynptr, and gets something else`;
    case "moved dynptr":
      return `${name}() takes a dynptr, not a place beside one`;
    case "unused":
      return `${name}() does nothing with ${parameter}, so clang hands nothing over`;
    case "context":
      return `${name}() takes a ${type}, and gets the context`;
    case "constant":
      return `${name}() may write to its ${type}, and gets a constant`;
    default:
      return `${name}() takes ${size} bytes, a ${type}, and gets ${has}`;
  }
}

function staticFix(name: string, model: BpfModel): readonly Fix[] {
  const [fn, ...more] = model.functions.filter((one) => one.name === name);
  // After a declaration without the word it would be an error, and what is weak cannot be static.
  if (fn === undefined || more.length > 0 || model.declared(name) !== undefined) return [];
  if (/weak/.test(fn.head)) return [];
  return [{ title: `Make ${name}() static`, edits: [insertAt(fn.range.start, "static ")] }];
}
