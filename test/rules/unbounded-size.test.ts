import { expect, test } from "vitest";
import { unboundedSize } from "../../server/src/analysis/rules/unbounded-size.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const program = (code: string) => `char global[64];
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, char[32]);
} names SEC(".maps");

SEC("tc")
int f(struct __sk_buff *skb)
{
	char buf[64];
	__u32 key = 0, len = skb->len;
	int signed_len = skb->len;
	char *name = bpf_map_lookup_elem(&names, &key);

	if (!name)
		return 0;
	${code}
	return 0;
}
`;
const told = (code: string) =>
  findingsIn(program(code), [unboundedSize]).map(({ severity, message }) => `${severity}: ${message}`);
const silent = (code: string) => checkNoFindings(unboundedSize, program(code));

test("marks the size, and tells where it comes from", () => {
  checkRule(
    unboundedSize,
    `
SEC("tc")
int f(struct __sk_buff *skb)
{
	char buf[64];
	__u32 len = skb->len;

	bpf_probe_read_kernel(buf, len, skb);
//                          ^^^ nothing bounds len, a size for bpf_probe_read_kernel(): the verifier refuses the program
	return 0;
}
`,
  );
});

test("what is larger than the memory that it is for", () => {
  expect(told("bpf_probe_read_kernel(name, len & 63, skb);")).toEqual([
    "error: the size may be 63, and there are 32 bytes: the verifier refuses the program",
  ]);
  expect(told("bpf_probe_read_kernel(buf, len & 127, skb);")).toEqual([
    "warning: the size may be 127, and there are 64 bytes: the verifier refuses it, or other variables are used",
  ]);
  // Variables of the file lie one behind the other in one map.
  silent("bpf_probe_read_kernel(global, len & 127, skb);");
});

test("negative sizes", () => {
  const negative =
    "error: signed_len may be negative, and is a size for bpf_probe_read_kernel(): the verifier refuses the program";
  expect(told("if (signed_len > 64) signed_len = 64; bpf_probe_read_kernel(buf, signed_len, skb);")).toEqual([
    negative,
  ]);
  expect(told("if (signed_len > 64) return 0; bpf_probe_read_kernel(buf, signed_len, skb);")).toEqual([negative]);
  silent("if (signed_len < 0 || signed_len > 64) return 0; bpf_probe_read_kernel(buf, signed_len, skb);");
  // What sizeof gives has no sign, and takes it from what it is compared with.
  silent("if (signed_len > sizeof(buf)) return 0; bpf_probe_read_kernel(buf, signed_len, skb);");
  silent("if (signed_len > 64u) signed_len = 64; bpf_probe_read_kernel(buf, signed_len, skb);");
});

test("an empty size, where the helper takes none", () => {
  expect(told("bpf_skb_load_bytes(skb, 0, buf, len & 63);")).toEqual([
    "error: the size may be 0, and bpf_skb_load_bytes() takes no empty memory: the verifier refuses the program",
  ]);
  silent("len &= 63; if (len) bpf_skb_load_bytes(skb, 0, buf, len);");
  silent("bpf_skb_load_bytes(skb, 0, buf, (len & 31) + 1);");
  silent("bpf_probe_read_kernel(buf, len & 63, skb);");
});

test("silent once something bounds it", () => {
  for (const code of [
    "if (len > sizeof(buf)) len = sizeof(buf); bpf_probe_read_kernel(buf, len, skb);",
    "if (len <= 64) bpf_probe_read_kernel(buf, len, skb);",
    "len = len < 64 ? len : 64; bpf_probe_read_kernel(buf, len, skb);",
    "len %= 64; bpf_probe_read_kernel(buf, len, skb);",
    "bpf_probe_read_kernel(buf, len >> 26, skb);",
    "__u64 wide = len; if (wide > 64) return 0; bpf_probe_read_kernel(buf, wide, skb);",
    "__u64 wide = len; if (wide > 64) return 0; bpf_probe_read_kernel(buf, len, skb);",
    "switch (len) { case 1 ... 64: bpf_probe_read_kernel(buf, len, skb); }",
    "switch (len) { case 8: case 16: bpf_probe_read_kernel(buf, len, skb); }",
    "if (len - 1 > 62) return 0; bpf_probe_read_kernel(buf, len, skb);",
  ])
    silent(code);
});

test("silent where somebody may know more", () => {
  for (const code of [
    // Another number that bounds it.
    "if (len > key) return 0; bpf_probe_read_kernel(buf, len, skb);",
    "if ((len & ~63) == 0) bpf_probe_read_kernel(buf, len, skb);",
    'asm volatile("%0 &= 63" : "+r"(len)); bpf_probe_read_kernel(buf, len, skb);',
    "bpf_clamp_umax(len, 64); bpf_probe_read_kernel(buf, len, skb);",
    "bpf_probe_read_kernel(buf, round_up(len, 8), skb);",
    // On this way nobody asked, on the other somebody did: the two may exclude each other.
    "if (key || len < 64) bpf_probe_read_kernel(buf, len, skb);",
  ])
    silent(code);
});

test("silent about functions that the compiler may inline, and variables that only it sees", () => {
  checkNoFindings(
    unboundedSize,
    `int copy(char *to, __u32 len) { return bpf_probe_read_kernel(to, len, 0); }
static __u32 most;
const volatile __u32 limit;
char buf[64];
SEC("tc")
int f(struct __sk_buff *skb)
{
	bpf_probe_read_kernel(buf, most, skb);
	bpf_probe_read_kernel(buf, limit, skb);
	return 0;
}
`,
  );
});

test("what a helper says that it wrote, is no more than it was given", () => {
  const read = "long got = bpf_probe_read_kernel_str(buf, sizeof(buf), skb);";
  expect(told(`${read} bpf_probe_read_kernel(buf, got, skb);`)).toEqual([
    "error: got may be negative, and is a size for bpf_probe_read_kernel(): the verifier refuses the program",
  ]);
  silent(`${read} if (got > 0) bpf_probe_read_kernel(buf, got, skb);`);
  silent(`${read} if (got < 0) return 0; bpf_probe_read_kernel(buf, got, skb);`);
});

test("numbers of 64 bits, which may be negative with a sign", () => {
  const told = (code: string) =>
    findingsIn(
      `char path[256];
SEC("tp/syscalls/sys_enter_write")
int f(struct trace_event_raw_sys_enter *ctx)
{
	${code}
	return 0;
}
`,
      [unboundedSize],
    ).map(({ message }) => message.replace(/,? .*/, ""));
  expect(told("long n = ctx->args[2]; if (n > 256) n = 256; bpf_probe_read_user(path, n, ctx);")).toEqual(["n"]);
  expect(told("__u64 n = ctx->args[2]; if (n > 256) n = 256; bpf_probe_read_user(path, n, ctx);")).toEqual([]);
  expect(
    told("__s64 n = (__s32)bpf_get_prandom_u32(); if (n > 256) n = 256; bpf_probe_read_user(path, n, ctx);"),
  ).toEqual(["n"]);
  expect(told("__u32 n = bpf_get_prandom_u32() % 64 + 4; bpf_probe_read_user(path, n - 4, ctx);")).toEqual([]);
});

test("the lower half of a number, compared and handed over with the rest", () => {
  const half = (begin: string, use = "bpf_probe_read_user(path, n, (void *)ctx->args[1]);") =>
    findingsIn(
      `struct trace_event_raw_sys_enter { long a; long b; unsigned long args[6]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 65536); } events SEC(".maps");
char path[256];
SEC("tp/syscalls/sys_enter_write")
int f(struct trace_event_raw_sys_enter *ctx) { ${begin} ${use} return 0; }`,
      [unboundedSize],
    ).map(({ severity, message }) => `${severity}: ${message}`);
  const told =
    "warning: clang may compare the lower 32 bits of n, and give bpf_probe_read_user() all 64: the verifier refuses that";
  expect(half("__u32 n = ctx->args[2]; if (n > 256) return 0;")).toEqual([told]);
  expect(half("__u64 n = ctx->args[2]; if (n > 256) return 0;")).toEqual([]);
  expect(half("__u32 n = ctx->args[2]; n &= 255;")).toEqual([]);
  expect(half("__u64 all = ctx->args[2]; if (all > 256) return 0; __u32 n = all;")).toEqual([]);
  // This one takes a size of 64 bits, which clang must make of it.
  expect(
    half("__u32 n = ctx->args[2]; if (n > 256 || n == 0) return 0;", "bpf_ringbuf_output(&events, path, n, 0);"),
  ).toEqual([]);
});

test("a size and an offset of which only the sum was compared", () => {
  const read = (question: string) =>
    findingsIn(
      `struct trace_event_raw_sys_enter { long a; long b; unsigned long args[6]; };
struct event { char text[256]; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct event); } events SEC(".maps");
SEC("tp/syscalls/sys_enter_write")
int f(struct trace_event_raw_sys_enter *ctx)
{
	__u32 key = 0, at = ctx->args[0] & 255, n = ctx->args[2] & 255;
	struct event *event = bpf_map_lookup_elem(&events, &key);
	if (!event) return 0;
	${question}
	bpf_probe_read_user(&event->text[at], n, (void *)ctx->args[1]);
	return 0;
}`,
      [unboundedSize],
    ).map(({ message }) => message);
  const told = "n may be 255, and there is 1 byte where the pointer may lead: the verifier refuses the program";
  expect(read("if (at + n > 256) return 0;")).toEqual([told]);
  expect(read("if (at > 128) return 0; if (n > 128) return 0;")).toEqual([]);
  // What is compared with the other number says something of both.
  expect(read("if (n > 256 - at) return 0;")).toEqual([]);
});

test("what follows from a comparison of what is so much more or less", () => {
  const read = (question: string) =>
    findingsIn(
      `char text[64];
SEC("tc")
int f(struct __sk_buff *skb)
{
	__u32 n = skb->len & 63;
	int left = 64 - n;
	${question}
	return bpf_skb_load_bytes(skb, 0, text, n);
}`,
      [unboundedSize],
    ).map(({ message }) => message);
  expect(read("if (left < 0) return 0;")).toEqual([
    "n may be 0, and bpf_skb_load_bytes() takes no empty memory: the verifier refuses the program",
  ]);
  expect(read("if (left > 63) return 0;")).toEqual([]);
});
