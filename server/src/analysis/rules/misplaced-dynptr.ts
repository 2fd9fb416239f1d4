/** Rule: a dynptr or an iterator that is not a variable of its own, or a dynptr that is made of the stack. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const misplacedDynptr: Rule = {
  walks: true,
  meta: {
    id: "misplaced-dynptr",
    group: "paths",
    summary: "Dynptr that is no variable of its own, or is made of the stack",
    rationale: `The verifier follows a dynptr and an iterator only in a variable of its own, from its first byte on.
A number, a variable of the file, one of another type or a place within the dynptr is none. And \`bpf_dynptr_from_mem()\` takes memory of a map's
value or of a global variable, of which the kernel knows that it stays: not the stack.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("tc")
int copy(struct __sk_buff *skb)
{
	struct bpf_dynptr data;
	char room[16] = {};

	bpf_dynptr_from_mem(room, sizeof(room), 0, &data);
	return 0;
}`,
        good: `char room[16];

SEC("tc")
int copy(struct __sk_buff *skb)
{
	struct bpf_dynptr data;

	bpf_dynptr_from_mem(room, sizeof(room), 0, &data);
	return 0;
}`,
        refused: { by: "kernel", says: "Unsupported reg type fp for bpf_dynptr_from_mem data" },
      },
      {
        bad: `char room[16];

SEC("tc")
int first(struct __sk_buff *skb)
{
	struct bpf_dynptr data;
	char byte = 0;

	bpf_dynptr_from_mem(room, sizeof(room), 0, &data);
	bpf_dynptr_read(&byte, 1, (void *)&data + 8, 0, 0);
	return byte;
}`,
        good: `char room[16];

SEC("tc")
int first(struct __sk_buff *skb)
{
	struct bpf_dynptr data;
	char byte = 0;

	bpf_dynptr_from_mem(room, sizeof(room), 0, &data);
	bpf_dynptr_read(&byte, 1, &data, 8, 0);
	return byte;
}`,
        refused: { by: "kernel", says: "cannot pass in dynptr at an offset" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("dynptr misplaced"))
      yield {
        range: ctx.model.code.lines.rangeOf(found.span),
        message: messageOf(found),
        related: relatedOf(found, ctx),
      };
  },
};

const REFUSED = "the verifier refuses the program";

function messageOf({ about, facts }: Found): string {
  const { by, what, how } = facts ?? {};
  const article = what === "dynptr" ? "a dynptr" : "an iterator";
  switch (how) {
    case "of the stack":
      return `${by}() takes memory of a map's value, and ${about} is on the stack: ${REFUSED}`;
    case "within":
      return `${by}() is given a place within ${about}, which is no ${what}: ${REFUSED}`;
    case "elsewhere":
      return `${by}() takes ${article} on the stack, and this one is not: ${REFUSED}`;
    case "number":
      return `${by}() is given a number where it takes ${article}: ${REFUSED}`;
    default:
      return `${about} has no room for ${article}, which ${by}() takes: ${REFUSED}`;
  }
}
