import { describe, test } from "vitest";
import { stalePacketPointer } from "../../server/src/analysis/rules/stale-packet-pointer.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const READ =
  "void *data = (void *)(long)skb->data; void *data_end = (void *)(long)skb->data_end; struct ethhdr *eth = data; if (data + 34 > data_end) return 0;";
const program = (body: string): string => `SEC("tc") int f(struct __sk_buff *skb) { ${READ}\n${body}\n}`;
const silent = (body: string): void => checkNoFindings(stalePacketPointer, program(body));

const AGAIN = "data = (void *)(long)skb->data; data_end = (void *)(long)skb->data_end;";

describe("silent", () => {
  test("read again, compared again", () => {
    silent(
      `bpf_skb_pull_data(skb, 34); ${AGAIN} eth = data; if ((void *)(eth + 1) > data_end) return 0; return eth->h_proto;`,
    );
    silent(
      `for (int i = 0; i < 3; i++) { bpf_skb_vlan_pop(skb); ${AGAIN} eth = data; if (data + 14 > data_end) return 0; if (eth->h_proto) break; } return 0;`,
    );
  });

  test("what was read from the packet stays", () => {
    silent("__u16 proto = eth->h_proto; bpf_skb_vlan_pop(skb); return proto;");
  });

  test("other helpers, and other ways", () => {
    silent("bpf_ktime_get_ns(); bpf_skb_load_bytes(skb, 0, &skb->cb[0], 4); return eth->h_proto;");
    silent("if (skb->len < 40) { bpf_skb_pull_data(skb, 40); return 0; } return eth->h_proto;");
  });

  test("a function that changes nothing", () => {
    checkNoFindings(
      stalePacketPointer,
      `__noinline int len(struct __sk_buff *skb) { return skb->len; }\n${program("len(skb); return eth->h_proto;")}`,
    );
  });
});

describe("found", () => {
  test("after a helper", () => {
    checkRule(
      stalePacketPointer,
      program(`bpf_l3_csum_replace(skb, 24, 0, 0, 2); return eth->h_proto;
//                                            ^^^^^^^^^^^^ bpf_l3_csum_replace() may change the packet, and eth->h_proto is from before: the verifier refuses the program`),
    );
  });

  test("on one of two ways", () => {
    checkRule(
      stalePacketPointer,
      program(`if (skb->len < 40) bpf_skb_pull_data(skb, 40); return eth->h_proto;
//                                                    ^^^^^^^^^^^^ bpf_skb_pull_data() may change the packet, and eth->h_proto is from before: the verifier refuses the program`),
    );
  });

  const POP = "__noinline int pop(struct __sk_buff *skb) { return bpf_skb_vlan_pop(skb); }\n";

  test("after a function that is verified by itself, by kernels that follow it there", () => {
    const text = `${POP}${program(`pop(skb); return eth->h_proto;
//               ^^^^^^^^^^^^ pop() may change the packet, and eth->h_proto is from before: the verifier refuses the program`)}`;
    checkRule(stalePacketPointer, text);
    checkRule(stalePacketPointer, text, { target: "6.18" });
    checkNoFindings(stalePacketPointer, text, { target: "6.6" });
  });

  test("in a function of the file", () => {
    const text = `static __always_inline void change(struct __sk_buff *skb) { bpf_skb_vlan_pop(skb); }
${program(`change(skb); return eth->h_proto;
//                  ^^^^^^^^^^^^ bpf_skb_vlan_pop() may change the packet, and eth->h_proto is from before: the verifier refuses the program`)}`;
    checkRule(stalePacketPointer, text, { target: "5.4" });
  });
});
