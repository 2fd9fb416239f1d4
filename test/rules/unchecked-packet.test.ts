import { describe, expect, test } from "vitest";
import { uncheckedPacket } from "../../server/src/analysis/rules/unchecked-packet.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const READ =
  "void *data = (void *)(long)ctx->data; void *data_end = (void *)(long)ctx->data_end; struct ethhdr *eth = data;";

/** Programs with the packet and its first header in variables. */
const program = (body: string): string => `SEC("xdp") int f(struct xdp_md *ctx) { ${READ}\n${body}\n}`;
const silent = (body: string): void => checkNoFindings(uncheckedPacket, program(body));
const found = (body: string): void => checkRule(uncheckedPacket, program(body));

describe("compared in whatever way", () => {
  test("with a sum, a structure, the end first, negated", () => {
    silent("if (data + 14 > data_end) return 1; return eth->h_proto;");
    silent("if (data + sizeof(*eth) > data_end) return 1; return eth->h_proto;");
    silent("if (data + sizeof(struct ethhdr) > data_end) return 1; return eth->h_proto;");
    silent("if (eth + 1 > (struct ethhdr *)data_end) return 1; return eth->h_proto;");
    silent("if (data_end < (void *)(eth + 1)) return 1; return eth->h_proto;");
    silent("if ((void *)(eth + 1) <= data_end) return eth->h_proto; return 1;");
    silent("if (!((void *)(eth + 1) <= data_end)) return 1; return eth->h_proto;");
    silent("if (data_end >= (void *)&eth[1]) return eth->h_proto; return 1;");
    silent("if ((void *)eth + 13 >= data_end) return 1; return eth->h_proto;");
    silent("if ((unsigned long)data + 14 > (unsigned long)data_end) return 1; return eth->h_proto;");
  });

  test("with other conditions, and where nothing is used", () => {
    silent("return (void *)(eth + 1) <= data_end && eth->h_proto == 8;");
    silent("if ((void *)(eth + 1) > data_end || eth->h_proto != 8) return 1; return eth->h_dest[0];");
    silent("if (likely(data + 14 <= data_end)) return eth->h_proto; return 1;");
    silent("int room = data_end - data; return room < 14;");
    silent("__u8 *to = &eth->h_dest[2]; return (void *)to == data_end;");
  });

  test("without variables for the packet", () => {
    checkNoFindings(
      uncheckedPacket,
      `SEC("tc") int f(struct __sk_buff *skb) {
	__u8 *at = (void *)(long)skb->data;
	if (at + 1 > (__u8 *)(long)skb->data_end) return 0;
	return *at;
}`,
    );
  });

  test("by a function, with a cursor, in a structure", () => {
    const cursor = `struct cursor { void *pos; };
static __always_inline int ethernet(struct cursor *nh, void *data_end, struct ethhdr **to) {
	struct ethhdr *eth = nh->pos;
	if (nh->pos + sizeof(*eth) > data_end) return -1;
	nh->pos += sizeof(*eth);
	*to = eth;
	return eth->h_proto;
}
`;
    const uses = "struct ethhdr *first; if (ethernet(&nh, data_end, &first) < 0) return 1; return first->h_dest[0];";
    checkNoFindings(uncheckedPacket, `${cursor}${program(`struct cursor nh = { .pos = data }; ${uses}`)}`);
    checkNoFindings(uncheckedPacket, `${cursor}${program(`struct cursor nh; nh.pos = data; ${uses}`)}`);
    checkNoFindings(
      uncheckedPacket,
      `static __always_inline bool has(void *at, void *end, __u64 size) { return at + size <= end; }
${program("if (!has(data, data_end, 14)) return 1; return eth->h_proto;")}`,
    );
  });

  test("after a number was added", () => {
    const ip = "if (data + 34 > data_end) return 1; struct iphdr *ip = data + 14;";
    silent(
      `${ip} struct tcphdr *tcp = (void *)ip + ip->ihl * 4; if ((void *)(tcp + 1) > data_end) return 1; return tcp->dest;`,
    );
    silent(
      `${ip} int size = ip->ihl * 4; if (data + 14 + size + 4 > data_end) return 1; return *(__u16 *)(data + size + 14 + 2);`,
    );
    silent(
      `${ip} if ((void *)ip + (ip->ihl << 2) + 20 > data_end) return 1; struct tcphdr *t = (void *)ip + ip->ihl * 4; return t->dest;`,
    );
  });

  test("in a loop", () => {
    silent(
      "__u8 *at = data; for (int i = 0; i < 6; i++) { if ((void *)(at + 1) > data_end) return 1; if (*at) return 2; at++; } return 0;",
    );
    silent(
      "for (int i = 0; i < 100; i++) { if (data + i + 1 > data_end) return 1; if (*(__u8 *)(data + i)) return 2; } return 0;",
    );
  });

  test("the metadata with the packet", () => {
    silent("__u32 *meta = (void *)(long)ctx->data_meta; if ((void *)(meta + 1) > data) return 1; return *meta;");
  });
});

describe("who knows what an unknown function does", () => {
  test("it is given the pointer, the end, or the context", () => {
    silent("if (parse(data, data_end) < 0) return 1; return eth->h_proto;");
    silent("if (!fits(eth)) return 1; return eth->h_proto;");
    silent("if (!pull(ctx, 14)) return 1; return eth->h_proto;");
  });

  test("a structure of which nothing is known", () => {
    silent("struct strange *s = data; if ((void *)(s + 1) > data_end) return 1; return s->field;");
    silent("if (data + sizeof(struct strange) > data_end) return 1; return eth->h_proto;");
  });
});

describe("found", () => {
  test("nothing was compared", () => {
    found(`return eth->h_proto;
//     ^^^^^^^^^^^^ no comparison with the packet's end is before eth->h_proto: the verifier refuses the program`);
    found(`  eth->h_dest[0] = 1; return 0;
//^^^^^^^^^^^^^^ no comparison with the packet's end is before eth->h_dest[0]: the verifier refuses the program`);
    found(`__builtin_memcpy(eth->h_dest, eth->h_source, 6); return 0;
//               ^^^^^^^^^^^ no comparison with the packet's end is before eth->h_dest: the verifier refuses the program`);
  });

  test("only a length was compared, or the other way round", () => {
    found(`if (data_end - data < 14) return 1; return eth->h_proto;
//                                         ^^^^^^^^^^^^ no comparison with the packet's end is before eth->h_proto: the verifier refuses the program`);
    found(`if (data + 14 < data_end) return 1; return eth->h_proto;
//                                         ^^^^^^^^^^^^ no comparison with the packet's end is before eth->h_proto: the verifier refuses the program`);
  });

  test("after a number was added", () => {
    found(`if (data + 34 > data_end) return 1; struct iphdr *ip = data + 14; struct tcphdr *tcp = (void *)ip + ip->ihl * 4; return tcp->dest;
//                                                                                                                      ^^^^^^^^^ the pointer was moved and not compared since, before tcp->dest: the verifier refuses the program`);
  });

  test("the end itself", () => {
    found(`return *(__u8 *)data_end;
//     ^^^^^^^^^^^^^^^^^ the end of the packet is used, where no byte of it is any more: the verifier refuses the program`);
  });

  test("in a function of the file, where it stands", () => {
    checkRule(
      uncheckedPacket,
      `static __always_inline int proto(struct ethhdr *eth) { return eth->h_proto; }
//                                                            ^^^^^^^^^^^^ no comparison with the packet's end is before eth->h_proto: the verifier refuses the program
${program("return proto(eth);")}`,
    );
  });
});

describe("the fix", () => {
  test("leaves as the function does, in the style of the file", () => {
    checkFix(
      uncheckedPacket,
      `SEC("tc") int f(struct __sk_buff *skb)
{
	void *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = (void *)(long)skb->data;

	if(skb->len < 20) {
		return 0;
	}
	return eth->h_proto;
}`,
      `SEC("tc") int f(struct __sk_buff *skb)
{
	void *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = (void *)(long)skb->data;

	if((void *)(eth + 1) > end) {
		return 0;
	}
	if(skb->len < 20) {
		return 0;
	}
	return eth->h_proto;
}`,
    );
  });

  test("there is none where the end has no name yet", () => {
    const text = `SEC("tc") int f(struct __sk_buff *skb)
{
	struct ethhdr *eth = (void *)(long)skb->data;

	if (eth->h_proto == 8)
		return 0;
	void *end = (void *)(long)skb->data_end;
	return (void *)eth == end;
}`;
    checkFix(uncheckedPacket, text, text);
  });
});

test("half a pointer with something added to it shows nothing", () => {
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
      [uncheckedPacket],
    ).map(({ message }) => message);

  const half = (type: string) =>
    told(
      `${type} from = ctx->data, to = ctx->data_end; if (from + 14 > to) return 0; return *(__u8 *)(void *)(long)from;`,
    );
  expect(half("__u32")).toHaveLength(1);
  expect(half("long")).toEqual([]);
  expect(half("__u64")).toEqual([]);
});
