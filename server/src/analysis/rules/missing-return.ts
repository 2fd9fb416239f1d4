/** Rule: a program ends on some path without returning anything. */

import { indentationAt, insertAt } from "../edits.ts";
import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import type { Range } from "../text.ts";

export const missingReturn: Rule = {
  walks: true,
  meta: {
    id: "missing-return",
    group: "paths",
    summary: "Program that ends without returning a value",
    rationale: `A program that ends without a return leaves whatever was in R0, and the verifier refuses it where nothing was. Where it
returns something on other paths, the compiler may choose any of these values for this one as well: a packet is dropped or
passed, an operation allowed or refused, and nobody has decided it. Clang warns of it, \`-Wreturn-type\`, where it builds C.`,
    severity: "warning",
    fix: "unsafe",
    examples: [
      {
        bad: `u64 last;

SEC("kprobe/do_unlinkat")
int f(struct pt_regs *ctx)
{
	last = ctx->ip;
}`,
        good: `u64 last;

SEC("kprobe/do_unlinkat")
int f(struct pt_regs *ctx)
{
	last = ctx->ip;
	return 0;
}`,
        refused: { by: "kernel", says: "R0 !read_ok" },
      },
      {
        bad: `SEC("xdp")
int f(struct xdp_md *ctx)
{
	if (ctx->ingress_ifindex == 1)
		return XDP_DROP;
}`,
        good: `SEC("xdp")
int f(struct xdp_md *ctx)
{
	if (ctx->ingress_ifindex == 1)
		return XDP_DROP;
	return XDP_PASS;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("nothing returned")) {
      const { isVoid, isBare } = found.facts ?? {};
      const { fn } = found.root.routine;
      // What is wrong is what it is declared as.
      const isDeclared = isVoid === true && fn?.name === found.about;
      const range = isDeclared ? fn.nameRange : ctx.model.code.lines.rangeOf(found.span);
      const fix = isVoid === true ? undefined : fixFor(found, range, ctx);
      yield {
        range,
        message:
          isVoid === true
            ? `${found.about}() is void, and a program returns a number: the verifier refuses it`
            : isBare === true
              ? `${found.about}() returns nothing: the verifier refuses it`
              : `${found.about}() ends here without returning a value: clang or the kernel takes any`,
        ...(isBare === true && { severity: "error" }),
        ...(fix && { fixes: [fix] }),
      };
    }
  },
};

/** What lets everything go on; 0 for programs that only look on. */
const GOES_ON: ReadonlyMap<string, string> = new Map([
  ["XDP", "XDP_PASS"],
  ["SK_SKB", "SK_PASS"],
  ["SK_MSG", "SK_PASS"],
  ["SK_LOOKUP", "SK_PASS"],
  ["SK_REUSEPORT", "SK_PASS"],
  ["NETFILTER", "1"],
  ["CGROUP_SKB", "1"],
  ["CGROUP_SOCK", "1"],
  ["CGROUP_SOCK_ADDR", "1"],
  ["CGROUP_DEVICE", "1"],
  ["CGROUP_SYSCTL", "1"],
  ["CGROUP_SOCKOPT", "1"],
  ["SOCK_OPS", "1"],
]);

/** Before the closing brace, where that stands alone in its line; as deep as the first statement. */
function fixFor({ facts = {}, root }: Found, { start }: Range, { model }: RuleContext): Fix | undefined {
  const { lines } = model.code;
  if (facts["isEnd"] !== true || lines.textOf(start.line).slice(0, start.character).trim() !== "") return undefined;
  const value = GOES_ON.get(String(facts["progType"]).replace("BPF_PROG_TYPE_", "")) ?? "0";
  const [first] = root.routine.body.statements;
  const indentation = first === undefined ? "\t" : indentationAt(lines.positionAt(first.start), model);
  return {
    title: `Add return ${value}`,
    edits: [insertAt({ line: start.line, character: 0 }, `${indentation}return ${value};\n`)],
  };
}
