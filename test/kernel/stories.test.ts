/** How refusals came about, as told from what the kernel of this machine prints of programs of ours; and what lines cost. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { buildObject } from "../../server/src/toolchain/build.ts";
import { type Verified, verifyObject } from "../../server/src/toolchain/verify.ts";
import { workIn } from "../support/tools.ts";
import { kernels, whyNot } from "./refusals-kernels.ts";

const PRELUDE = `
typedef unsigned int u32; typedef unsigned long long u64; typedef unsigned char u8;
#define SEC(n) __attribute__((section(n), used))
#define __uint(name, val) int (*name)[val]
#define __type(name, val) typeof(val) *name
static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *) 1;
static long (*bpf_probe_read_kernel)(void *dst, u32 size, const void *p) = (void *) 113;
static u32 (*bpf_get_prandom_u32)(void) = (void *) 7;
static void *(*bpf_ringbuf_reserve)(void *rb, u64 size, u64 flags) = (void *) 131;
static void (*bpf_ringbuf_submit)(void *data, u64 flags) = (void *) 132;
struct xdp_md { u32 data; u32 data_end; u32 data_meta; u32 i; u32 r; u32 e; };
struct v { u64 n; int index; char name[16]; };
struct { __uint(type, 1); __uint(max_entries, 16); __type(key, u32); __type(value, struct v); } seen SEC(".maps");
struct { __uint(type, 27); __uint(max_entries, 65536); } rb SEC(".maps");
char LICENSE[] SEC("license") = "GPL";
`;

const LOOKUP = `	u32 key = 1;
	struct v *value = bpf_map_lookup_elem(&seen, &key);
	if (!value)
		return 1;
`;

/** Behind a line of the program what is to be told of it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "a test of half a value": `
SEC("xdp") int half(struct xdp_md *ctx)
{
${LOOKUP}
	u64 n = value->n; // here n is read from the value of the map seen
	if ((u32)n > 15) // here only its lower 32 bits are tested
		return 1;
	return value->name[n];
}`,
  "read anew": `
SEC("xdp") int again(struct xdp_md *ctx)
{
	u32 key = 1;
	volatile struct v *value = bpf_map_lookup_elem(&seen, &key);
	if (!value)
		return 1;
	if (value->n > 15) // what is tested here is not what is used: that is read anew
		return 1;
	return value->name[value->n]; // here the value is read from the value of the map seen
}`,
  "through the stack": `
SEC("xdp") int spilled(struct xdp_md *ctx)
{
${LOOKUP.replace("&key);", "&key); // here value gets the result of bpf_map_lookup_elem")}
	volatile u64 n = bpf_get_prandom_u32(); // here n gets the result of bpf_get_prandom_u32
	u64 m = n;
	if (m > 100) // from this test on it is known to be between 0 and 100
		return 1;
	n = m;
	bpf_get_prandom_u32();
	return value->name[n]; // here an amount between 0 and 100 is added to the pointer
}`,
  "handed to a function": `
static __attribute__((noinline)) int at(struct v *v, u64 i)
{
	return v->name[i]; // here an amount between 0 and 300 is added to the pointer
}
SEC("xdp") int argument(struct xdp_md *ctx)
{
${LOOKUP.replace("&key);", "&key); // here value gets the result of bpf_map_lookup_elem")}
	u64 index = bpf_get_prandom_u32(); // here index gets the result of bpf_get_prandom_u32
	if (index > 300) // from this test on it is known to be between 0 and 300
		return 1;
	return at(value, index); // here the function is called with the pointer as argument 1; here the function is called with the value as argument 2
}`,
  "given back by a function": `
static __attribute__((noinline)) u32 pick(struct v *v, u32 x)
{
	if (x > 100)
		return v->index; // here the value is read from the value of the map seen
	return 7;
}
SEC("xdp") int result(struct xdp_md *ctx)
{
${LOOKUP.replace("&key);", "&key); // here value gets the result of bpf_map_lookup_elem")}
	u32 index = pick(value, bpf_get_prandom_u32()); // here index gets what the function gives back
	return value->name[index]; // here an amount between 0 and 4294967295 is added to the pointer
}`,
  "a number with a sign": `
SEC("xdp") int size(struct xdp_md *ctx)
{
	char buf[16];
${LOOKUP}
	int len = value->index; // here len is read from the value of the map seen; here it is taken as a number with a sign: from here on it may be between -2147483648 and 2147483647
	if (len > 15) // from this test on it is known to be between -2147483648 and 15
		return 1;
	return bpf_probe_read_kernel(buf, len, value);
}`,
  "nothing left of a register": `
SEC("xdp") int gone(struct xdp_md *ctx)
{
	bpf_get_prandom_u32(); // after this call R3 holds nothing that may be used
	asm volatile("r0 = r3" ::: "r0");
	return 1;
}`,
  "not given back": `
SEC("tc") int leak(struct xdp_md *ctx)
{
	u64 *e = bpf_ringbuf_reserve(&rb, 8, 0); // here e gets what bpf_ringbuf_reserve hands out, which has to be given back
	if (!e)
		return 1;
	if (bpf_get_prandom_u32() > 10) // here the condition was true
		return 1;
	bpf_ringbuf_submit(e, 0);
	return 2;
}`,
  "part of a packet": `
SEC("xdp") int packet(struct xdp_md *ctx)
{
	u8 *end = (void *)(long)ctx->data_end;
	u8 *data = (void *)(long)ctx->data; // here data is read from the context
	if (data + 14 > end) // this test shows that the packet has 14 bytes
		return 1;
	return data[20];
}`,
};

const folder = mkdtempSync(join(tmpdir(), "hookpoint stories "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function verified(name: string, text: string, visits = false): Promise<Verified> {
  const path = join(folder, `${name}.bpf.c`);
  writeFileSync(path, PRELUDE + text);
  const work = workIn(folder);
  const { ok, output, plan } = await buildObject(path, work);
  if (!ok) throw new Error(output);
  const kernel = kernels.find((one) => one.name === "host");
  if (kernel === undefined) throw new Error("no kernel");
  return verifyObject(plan.object, await kernel.start(), { programs: [], visits }, work);
}

function skipped(ctx: { readonly skip: (why?: string) => void }): boolean {
  const reason = whyNot();
  if (reason === undefined) return false;
  if (process.env["CI"]) throw new Error(reason);
  ctx.skip(reason);
  return true;
}

for (const [name, text] of Object.entries(PROGRAMS))
  test(name, async (ctx) => {
    if (skipped(ctx)) return;
    const { programs } = await verified(name, text);
    const [answer] = programs[0]?.answers ?? [];
    const lines = (PRELUDE + text).split("\n");
    const expected = lines.flatMap((line, i) => {
      const words = /\/\/ (.*)$/.exec(line)?.[1];
      return words === undefined ? [] : [`${i + 1}: ${words}`];
    });
    const told = (answer?.story ?? []).map(({ place, text: words }) => `${place.line}: ${words}`);
    expect([...told].sort(), programs[0]?.log).toEqual([...expected].sort());
  });

test("what the lines cost is what the kernel counts", async (ctx) => {
  if (skipped(ctx)) return;
  const text = `
static __attribute__((noinline)) u32 called(u32 x)
{
	return x * 7;
}
SEC("xdp") int one(struct xdp_md *ctx)
{
	u32 sum = 0;
	for (int i = 0; i < 50; i++)
		sum += called(bpf_get_prandom_u32() + i);
	return sum & 1;
}
SEC("tc") int two(struct xdp_md *ctx)
{
	return called(bpf_get_prandom_u32()) & 1;
}`;
  const { programs, costs, ...rest } = await verified("costs", text, true);
  expect(programs.map(({ verdict }) => verdict)).toEqual(["accepted", "accepted"]);
  const processed = programs.reduce((sum, { stats }) => sum + (stats?.processed ?? 0), 0);
  expect(processed).toBeGreaterThan(200);
  expect(costs?.processed).toBe(processed);
  expect(costs?.lines.reduce((sum, one) => sum + one.processed, 0)).toBe(processed);
  expect(rest).not.toHaveProperty("withoutLines");
  const line = costs?.lines.find((one) => one.text === "return x * 7;");
  expect(line).toMatchObject({ visits: 50, functions: ["called"], programs: ["one", "two"] });
});
