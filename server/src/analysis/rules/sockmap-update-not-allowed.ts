/** Rule: a program changes a sockmap by the functions for ordinary maps, where the kernel cannot lock the sockets. */

import { callsWhere } from "../for-rules/calls.ts";
import { helperOf, mayBeLeftOut, runsOf } from "../for-rules/runs.ts";
import type { ProgramKind } from "../knowledge/supports.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const sockmapUpdateNotAllowed: Rule = {
  meta: {
    id: "sockmap-update-not-allowed",
    group: "calls",
    summary: "A sockmap changed by a program that may not",
    rationale: `Only programs that see packets, choose sockets or iterate may change a sockmap by \`bpf_map_update_elem()\`.
In all others a socket might be locked already, so the verifier refuses: \`cannot update sockmap in this context\`. A \`sockops\`
program adds its socket by \`bpf_sock_map_update()\` or \`bpf_sock_hash_update()\`, and may delete. Deleting from other types of
programs was possible until 6.9, and is refused in stable releases of older kernels as well.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

SEC("sockops")
int remember(struct bpf_sock_ops *ops)
{
	struct bpf_sock *sk = ops->sk;
	__u32 key = 0;

	if (sk)
		bpf_map_update_elem(&sockets, &key, sk, BPF_ANY);
	return 1;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

SEC("sockops")
int remember(struct bpf_sock_ops *ops)
{
	__u32 key = 0;

	bpf_sock_map_update(ops, &sockets, &key, BPF_ANY);
	return 1;
}`,
        refused: { by: "kernel", says: "cannot update sockmap in this context" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    for (const call of callsWhere((name) => name === UPDATE || name === "bpf_map_delete_elem", model)) {
      const isUpdate = call.name === UPDATE;
      const map = call.args[0]?.map;
      if (map?.type !== "BPF_MAP_TYPE_SOCKMAP" && map?.type !== "BPF_MAP_TYPE_SOCKHASH") continue;
      if (helperOf(call, ctx) === undefined || mayBeLeftOut(call, model)) continue;
      const wrong = runsOf(call, ctx).find(({ kind, asks }) => asks !== "flag" && !mayChange(kind, isUpdate));
      if (wrong === undefined) continue;
      const { progType } = wrong.kind;
      const hint =
        isUpdate && progType === "BPF_PROG_TYPE_SOCK_OPS"
          ? `; there is bpf_sock_${map.type === "BPF_MAP_TYPE_SOCKMAP" ? "map" : "hash"}_update()`
          : "";
      yield {
        range: call.nameRange,
        message: `program ${wrong.program.name}() may not change ${map.name}, which holds sockets: the verifier refuses it${hint}`,
        // Older kernels let it.
        ...(!isUpdate && { severity: "warning" }),
        related: [{ range: wrong.program.nameRange, message: "the program that calls it" }],
      };
    }
  },
};

const UPDATE = "bpf_map_update_elem";

/** may_update_sockmap() of linux:kernel/bpf/verifier.c */
const FREE: ReadonlySet<string> = new Set(
  ["SOCKET_FILTER", "SCHED_CLS", "SCHED_ACT", "XDP", "SK_REUSEPORT", "FLOW_DISSECTOR", "SK_LOOKUP"].map(
    (name) => `BPF_PROG_TYPE_${name}`,
  ),
);

/** What only stands in for another program is judged by that. */
function mayChange({ progType, attachType }: ProgramKind, isUpdate: boolean): boolean {
  if (FREE.has(progType) || progType === "BPF_PROG_TYPE_EXT") return true;
  if (progType === "BPF_PROG_TYPE_TRACING") return attachType === undefined || attachType === "BPF_TRACE_ITER";
  return progType === "BPF_PROG_TYPE_SOCK_OPS" && !isUpdate;
}
