import { describe, expect, test } from "vitest";
import { unboundedPacketOffset } from "../../server/src/analysis/rules/unbounded-packet-offset.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const READ =
  "void *data = (void *)(long)ctx->data; void *data_end = (void *)(long)ctx->data_end; __u32 off = ctx->rx_queue_index;";
const program = (body: string): string => `SEC("xdp") int f(struct xdp_md *ctx) { ${READ}\n${body}\n}`;
const silent = (body: string): void => checkNoFindings(unboundedPacketOffset, program(body));
const found = (body: string): void => checkRule(unboundedPacketOffset, program(body));

const USE = "if (data + off + 1 > data_end) return 1; return *(__u8 *)(data + off);";

describe("a number with a bound", () => {
  test("masked, compared, of a small type", () => {
    silent(`off &= 0xfff; ${USE}`);
    silent(`if (off > 1500) return 1; ${USE}`);
    silent(`if (off >= ctx->ingress_ifindex) return 1; ${USE}`);
    silent("__u8 small = off; if (data + small + 1 > data_end) return 1; return *(__u8 *)(data + small);");
  });

  test("not used afterwards", () => {
    silent("if (data + off + 1 > data_end) return 1; return 2;");
    silent("if (data + 14 > data_end) return 1; if (data + off > data_end) return 2; return *(__u8 *)data;");
  });
});

test("a 32-bit number that may be anything", () => {
  found(`if (data + off + 1 > data_end) return 1; return *(__u8 *)(data + off);
//                                              ^^^^^^^^^^^^^^^^^^^^^ the pointer may lead beyond 65535 bytes, so no comparison counts before *(__u8 *)(data + off): the verifier refuses the program`);
});

test("a 64-bit one, and a constant", () => {
  found(`if (data + 8 > data_end) return 1; long far = *(long *)data; return data + far > data_end;
//                                                                  ^^^^^^^^^^ a 64-bit number that may be anything is added to a pointer into the packet: the verifier refuses the program`);
  found(`return data + (1UL << 30) > data_end;
//     ^^^^^^^^^^^^^^^^^^ 1073741824, which is more than 2^29, is added to a pointer into the packet: the verifier refuses the program`);
});

test("numbers of 16 bits in maps, and what is shifted out", () => {
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
      [unboundedPacketOffset],
    ).map(({ message }) => message);

  const kept = "__u32 key = 0; struct kept *k = bpf_map_lookup_elem(&keep, &key); if (!k) return 0; char *p = data;";
  expect(told(`${kept} if (p + k->at + 1 > end) return 0; return p[k->at];`)).toHaveLength(1);
  expect(told(`${kept} if (k->at > 1000) return 0; if (p + k->at + 1 > end) return 0; return p[k->at];`)).toEqual([]);
  expect(told("void *p = data + ((__u64)bpf_get_prandom_u32() << 32);")).toEqual([
    "a 64-bit number that may be anything is added to a pointer into the packet: the verifier refuses the program",
  ]);
  expect(told("void *p = data + ((__u64)bpf_get_prandom_u32() >> 20);")).toEqual([]);
});
