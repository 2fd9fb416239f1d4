/** Rule: a field that only full sockets have is read of a socket that may be none. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const socketField: Rule = {
  walks: true,
  meta: {
    id: "socket-field",
    group: "paths",
    summary: "Field of a full socket, of one that may have the common fields only",
    rationale: `\`skb->sk\` and \`bpf_skc_lookup_tcp()\` may give a small socket, of a connection that begins or is over. Such a one has
addresses, ports, family and state, and not \`type\`, \`protocol\`, \`mark\` and \`priority\`: the verifier lets a program read those
only of what \`bpf_sk_fullsock()\` gives, which may be NULL.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("tc")
int rank(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	if (!sk)
		return 0;
	return sk->priority;
}`,
        good: `SEC("tc")
int rank(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	if (!sk)
		return 0;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 0;
	return sk->priority;
}`,
        refused: { by: "kernel", says: "invalid sock_common access" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { lines } = ctx.model.code;
    for (const { span, about } of flowOf(ctx).of("field of a full socket"))
      yield {
        range: lines.rangeOf(span),
        message: `only a full socket has ${about}, as bpf_sk_fullsock() gives: the verifier refuses the access`,
      };
  },
};
