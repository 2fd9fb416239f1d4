/** Rule: a program stands in for a member of a kernel structure that none may stand in for. */

import { knownPrograms } from "../for-rules/runs.ts";
import { operationPlace } from "../for-rules/struct-ops.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const unsupportedOperation: Rule = {
  meta: {
    id: "unsupported-operation",
    group: "sections",
    summary: "A program in the place of an operation that the kernel keeps for itself",
    rationale: `Not every function of a structure of operations may be a BPF program.
The \`get_info\` of a \`struct tcp_congestion_ops\` writes into a message of netlink, for which a program has no means; the kernel
refuses to load one: \`attach to unsupported member\`. Leave the member out.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("struct_ops")
size_t BPF_PROG(tell, struct sock *sk, u32 ext, int *attr)
{
	return 0;
}

SEC("struct_ops")
__u32 BPF_PROG(threshold, struct sock *sk)
{
	return 5;
}

SEC("struct_ops")
void BPF_PROG(avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops")
__u32 BPF_PROG(undo, struct sock *sk)
{
	return 5;
}

SEC(".struct_ops")
struct tcp_congestion_ops mine = {
	.get_info = (void *)tell,
	.ssthresh = (void *)threshold,
	.cong_avoid = (void *)avoid,
	.undo_cwnd = (void *)undo,
	.name = "bpf_mine",
};`,
        good: `SEC("struct_ops")
__u32 BPF_PROG(threshold, struct sock *sk)
{
	return 5;
}

SEC("struct_ops")
void BPF_PROG(avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops")
__u32 BPF_PROG(undo, struct sock *sk)
{
	return 5;
}

SEC(".struct_ops")
struct tcp_congestion_ops mine = {
	.ssthresh = (void *)threshold,
	.cong_avoid = (void *)avoid,
	.undo_cwnd = (void *)undo,
	.name = "bpf_mine",
};`,
        refused: { by: "kernel", says: "attach to unsupported member get_info of struct tcp_congestion_ops" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    for (const { program, kind } of knownPrograms(ctx)) {
      const unsupported = UNSUPPORTED.get(kind.structOps ?? "");
      if (unsupported === undefined) continue;
      const member = operationPlace(program, model)?.members.find((one) => unsupported.has(one));
      if (member === undefined) continue;
      yield {
        range: program.nameRange,
        message: `${member} of struct ${kind.structOps} cannot be a program: the verifier refuses it`,
      };
    }
  },
};

/** unsupported_ops of linux:net/ipv4/bpf_tcp_ca.c */
const UNSUPPORTED: ReadonlyMap<string, ReadonlySet<string>> = new Map([["tcp_congestion_ops", new Set(["get_info"])]]);
