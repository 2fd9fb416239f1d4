/** Rule: a program reads or writes a part of its context that programs of its type may not. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import type { Rule } from "../rule.ts";

export const contextAccess: Rule = {
  walks: true,
  meta: {
    id: "context-access",
    group: "paths",
    summary: "Context read or written in a way that its program may not",
    rationale: `A program's context is no memory of its own: the kernel turns each access to a field into one to its own
structures. So the verifier lets a program read and write only the fields that its type may, as wide as they are, and at places
that are known when it is loaded: \`skb->cb[i]\` with an \`i\` from somewhere is none. Nor can helpers read from the context; what
they are to have is copied to a variable first.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("xdp")
int steer(struct xdp_md *ctx)
{
	ctx->rx_queue_index = 0;
	return XDP_PASS;
}`,
        good: `SEC("xdp")
int steer(struct xdp_md *ctx)
{
	bpf_printk("queue %u", ctx->rx_queue_index);
	return XDP_PASS;
}`,
        refused: { by: "kernel", says: "invalid bpf_context access" },
      },
      {
        bad: `SEC("tc")
int control(struct __sk_buff *skb)
{
	return skb->cb[skb->priority & 3];
}`,
        good: `SEC("tc")
int control(struct __sk_buff *skb)
{
	return skb->cb[3];
}`,
        refused: { by: "kernel", says: "ctx" },
      },
      {
        bad: `SEC("cgroup/connect6")
int half(struct bpf_sock_addr *ctx)
{
	return *(__u64 *)&ctx->user_ip6[1] ? 1 : 0;
}`,
        good: `SEC("cgroup/connect6")
int half(struct bpf_sock_addr *ctx)
{
	return *(__u64 *)&ctx->user_ip6[2] ? 1 : 0;
}`,
        refused: { by: "kernel", says: "ctx" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} hits SEC(".maps");

SEC("xdp")
int seen(struct xdp_md *ctx)
{
	return bpf_map_lookup_elem(&hits, &ctx->rx_queue_index) ? XDP_DROP : XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} hits SEC(".maps");

SEC("xdp")
int seen(struct xdp_md *ctx)
{
	u32 queue = ctx->rx_queue_index;

	return bpf_map_lookup_elem(&hits, &queue) ? XDP_DROP : XDP_PASS;
}`,
        refused: { by: "kernel", says: "type=ctx expected=" },
      },
    ],
  },

  *check(ctx) {
    const { model } = ctx;
    for (const found of flowOf(ctx).of("context misused"))
      yield {
        range: model.code.lines.rangeOf(found.span),
        message: messageOf(found),
        // User space may choose another attach type than the section does.
        ...(found.facts?.["how"] === "attach type" && { severity: "warning" as const }),
      };
  },
};

function messageOf({ facts = {}, about, root }: Found): string {
  const { how, more, field } = facts;
  const word = root.meaning?.word ?? "these";
  const name = field === "" || field === undefined ? "the context" : String(field).replace(/^\[/, "ctx[");
  switch (how) {
    case "index":
      return "the place within the context is not known before the program runs: the verifier refuses the access";
    case "given":
      return `${about}() is given a part of the context, which the verifier refuses: copy it to a variable first`;
    case "moved":
      return `${about}() takes the context as it came, not a place within: the verifier refuses the call`;
    case "crooked":
      return `${more} bytes of the context are read across the borders of its words: the verifier refuses the access`;
    case "outside":
      return `the context has ${more} bytes, and this lies outside: the verifier refuses the access`;
    case "between":
      return `each argument has 8 bytes of the context, and none begins at offset ${about}: the verifier refuses the access`;
    case "beyond":
      return `there are ${about} arguments at most: the verifier refuses to read ${name}`;
    case "width":
      return `${name} has ${more} bytes: the verifier refuses to read more at once`;
    case "write":
      return `"${word}" programs may only read ${name}: the verifier refuses to write to it`;
    case "attach type":
      return `"${word}" programs have no ${name}, only others of their type: the verifier refuses the access`;
    default:
      return `"${word}" programs have no ${name}: the verifier refuses the access`;
  }
}
