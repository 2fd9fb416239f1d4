/** Rule: clang is to copy or clear memory by itself, and does not know how much, or not so much. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { boundReport, numberText } from "../for-rules/bound-words.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const copyOfUnknownSize: Rule = {
  walks: true,
  meta: {
    id: "copy-of-unknown-size",
    group: "calls",
    summary: "Copy of a size that clang does not know",
    rationale: `There is no library function behind \`__builtin_memcpy()\`, \`__builtin_memmove()\` and \`__builtin_memset()\`: clang writes loads and stores.

For that it must know how many, and there may be 1,024 bytes at most. With another size it stops with \`A call to built-in
function 'memset' is not supported\`. \`bpf_probe_read_kernel()\` copies as much as a bounded number says; a loop over the bytes
does so everywhere.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `char text[64];

SEC("tc")
int clear(struct __sk_buff *skb)
{
	__builtin_memset(text, 0, skb->len & 63);
	return 0;
}`,
        good: `char text[64];

SEC("tc")
int clear(struct __sk_buff *skb)
{
	__builtin_memset(text, 0, sizeof(text));
	return 0;
}`,
        refused: { by: "clang", says: "A call to built-in function 'memset' is not supported." },
      },
      {
        bad: `char text[4096];

SEC("tc")
int clear(struct __sk_buff *skb)
{
	__builtin_memset(text, 0, sizeof(text));
	return 0;
}`,
        good: `char text[4096];

SEC("tc")
int clear(struct __sk_buff *skb)
{
	__builtin_memset(text, 0, 1024);
	return 0;
}`,
        refused: { by: "clang", says: "A call to built-in function 'memset' is not supported." },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("built-in size")) {
      if (isBuiltin(found, ctx)) yield boundReport(found, messageFor(found, ctx), ctx);
    }
  },
};

/** For so much a macro of that name may stand for a function that the loader brings. */
function isBuiltin({ facts, span }: Found, { model }: RuleContext): boolean {
  const { low, high } = facts ?? {};
  const { lines } = model.code;
  return low !== high || lines.textOf(lines.rangeOf(span).start.line).includes("__builtin_");
}

function messageFor(found: Found, ctx: RuleContext): string {
  const { callee, low, high } = found.facts ?? {};
  if (low === high)
    return `${high} bytes are more than ${callee}() can be turned into stores for: clang refuses the file`;
  return `${numberText(found, "the size", ctx)} is no constant, and ${callee}() must be known in full: clang refuses the file`;
}
