/** Loaders of programs that no template has: each way to attach, and each way to print, seen at work. */

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, type TestContext, test } from "vitest";
import { needTool } from "../support/tools.ts";
import { madeLoader } from "./made-loader.ts";
import { type LoaderRun, runLoader, withCgroup } from "./run-loader.ts";
import { whyNotHere } from "./toolbox.mjs";

const folder = mkdtempSync(join(tmpdir(), "hookpoint parts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_tracing.h>\n";
const TAIL = '\nchar LICENSE[] SEC("license") = "GPL";\n';

interface Case {
  /** By name; those that end in `.bpf.c` become one object, the first gives the name. */
  readonly files: Readonly<Record<string, string>>;
  readonly args?: (group: string, own: string) => readonly string[];
  /** What must be printed once something was provoked. */
  readonly prints?: RegExp;
}

async function ran(ctx: TestContext, name: string, { files, args = () => [], prints }: Case): Promise<LoaderRun> {
  const why = whyNotHere();
  if (why !== undefined) return ctx.skip(why);
  needTool("clang-19", ctx);
  const own = join(folder, name);
  mkdirSync(own);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(own, file), text);
  const sources = Object.keys(files).filter((file) => file.endsWith(".bpf.c"));
  const { program } = await madeLoader(
    sources.map((file) => join(own, file)),
    "clang-19",
  );
  const result = await withCgroup(`hookpoint-${process.pid}-${name.replace(/\W/g, "-")}`, (group) =>
    runLoader(program, args(group, own), group, (stdout) => prints === undefined || prints.test(stdout)),
  );
  expect([result.code, result.stderr.replace(/^.* runs, and Ctrl-C ends it\..*\n/, ""), result.left]).toEqual([
    0,
    "",
    [],
  ]);
  if (prints !== undefined) expect(result.stdout).toMatch(prints);
  return result;
}

test.concurrent("records are printed by the structures of a header for both, and by size where there are two", async (ctx) => {
  const header = `#ifndef EVENTS_H
#define EVENTS_H
#include <linux/types.h>
#define NAME 16
struct place { __s32 dir; __u8 mac[6]; };
struct opened { __u64 when; __u32 pid; char comm[NAME]; struct place at; __u16 ports[3]; _Bool ok; unsigned int low : 3, high : 5; };
struct short_one { __u32 pid; };
#endif
`;
  const source = `${HEAD}#include "events.h"
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} raw SEC(".maps");

const volatile __u32 wanted = 0;
const volatile _Bool quiet = 0;
const volatile char label[8] = "";

static void fill(struct opened *e)
{
	e->when = bpf_ktime_get_ns();
	e->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	e->at.dir = -wanted;
	e->at.mac[0] = 0xab;
	e->at.mac[5] = 0x01;
	e->ports[1] = 443;
	e->ok = quiet;
	e->low = 5;
	e->high = label[0] == 'x' ? 9 : 0;
}

SEC("tp/syscalls/sys_enter_execve")
int on_exec(void *ctx)
{
	struct short_one one = {};
	struct opened *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e)
		return 0;
	__builtin_memset(e, 0, sizeof(*e));
	fill(e);
	bpf_ringbuf_submit(e, 0);
	one.pid = 7;
	bpf_ringbuf_output(&events, &one, sizeof(one), 0);
	bpf_ringbuf_output(&raw, "\\x01\\x02", 2, 0);
	return 0;
}
${TAIL}`;
  const { stdout } = await ran(ctx, "records", {
    files: { "exec watch.bpf.c": source, "events.h": header },
    args: () => ["--wanted", "42", "--quiet", "--label", "xy", "--entries", "raw=8192"],
    prints: /^raw 0102$/m,
  });
  expect(stdout).toMatch(
    /^events when=\d+ pid=\d+ comm=\S+ at=\{dir=-42 mac=ab0000000001\} ports=\[0 443 0\] ok=yes low=5 high=9$/m,
  );
  expect(stdout).toMatch(/^events pid=7$/m);
});

test.concurrent("structures that stand in the source are written again, and maps are printed and summed", async (ctx) => {
  const source = `${HEAD}
typedef struct { __u32 kind; __u8 more[4]; } key_of;
struct sums { __u64 count; __u32 halves[2]; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16); __type(key, key_of); __type(value, struct sums); } by_kind SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_HASH); __uint(max_entries, 16); __type(key, __u32); __type(value, struct sums); } on_cpus SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 3); __type(key, __u32); __type(value, __u32); } narrow SEC(".maps");

SEC("raw_tp/sys_enter")
int on_call(void *ctx)
{
	key_of key = { .kind = 3, .more = { 1, 2, 3, 4 } };
	struct sums fixed = { .count = 1, .halves = { 2, 3 } };
	__u32 zero = 0, two = 2, *slot;

	bpf_map_update_elem(&by_kind, &key, &fixed, BPF_ANY);
	bpf_map_update_elem(&on_cpus, &two, &fixed, BPF_ANY);
	slot = bpf_map_lookup_elem(&narrow, &two);
	if (slot)
		*slot = 1;
	slot = bpf_map_lookup_elem(&narrow, &zero);
	if (slot)
		*slot = 0;
	return 0;
}
${TAIL}`;
  const { stdout } = await ran(ctx, "maps", { files: { "maps.bpf.c": source } });
  expect(stdout).toMatch(/^by_kind\[kind=3 more=01020304\] count=1 halves=\[2 3\]$/m);
  expect(stdout).toMatch(/^on_cpus\[2\] count=\d+ halves=\[\d+ \d+\]$/m);
  expect(stdout).toMatch(/^narrow\[2\] \d+$/m);
  expect(stdout).not.toMatch(/^narrow\[[01]\]/m);
});

test.concurrent("two sources become one object, with the programs and maps of both", async (ctx) => {
  const first = `${HEAD}extern int counted;
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } calls SEC(".maps");
SEC("raw_tp/sys_enter")
int on_enter(void *ctx)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&calls, &zero);

	if (n)
		*n = ++counted;
	return 0;
}
${TAIL}`;
  const second = `${HEAD}int counted;
SEC("raw_tp/sys_exit")
int on_exit(void *ctx) { counted++; return 0; }
${TAIL}`;
  const { stdout, loaded } = await ran(ctx, "two", { files: { "a.bpf.c": first, "b.bpf.c": second } });
  expect(stdout).toMatch(/^calls\[0\] \d+$/m);
  expect(loaded).toHaveLength(2);
});

test.concurrent("traffic control leaves neither filters nor a queue behind", async (ctx) => {
  const source = `${HEAD}
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 2); __type(key, __u32); __type(value, __u64); } packets SEC(".maps");
static int count(__u32 way) { __u64 *n = bpf_map_lookup_elem(&packets, &way); if (n) __sync_fetch_and_add(n, 1); return 0; }
SEC("tc/ingress") int on_in(struct __sk_buff *skb) { return count(0); }
SEC("tc/egress") int on_out(struct __sk_buff *skb) { return count(1); }
${TAIL}`;
  const { stdout, loaded, after } = await ran(ctx, "tc", {
    files: { "tc.bpf.c": source },
    args: () => ["--interface", "lo"],
  });
  expect(stdout).toMatch(/^packets\[0\] \d+$/m);
  expect(stdout).toMatch(/^packets\[1\] \d+$/m);
  expect(loaded).toHaveLength(2);
  expect(after).toContain("qdisc noqueue");
  expect(after).not.toContain("clsact");
});

test.concurrent("an interface has no XDP program when its loader has ended", async (ctx) => {
  const source = `${HEAD}SEC("xdp") int pass(struct xdp_md *ctx) { return XDP_PASS; }${TAIL}`;
  const { loaded, after } = await ran(ctx, "xdp", { files: { "x.bpf.c": source }, args: () => ["-i", "lo"] });
  expect(loaded).toHaveLength(1);
  expect(after).toContain("LOOPBACK");
  expect(after).not.toContain("prog/xdp");
});

test.concurrent("programs on sockets: of a map, of a filter, of a flow", async (ctx) => {
  const source = `${HEAD}
struct { __uint(type, BPF_MAP_TYPE_SOCKHASH); __uint(max_entries, 8); __type(key, __u64); __type(value, __u64); } sockets SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } seen SEC(".maps");
SEC("sk_msg") int on_message(struct sk_msg_md *msg) { return SK_PASS; }
SEC("sk_skb/stream_verdict") int on_stream(struct __sk_buff *skb) { return SK_PASS; }
SEC("flow_dissector") int on_flow(struct __sk_buff *skb) { return BPF_OK; }
SEC("socket") int on_packet(struct __sk_buff *skb)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&seen, &zero);

	if (n)
		__sync_fetch_and_add(n, 1);
	return 0;
}
${TAIL}`;
  const { stdout, loaded } = await ran(ctx, "sockets", { files: { "sockets.bpf.c": source } });
  expect(stdout).toMatch(/^seen\[0\] \d+$/m);
  expect(loaded).toHaveLength(4);
});

test.concurrent("a program that is called is run once, and an iterator over a map is read", async (ctx) => {
  const source = `${HEAD}
struct seq_file;
struct bpf_map;
struct bpf_iter_meta { struct seq_file *seq; } __attribute__((preserve_access_index));
struct bpf_iter__bpf_map_elem { struct bpf_iter_meta *meta; struct bpf_map *map; void *key; void *value; } __attribute__((preserve_access_index));
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 2); __type(key, __u32); __type(value, __u64); } numbers SEC(".maps");
SEC("syscall") int answer(void *ctx) { return 42; }
SEC("iter/bpf_map_elem") int show(struct bpf_iter__bpf_map_elem *ctx)
{
	__u32 *key = ctx->key;
	__u64 *value = ctx->value;

	if (key && value)
		BPF_SEQ_PRINTF(ctx->meta->seq, "%d holds %d\\n", *key, *value);
	return 0;
}
${TAIL}`;
  const { stdout } = await ran(ctx, "once", { files: { "once.bpf.c": source } });
  expect(stdout).toMatch(/^answer returned 42$/m);
  expect(stdout).toMatch(/^0 holds 0\n1 holds 0$/m);
});

test.concurrent("probes that do not say where are given a binary and a function", async (ctx) => {
  const source = `${HEAD}
struct hit { __u32 pid; };
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } hits SEC(".maps");
SEC("uprobe") int on_entry(void *ctx)
{
	struct hit h = { .pid = bpf_get_current_pid_tgid() >> 32 };

	bpf_perf_event_output(ctx, &hits, BPF_F_CURRENT_CPU, &h, sizeof(h));
	return 0;
}
SEC("uretprobe") int on_return(void *ctx) { return 0; }
${TAIL}`;
  const { loaded } = await ran(ctx, "probes", {
    files: { "probes.bpf.c": source },
    args: () => ["--binary", "libc.so.6", "--function", "getpid"],
  });
  expect(loaded).toHaveLength(2);
});

test.concurrent("without tracefs a tracepoint cannot be found: what to mount is said", async (ctx) => {
  const why = whyNotHere();
  if (why !== undefined) return ctx.skip(why);
  const path = join(folder, "blind.bpf.c");
  writeFileSync(path, `${HEAD}SEC("tp/sched/sched_switch") int program(void *ctx) { return 0; }${TAIL}`);
  const { program } = await madeLoader([path], "clang-19");
  const hide = 'mount -t tmpfs none /sys/kernel/tracing; mount -t tmpfs none /sys/kernel/debug; exec "$1"';
  const { status, stderr } = spawnSync("unshare", ["-m", "-n", "sh", "-c", hide, "sh", program], { encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /cannot be attached: .*\. tracefs is not mounted here: mount -t tracefs tracefs \/sys\/kernel\/tracing/,
  );
});

/** A program of ours with a probe in it, in the form that SystemTap's macros leave behind. */
const TICKER = `#include <unistd.h>

int main(void)
{
	for (;;) {
		__asm__ volatile("990: nop\\n"
				 ".pushsection .note.stapsdt,\\"\\",\\"note\\"\\n"
				 ".balign 4\\n"
				 ".4byte 992f-991f, 994f-993f, 3\\n"
				 "991: .asciz \\"stapsdt\\"\\n"
				 "992: .balign 4\\n"
				 "993: .8byte 990b, _.stapsdt.base, 0\\n"
				 ".asciz \\"hookpoint\\"\\n.asciz \\"tick\\"\\n.asciz \\"\\"\\n"
				 "994: .balign 4\\n"
				 ".popsection\\n"
				 ".ifndef _.stapsdt.base\\n"
				 ".pushsection .stapsdt.base,\\"aG\\",\\"progbits\\",.stapsdt.base,comdat\\n"
				 ".weak _.stapsdt.base\\n.hidden _.stapsdt.base\\n"
				 "_.stapsdt.base: .space 1\\n"
				 ".size _.stapsdt.base, 1\\n"
				 ".popsection\\n"
				 ".endif\\n");
		usleep(20000);
	}
}
`;

test.concurrent("a USDT probe of a running program is heard", async (ctx) => {
  const why = whyNotHere();
  if (why !== undefined) return ctx.skip(why);
  const ticker = join(folder, "ticker");
  writeFileSync(`${ticker}.c`, TICKER);
  execFileSync("gcc", [`${ticker}.c`, "-o", ticker]);
  const source = `#include <linux/bpf.h>
#include <stdbool.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>
struct tick { __u32 pid; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ticks SEC(".maps");
SEC("usdt")
int BPF_USDT(on_tick)
{
	struct tick t = { .pid = bpf_get_current_pid_tgid() >> 32 };

	bpf_ringbuf_output(&ticks, &t, sizeof(t), 0);
	return 0;
}
${TAIL}`;
  const running = spawn(ticker, { stdio: "ignore" });
  try {
    await ran(ctx, "usdt", {
      files: { "usdt.bpf.c": source },
      args: () => ["--binary", ticker, "--function", "hookpoint:tick"],
      prints: new RegExp(`^ticks pid=${running.pid}$`, "m"),
    });
  } finally {
    running.kill();
  }
});
