import { describe, expect, test } from "vitest";
import { shortPacketCheck } from "../../server/src/analysis/rules/short-packet-check.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const READ =
  "void *data = (void *)(long)ctx->data; void *data_end = (void *)(long)ctx->data_end; struct ethhdr *eth = data;";
const program = (body: string): string => `SEC("xdp") int f(struct xdp_md *ctx) { ${READ}\n${body}\n}`;
const silent = (body: string): void => checkNoFindings(shortPacketCheck, program(body));
const found = (body: string): void => checkRule(shortPacketCheck, program(body));

describe("enough", () => {
  test("exactly, and more than that", () => {
    silent("if (data + 14 > data_end) return 1; return eth->h_proto;");
    silent("if (data + 54 > data_end) return 1; struct iphdr *ip = data + 14; return ip->daddr;");
    silent("if (data + 12 > data_end) return 1; return eth->h_source[5];");
  });

  test("by a second comparison", () => {
    silent(
      "if (data + 14 > data_end) return 1; struct iphdr *ip = data + 14; if ((void *)(ip + 1) > data_end) return 1; return ip->daddr;",
    );
    silent("if (data + 34 > data_end) return 1; if (data + 14 > data_end) return 1; return *(__u8 *)(data + 33);");
  });

  test("for a helper that looks at so many", () => {
    silent("if (data + 34 > data_end) return 1; return bpf_csum_diff(0, 0, data + 14, 20, 0);");
    silent("if (data + 34 > data_end) return 1; return bpf_csum_diff(0, 0, data + 14, ctx->rx_queue_index, 0);");
    silent("if (data + 45 > data_end) return 1; return bpf_csum_diff(0, 0, data + 14, ctx->rx_queue_index & 0x1f, 0);");
  });

  test("a type of the file's own", () => {
    checkNoFindings(
      shortPacketCheck,
      `struct ethhdr { __u8 kind; __u8 more; };\n${program("if (eth + 1 > data_end) return 1; return eth->more;")}`,
    );
  });
});

describe("too few", () => {
  test("by one byte, by a whole header", () => {
    found(`if (data + 13 > data_end) return 1; return eth->h_proto;
//                                         ^^^^^^^^^^^^ eth->h_proto needs 14 bytes and the packet is only known to have 13: the verifier refuses the program`);
    found(`if (eth + 1 > data_end) return 1; struct iphdr *ip = data + 14; return ip->daddr;
//                                                                     ^^^^^^^^^ ip->daddr needs 34 bytes and the packet is only known to have 14: the verifier refuses the program`);
  });

  test("in a loop that goes one too far", () => {
    found(`__u8 *at = data; for (int i = 0; i < 8; i++) { if (at + i > data_end) return 1; if (at[i]) return 2; } return 0;
//                                                                                  ^^^^^ at[i] needs 1 byte and the packet is only known to have 0: the verifier refuses the program`);
  });

  test("for a helper, by the most that a mask lets pass", () => {
    found(`if (data + 34 > data_end) return 1; return bpf_csum_diff(0, 0, data + 14, 24, 0);
//                                                             ^^^^^^^^^ data + 14 needs 38 bytes and the packet is only known to have 34: the verifier refuses the program`);
    found(`if (data + 34 > data_end) return 1; return bpf_csum_diff(0, 0, data + 14, ctx->rx_queue_index & 0x3f, 0);
//                                                             ^^^^^^^^^ data + 14 needs 77 bytes and the packet is only known to have 34: the verifier refuses the program`);
  });

  test("behind a number that was added", () => {
    found(`if (data + 34 > data_end) return 1; struct iphdr *ip = data + 14; struct tcphdr *tcp = (void *)ip + ip->ihl * 4; if ((void *)tcp + 8 > data_end) return 1; return tcp->window;
//                                                                                                                                                                ^^^^^^^^^^^ tcp->window needs 30 bytes and the packet is only known to have 22: the verifier refuses the program`);
  });
});

test("a helper's size that varies, and was only added to the pointer", () => {
  const told = (body: string) =>
    findingsIn(
      `struct tcphdr { __u16 ports[2]; __u32 seq, ack; __u16 res : 4, doff : 4, flags : 8; __u16 window, check, urgent; };
struct __attribute__((packed)) start { __u8 length; __u8 data[3]; };
struct kept { __u16 at; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct kept); } keep SEC(".maps");
SEC("xdp")
int f(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	${body}
	return XDP_PASS;
}`,
      [shortPacketCheck],
    ).map(({ message }) => message);

  const tcp =
    "struct tcphdr *tcp = data; if (tcp + 1 > end) return 0; __u32 n = tcp->doff * 4; if (n < sizeof(*tcp)) return 0;";
  const sum = "if (bpf_csum_diff(0, 0, data, n, 0)) return 1;";
  const added = "if (data + n > end) return 0;";
  expect(told(`${tcp} ${added} ${sum}`)).toEqual([
    "bpf_csum_diff() may read more than the 20 bytes that are shown: adding the size to the pointer shows nothing, the verifier refuses the program",
  ]);
  expect(told(`${tcp} if (data + 60 > end) return 0; ${added} ${sum}`)).toEqual([]);
  expect(told(`${tcp} n = 20; ${added} ${sum}`)).toEqual([]);
  expect(told(`struct start *s = data; if (data + 255 > end) return 0; __u32 n = s->length; ${added} ${sum}`)).toEqual(
    [],
  );
});
