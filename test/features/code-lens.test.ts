import { expect, test } from "vitest";
import { lensesOf } from "../support/check.ts";

const FILE = `struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, long); } counts SEC(".maps");
struct event { char text[60]; };

static void count(int key)
{
	long *hit = bpf_map_lookup_elem(&counts, &key);
	if (hit)
		__sync_fetch_and_add(hit, 1);
}

SEC("tc")
int classify(struct __sk_buff *skb)
{
	struct event event = {};
	int key = skb->len;

	bpf_skb_load_bytes(skb, 0, &event, sizeof(event));
	bpf_map_delete_elem(&counts, &key);
	count(key);
	return 0;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return 2;
}
`;

test("what a program is, what it uses itself and by what it calls, and its stack", () => {
  expect(lensesOf(FILE)).toEqual([
    "11: sched_cls",
    "11: 1 map → &counts &counts",
    "11: 3 helpers → bpf_map_lookup_elem bpf_skb_load_bytes bpf_map_delete_elem",
    expect.stringMatching(/^11: ≈ (?:72|80) of 512 bytes of stack → event key/),
    "11: from Linux 4.5",
    "23: xdp",
    "23: from Linux 4.8",
  ]);
});

test("a file of a hundred programs has a minimum for each", () => {
  const one = (n: number) => `SEC("xdp") int p${n}(struct xdp_md *ctx) { return bpf_xdp_get_buff_len(ctx); }\n`;
  const many = Array.from({ length: 100 }, (_, n) => one(n)).join("");
  expect(lensesOf(many).filter((lens) => lens.endsWith(": from Linux 5.18"))).toHaveLength(100);
});

test("a section that no loader knows has no type, and an unknown size no stack", () => {
  const file = 'SEC("nobody/knows")\nint f(void *ctx)\n{\n\tstruct unknown x;\n\treturn bpf_probe_read(&x, 4, 0);\n}';
  expect(lensesOf(file)).toEqual(["1: 1 helper → bpf_probe_read"]);
});

test("arrays that are as long as what they begin with, as clang counts them", () => {
  const stackOf = (body: string) =>
    lensesOf(`SEC("kprobe/x")\nint f(void *ctx)\n{\n\t${body}\n\treturn 0;\n}\n`).filter((lens) => lens.includes("≈"));
  expect(stackOf('char fmt[] = "hello " "wo\\x41rld %d\\n"; bpf_trace_printk(fmt, sizeof(fmt), 3);')).toEqual([
    "1: ≈ 24 of 512 bytes of stack → fmt",
  ]);
  expect(stackOf("int keys[] = { 1, f(2, 3), (4, 5), };")).toEqual(["1: ≈ 16 of 512 bytes of stack → keys"]);
  expect(stackOf("short keys[][2] = { {1, 2}, {3, 4}, {5, 6} };")).toEqual(["1: ≈ 16 of 512 bytes of stack → keys"]);
  // Nobody counts these.
  expect(stackOf("int keys[] = { [9] = 3 }; char other[64];")).toEqual([]);
  expect(stackOf("char text[] = TEXT; char other[64];")).toEqual([]);
});
