import { expect, test } from "vitest";
import { sizeNotConstant } from "../../server/src/analysis/rules/size-not-constant.ts";
import { findingsIn } from "../support/check.ts";

const reserve = (size: string, before = "") => `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");
struct event { int a; };
const volatile __u32 wanted;

SEC("tc")
int f(struct __sk_buff *skb)
{
	__u32 len = skb->len;
	${before}
	char *event = bpf_ringbuf_reserve(&events, ${size}, 0);

	if (event)
		bpf_ringbuf_submit(event, 0);
	return 0;
}
`;
const told = (size: string, before?: string) =>
  findingsIn(reserve(size, before), [sizeNotConstant]).map(({ message }) => message);

test("numbers from outside, bounded or not", () => {
  for (const [size, name] of [
    ["len", "len"],
    ["skb->len", "skb->len"],
    ["(len & 63) + 8", "the size"],
  ] as const)
    expect(told(size)).toEqual([
      `${name} is no constant, and bpf_ringbuf_reserve() wants one there: the verifier refuses the program`,
    ]);
});

test("silent about what is a constant in the end, or what the verifier may know", () => {
  expect(told("sizeof(struct event)")).toEqual([]);
  expect(told("sizeof(struct event) + 8")).toEqual([]);
  expect(told("len", "if (len != 64) return 0;")).toEqual([]);
  expect(told("len", "len = skb->mark ? 8 : 16;")).toEqual([]);
  expect(told("size", "__u32 size = 64;")).toEqual([]);
  expect(told("wanted")).toEqual([]);
});
