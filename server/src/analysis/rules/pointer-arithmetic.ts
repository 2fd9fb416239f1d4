/** Rule: something is calculated with a pointer that the verifier does not let programs calculate. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import type { Rule } from "../rule.ts";

export const pointerArithmetic: Rule = {
  walks: true,
  meta: {
    id: "pointer-arithmetic",
    group: "paths",
    summary: "Calculation that the verifier does not allow with a pointer",
    rationale: `The verifier lets a program add numbers to pointers and take them away, and refuses all else. Masks, shifts
and products of a pointer are refused, and so is the sum of two. Nothing at all may be added to the end of the packet, to a map or to a socket. Compare
\`data + size > data_end\` instead of \`data_end - size < data\`, and take numbers where numbers are wanted: the difference of two
pointers into the packet is one.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("xdp")
int aligned(struct xdp_md *ctx)
{
	unsigned long data = ctx->data;

	return data & 7 ? XDP_DROP : XDP_PASS;
}`,
        good: `SEC("xdp")
int aligned(struct xdp_md *ctx)
{
	unsigned long length = ctx->data_end - ctx->data;

	return length & 7 ? XDP_DROP : XDP_PASS;
}`,
        refused: { by: "kernel", says: "on pointer prohibited" },
      },
      {
        bad: `SEC("tc")
int tag(struct __sk_buff *skb)
{
	bpf_skb_vlan_push(skb, 0, (u16)(long)skb);
	return 0;
}`,
        good: `SEC("tc")
int tag(struct __sk_buff *skb)
{
	bpf_skb_vlan_push(skb, 0, (u16)skb->mark);
	return 0;
}`,
        refused: { by: "kernel", says: "prohibited" },
      },
      {
        bad: `SEC("xdp")
int last(struct xdp_md *ctx)
{
	char *data = (char *)(long)ctx->data, *end = (char *)(long)ctx->data_end;
	char *byte = end - 1;

	asm volatile("" : "+r"(byte));
	return byte < data ? XDP_DROP : XDP_PASS;
}`,
        good: `SEC("xdp")
int last(struct xdp_md *ctx)
{
	char *data = (char *)(long)ctx->data, *end = (char *)(long)ctx->data_end;

	return data + 1 > end ? XDP_DROP : XDP_PASS;
}`,
        refused: { by: "kernel", says: "pointer arithmetic on pkt_end prohibited" },
      },
    ],
  },

  *check(ctx) {
    const { model } = ctx;
    for (const found of flowOf(ctx).of("pointer calculated with"))
      yield { range: model.code.lines.rangeOf(found.span), message: messageOf(found) };
  },
};

function messageOf({ facts = {}, about }: Found): string {
  const { how, operator } = facts;
  switch (how) {
    case "two":
      return "two pointers cannot be added: the verifier refuses the program";
    case "from number":
      return `${about} cannot be taken from a number: the verifier refuses the program`;
    case "cut":
      return `${about} is cut down to ${operator === "1" ? "1 byte" : `${operator} bytes`}: the verifier refuses the program`;
    case "fixed":
      return `nothing may be added to ${about}, or taken from it: the verifier refuses the program`;
    default:
      return `${about} cannot be calculated with by ${operator}: the verifier allows + and - alone`;
  }
}
