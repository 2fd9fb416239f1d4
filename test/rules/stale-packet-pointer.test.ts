import { describe, expect, test } from "vitest";
import { stalePacketPointer } from "../../server/src/analysis/rules/stale-packet-pointer.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

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

  describe("slices of a dynptr of the packet", () => {
    const slice = (use: string, from = "bpf_dynptr_from_skb(skb, 0, &p)"): string => `
extern int bpf_dynptr_from_skb(struct __sk_buff *s, u64 flags, struct bpf_dynptr *ptr__uninit) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *p, u32 offset, void *buffer__opt, u32 buffer__szk) __ksym;
extern int bpf_dynptr_clone(const struct bpf_dynptr *p, struct bpf_dynptr *clone__uninit) __ksym;
char room[64];
SEC("tc")
int f(struct __sk_buff *skb)
{
    struct bpf_dynptr p, q;
    struct ethhdr *eth;
    ${from};
    bpf_dynptr_clone(&p, &q);
    eth = bpf_dynptr_slice(&q, 0, NULL, sizeof(*eth));
    if (!eth)
        return 0;
    ${use}
    return 0;
}`;

    test("are from before, too", () => {
      checkRule(
        stalePacketPointer,
        slice(`bpf_skb_pull_data(skb, 0); return eth->h_proto;
//                                    ^^^^^^^^^^^^ bpf_skb_pull_data() may change the packet, and eth->h_proto is from before: the verifier refuses the program`),
      );
      checkRule(
        stalePacketPointer,
        slice(`bpf_dynptr_write(&p, 0, room, 4, 0); return eth->h_proto;
//                                              ^^^^^^^^^^^^ bpf_dynptr_write() may change the packet, and eth->h_proto is from before: the verifier refuses the program`),
      );
    });

    test("are not where the dynptr is of other memory, or the slice from afterwards", () => {
      const other = "bpf_dynptr_from_mem(room, 64, 0, &p)";
      checkNoFindings(stalePacketPointer, slice("bpf_skb_pull_data(skb, 0); return eth->h_proto;", other));
      checkNoFindings(
        stalePacketPointer,
        slice(
          "bpf_skb_pull_data(skb, 0); eth = bpf_dynptr_slice(&q, 0, NULL, sizeof(*eth)); if (eth) return eth->h_proto;",
        ),
      );
    });
  });
});

describe("read again", () => {
  const file = (body: string, head = "") => `SEC("tc")
int f(struct __sk_buff *skb)
{
	void *data_end = (void *)(long)skb->data_end;
	void *data = (void *)(long)skb->data;
	struct ethhdr *eth = (struct ethhdr *)data;
${head}
	if ((void *)(eth + 1) > data_end) {
		return 1;
	}
${body}
	return eth->h_proto;
}
`;

  test("as the file reads and compares, behind the call", () => {
    checkFix(
      stalePacketPointer,
      file("	if (skb->len > 34) {\n		bpf_skb_pull_data(skb,\n			34);\n	}"),
      file(`	if (skb->len > 34) {
		bpf_skb_pull_data(skb,
			34);
		data = (void *)(long)skb->data;
		data_end = (void *)(long)skb->data_end;
		eth = (struct ethhdr *)data;
		if ((void *)(eth + 1) > data_end)
			return 1;
	}`),
    );
  });

  test("not where it is not plain what is to be done again", () => {
    const pull = "	bpf_skb_pull_data(skb, 34);";
    const fixesOf = (text: string) => findingsIn(text, [stalePacketPointer]).map(({ fixes = [] }) => fixes.length);
    expect(fixesOf(file(pull))).toEqual([1]);
    // Another pointer into the packet, another comparison, a pointer that has moved, a result that is asked about.
    expect(fixesOf(file(pull, "	struct iphdr *ip = data + 14;"))).toEqual([0]);
    expect(fixesOf(file(pull, "	if (data + 34 > data_end)\n		return 0;"))).toEqual([0]);
    expect(fixesOf(file(`	eth = data;\n${pull}`))).toEqual([0]);
    expect(fixesOf(file("	if (bpf_skb_pull_data(skb, 34))\n		return 0;"))).toEqual([0]);
    expect(fixesOf(file("	if (skb->len > 34)\n		bpf_skb_pull_data(skb, 34);"))).toEqual([0]);
  });
});
