/** Rule: a program or a callback returns what the verifier does not let it return. */

import { replace } from "../edits.ts";
import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import { lackingSince } from "../for-rules/verdicts.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const badReturnValue: Rule = {
  walks: true,
  meta: {
    id: "bad-return-value",
    group: "paths",
    summary: "Value that may not be returned",
    rationale: `The verifier knows for many types of programs what they may return, and refuses a program that may return anything else.
Programs for cgroups return 0 or 1, those on fentry and fexit 0, a function that bpf_loop() calls 0 to go on or 1 to stop. What
a field of the context or a helper gives may be any number to the verifier, and must be turned into one of these first.

Since Linux 6.12 programs for security hooks must return 0 or a negative error number; older kernels take anything, and a
positive number is then read as a pointer or a length in some of the hooks.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("cgroup/connect4")
int allow(struct bpf_sock_addr *ctx)
{
	return ctx->user_port;
}`,
        good: `SEC("cgroup/connect4")
int allow(struct bpf_sock_addr *ctx)
{
	return ctx->user_port ? 1 : 0;
}`,
        refused: { by: "kernel", says: "At program exit the register R0 has" },
      },
      {
        bad: `SEC("cgroup/connect4")
int allow(struct bpf_sock_addr *ctx)
{
	return (long)ctx;
}`,
        good: `SEC("cgroup/connect4")
int allow(struct bpf_sock_addr *ctx)
{
	return 1;
}`,
        refused: { by: "kernel", says: "At program exit the register R0 is not a known value" },
      },
      {
        bad: `SEC("cgroup/recvmsg4")
int received(struct bpf_sock_addr *ctx)
{
	return 0;
}`,
        good: `SEC("cgroup/recvmsg4")
int received(struct bpf_sock_addr *ctx)
{
	return 1;
}`,
        refused: { by: "kernel", says: "should have been in [1, 1]" },
      },
      {
        bad: `static long turn(u32 index, void *data)
{
	return index > 4 ? 2 : 0;
}

SEC("tc")
int run(struct __sk_buff *skb)
{
	bpf_loop(10, turn, NULL, 0);
	return 0;
}`,
        good: `static long turn(u32 index, void *data)
{
	return index > 4 ? 1 : 0;
}

SEC("tc")
int run(struct __sk_buff *skb)
{
	bpf_loop(10, turn, NULL, 0);
	return 0;
}`,
        refused: { by: "kernel", says: "At callback return the register R0 has" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("returned")) {
      const { since: first, isOwn } = found.facts ?? {};
      if (isOwn === true) {
        yield { range: ctx.model.code.lines.rangeOf(found.span), message: ownMessage(found) };
        continue;
      }
      const since = String(first);
      const lacks = lackingSince(since, ctx);
      const asking = ctx.targets.length - lacks.flatMap(({ targets }) => targets).length;
      if (ctx.targets.length > 0 && asking === 0) continue;
      yield reportOf(found, since, ctx);
    }
  },
};

/** What kernels without any target that is named cannot be counted on to know. */
const RECENT = "6.12";

function reportOf(found: Found, since: string, ctx: RuleContext): Report {
  const { low, high } = found.facts ?? {};
  const range = ctx.model.code.lines.rangeOf(found.span);
  const isRecent = since === RECENT;
  const who = isRecent ? `the verifier refuses it since ${since}` : "the verifier refuses it";
  const literal = found.node?.kind === "number" && low === high;
  return {
    range,
    message: `${found.about}() ${whatIs(found)}${found.facts?.["pointer"] === undefined ? `, and may return ${allowed(found)}` : ""}: ${who}`,
    related: relatedOf(found, ctx),
    ...(isRecent && ctx.targets.length === 0 && { severity: "warning" }),
    ...(literal && {
      fixes: [
        {
          title: `${found.facts?.["isThrown"] === true ? "Throw" : "Return"} ${low}`,
          edits: [replace(range, String(low))],
          safety: "unsafe",
        },
      ],
    }),
  };
}

function whatIs({ facts = {} }: Found): string {
  const { from, to, isKnown, source, isThrown, pointer } = facts;
  if (pointer !== undefined)
    return `returns ${pointer === "context" ? "its context" : "a pointer"}, which is no number`;
  const does = isThrown === true ? "throws" : "returns";
  if (isKnown !== true) return `${does} ${source}, which may be any number`;
  return from === to ? `${does} ${from}` : `${does} ${from} to ${to}`;
}

function ownMessage({ about, facts = {} }: Found): string {
  return `${about}() returns the address of ${facts["variable"]}, which is gone by then: the verifier refuses it`;
}

function allowed({ facts = {} }: Found): string {
  const { low, high, whose } = facts;
  const what = low === high ? `only ${low}` : high === Number(low) + 1 ? `${low} or ${high}` : `${low} to ${high}`;
  return whose === "callback" ? `${what}, as a callback` : whose === "later callback" ? `${what}, called later` : what;
}
