/** The agent on the real kernel: every program alone, nothing left, whatever the object and however it ends. */

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agentProgram } from "../../server/src/toolchain/agent/agent.ts";
import { thisMachine } from "../../server/src/toolchain/agent/here.ts";
import type { RootWish } from "../../server/src/toolchain/agent/root.ts";
import type { Tried } from "../../server/src/toolchain/agent/tried.ts";
import type { Work } from "../../server/src/toolchain/choices.ts";
import { Cancelled } from "../../server/src/toolchain/problem.ts";
import { run } from "../../server/src/toolchain/run.ts";
import { verifyObject } from "../../server/src/toolchain/verify.ts";
import { root } from "../support/paths.ts";
import { workIn } from "../support/tools.ts";
import { left, processesWith, settled } from "./left.ts";
import { type Toolbox, toolbox, whyNotHere } from "./toolbox.mjs";

const why = whyNotHere();
if (why !== undefined && process.env["CI"]) throw new Error(why);

const source = join(root, "server/src/toolchain/agent");
const folder = mkdtempSync(join(tmpdir(), "hookpoint agent-"));
/** Nobody is asked where we are root already. */
const nobody: RootWish = { mayUseRoot: () => Promise.reject(new Error("asked for root")) };
let box: Toolbox;

beforeAll(async () => {
  if (why === undefined) box = await toolbox();
});
afterAll(() => {
  box?.dispose();
  rmSync(folder, { recursive: true });
});

async function built(name: string, text: string): Promise<string> {
  const { ok, says, object } = await box.build(name, text);
  expect([ok, says]).toEqual([true, ""]);
  return object;
}

async function tried(object: string, programs: readonly string[] = [], visits = false) {
  const answer = await thisMachine(source, nobody).verify(object, { programs, visits }, workIn(folder));
  expect(answer.unopened).toBe(undefined);
  return answer;
}

const errorsOf = (programs: readonly Tried[]) => Object.fromEntries(programs.map((one) => [one.program, one.error]));
const processed = ({ log }: Tried) => Number(/processed (\d+) insns/.exec(log)?.[1]);

test.skipIf(why)("a table of functions: each program alone, whatever the others are", async () => {
  const object = await built(
    "tcp",
    `SEC("struct_ops/hp_start") void BPF_PROG(hp_start, struct sock *sk) {}
SEC("struct_ops/hp_threshold") __u32 BPF_PROG(hp_threshold, struct sock *sk) { return 2; }
SEC("struct_ops/hp_avoid") void BPF_PROG(hp_avoid, struct sock *sk, __u32 ack, __u32 acked) {}
SEC("struct_ops/hp_undo") __u32 BPF_PROG(hp_undo, struct sock *sk) { return ((struct tcp_sock *)sk)->snd_cwnd; }
SEC("struct_ops/hp_wrong") __u32 BPF_PROG(hp_wrong, struct sock *sk) { return *(volatile int *)8; }
SEC("xdp") int hp_pass(struct xdp_md *ctx) { return XDP_PASS; }
SEC(".struct_ops") struct tcp_congestion_ops hp_good = { .init = (void *)hp_start, .ssthresh = (void *)hp_threshold,
	.cong_avoid = (void *)hp_avoid, .undo_cwnd = (void *)hp_undo, .name = "hp_good" };
SEC(".struct_ops") struct tcp_congestion_ops hp_bad = { .init = (void *)hp_start, .ssthresh = (void *)hp_threshold,
	.cong_avoid = (void *)hp_avoid, .undo_cwnd = (void *)hp_wrong, .name = "hp_bad" };
`,
  );
  const { programs } = await tried(object);
  expect(errorsOf(programs)).toEqual({
    ...{ hp_start: 0, hp_threshold: 0, hp_avoid: 0, hp_undo: 0, hp_pass: 0 },
    hp_wrong: 13,
  });
  expect(programs.find(({ error }) => error !== 0)?.log).toContain("invalid mem access 'scalar'");
  expect(await left("hp_")).toEqual([]);
});

test.skipIf(why)(
  "what is not loaded by default, tables of programs, maps in maps, the kernel's own names",
  async () => {
    const object = await built(
      "odd",
      `SEC("?xdp") int ho_maybe(struct xdp_md *ctx) { return XDP_PASS; }
SEC("xdp") int ho_first(struct xdp_md *ctx);
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 2); __uint(key_size, 4);
	__array(values, int(void *)); } ho_jumps SEC(".maps") = { .values = { [0] = (void *)&ho_maybe, [1] = (void *)&ho_first } };
struct ho_inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } ho_in SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 4); __type(key, __u32);
	__array(values, struct ho_inner); } ho_out SEC(".maps") = { .values = { [2] = &ho_in } };
extern unsigned int LINUX_KERNEL_VERSION __kconfig;
extern int hookpoint_no_such_function(void) __ksym __weak;
SEC("xdp") int ho_first(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &ho_jumps, 0);
	if (hookpoint_no_such_function)
		hookpoint_no_such_function();
	return LINUX_KERNEL_VERSION > 1 ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int ho_maps(struct xdp_md *ctx)
{
	__u32 two = 2, zero = 0;
	void *inner = bpf_map_lookup_elem(&ho_out, &two);
	__u64 *value = inner ? bpf_map_lookup_elem(inner, &zero) : 0;
	return value ? *value : 0;
}
SEC("freplace") int ho_nowhere(struct xdp_md *ctx) { return 0; }
`,
    );
    const { programs } = await tried(object);
    const { ho_nowhere, ...others } = errorsOf(programs);
    expect(others).toEqual({ ho_maybe: 0, ho_first: 0, ho_maps: 0 });
    expect(ho_nowhere).not.toBe(0);
    expect(programs.filter(({ error, words }) => error === 0 && words !== "")).toEqual([]);
    expect(await left("ho_")).toEqual([]);
  },
);

test.skipIf(why)("maps that are pinned by their names are not", async () => {
  const object = await built(
    "pinned",
    `struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME); } hn_seen SEC(".maps");
SEC("xdp") int hn_look(struct xdp_md *ctx) { __u32 key = 1; return bpf_map_lookup_elem(&hn_seen, &key) ? 1 : 2; }
`,
  );
  const agent = await agentProgram(source, workIn(folder));
  // A file system of its own: nothing that is wrong here may stay.
  const script =
    'mount -t bpf none /sys/fs/bpf && "$0" verify "$1" && "$0" verify "$1" --visits && echo left: && ls /sys/fs/bpf';
  const { code, stdout, stderr } = await run("unshare", ["-m", "sh", "-c", script, agent, object], { cwd: folder });
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.match(/"program":"hn_look".*"error":0,/g)).toHaveLength(2);
  expect(stdout).toMatch(/left:\nmaps.debug\nprogs.debug\n$/);
  expect(await left("hn_")).toEqual([]);
});

test.skipIf(why)(
  "visits add up to what the verifier says it did, with called functions, callbacks and loops",
  async () => {
    const object = await built(
      "visits",
      `static long hv_each(__u32 i, __u64 *sum) { *sum += i; return 0; }
__attribute__((noinline)) int hv_global(int x) { return x > 7 ? x * 3 : x; }
static __attribute__((noinline)) int hv_local(int x) { return x > 9 ? bpf_get_prandom_u32() : x; }
SEC("tc") int hv_all(struct __sk_buff *skb)
{
	__u64 sum = 0;
	int i;

	bpf_loop(10, hv_each, &sum, 0);
	for (i = 0; i < 50; i++)
		if (bpf_get_prandom_u32() > skb->len)
			sum += hv_local(i) + hv_global(sum);
	return sum;
}
SEC("tc") int hv_big(struct __sk_buff *skb)
{
	__u32 sum = 0;
	int i;

	/* One path, without a fork: far from any limit. */
	for (i = 0; i < 9000; i++)
		sum += bpf_get_prandom_u32();
	return sum;
}
`,
    );
    const { programs } = await tried(object, [], true);
    const [all, big] = programs as [Tried, Tried];
    expect(errorsOf(programs)).toEqual({ hv_all: 0, hv_big: 0 });
    expect(all.visits).toHaveLength(all.instructions);
    expect(all.visits?.reduce((sum, n) => sum + n, 0)).toBe(processed(all));
    expect(all.visits?.[0]).toBe(1);
    expect(all.visitsCut).toBe(undefined);
    expect(programs.map(({ verified }) => verified)).toEqual(programs.map(processed));
    expect(all.xlatedBytes).toBeGreaterThan(8 * all.instructions - 1);
    // Too many steps to be counted.
    expect(processed(big)).toBeGreaterThan(50_000);
    expect([big.visits, big.visitsCut]).toEqual([undefined, true]);
  },
);

test.skipIf(why)("maps that would use up the memory are not made, and that is explained", async () => {
  const object = await built(
    "huge",
    `struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1 << 30); __type(key, __u32); __type(value, __u64[8]); } hm_flows SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 0x7fffffff); __type(key, __u32); __type(value, __u32); } hm_jumps SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, __u64); } hm_few SEC(".maps");
SEC("xdp") int hm_look(struct xdp_md *ctx) { __u32 key = 1; return bpf_map_lookup_elem(&hm_flows, &key) ? 1 : 2; }
`,
  );
  const before = availableMemory();
  const { programs } = await tried(object);
  expect(availableMemory()).toBeGreaterThan(before / 2);
  expect(programs).toMatchObject([{ program: "hm_look", error: 12, log: "" }]);
  expect(programs[0]?.words).toMatch(
    /^agent: map 'hm_flows': too large to try, it would need 146028888064 bytes\nagent: map 'hm_jumps': too large to try, it would need 17179869176 bytes\nagent: the maps are too large to try, they would need \d+ bytes of the \d+ that may be used\n$/,
  );
  const wish = { programs: [], visits: false };
  const verified = await verifyObject(object, thisMachine(source, nobody), wish, workIn(folder));
  const [answer] = verified.programs[0]?.answers ?? [];
  expect(answer).toMatchObject({ family: "maps-too-large", class: "environment" });
  expect(answer?.meaning).toContain("that would be 136 GiB.");
  expect(answer?.place?.text).toContain("hm_flows");
});

test.skipIf(why)("the example of a map of maps takes memory too", async () => {
  // More than any machine has: should it be tried, the kernel refuses it by itself.
  const object = await built(
    "example",
    `struct hi_big { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 0x7fffffff); __type(key, __u32); __type(value, __u64[1024]); };
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 1); __type(key, __u32);
	__array(values, struct hi_big); } hi_out SEC(".maps");
SEC("xdp") int hi_look(struct xdp_md *ctx) { __u32 key = 0; return bpf_map_lookup_elem(&hi_out, &key) ? 1 : 2; }
`,
  );
  const { programs } = await tried(object);
  expect(programs).toMatchObject([{ program: "hi_look", error: 12, log: "" }]);
  expect(programs[0]?.words).toContain("agent: map 'hi_out': too large to try, it would need 17592186036232 bytes");
});

test.skipIf(why)("a map that does not fit into a map of maps is no table of other programs", async () => {
  const object = await built(
    "misfit",
    `struct hj_inner { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } hj_other SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 4); __type(key, __u32);
	__array(values, struct hj_inner); } hj_out SEC(".maps") = { .values = { [1] = (void *)&hj_other } };
SEC("xdp") int hj_look(struct xdp_md *ctx) { __u32 key = 0; return bpf_map_lookup_elem(&hj_out, &key) ? 1 : 2; }
`,
  );
  const { programs } = await tried(object);
  expect(programs).toMatchObject([{ error: 22, words: expect.stringContaining("to map 'hj_other'") }]);
});

test.skipIf(why)("an agent that others could have put there is not run", async () => {
  const object = await built("ours", 'SEC("xdp") int hx_pass(struct xdp_md *ctx) { return XDP_PASS; }\n');
  const cache = join(folder, "cache");
  const usual = process.env["XDG_CACHE_HOME"];
  process.env["XDG_CACHE_HOME"] = cache;
  try {
    const agent = await agentProgram(source, workIn(folder));
    chmodSync(agent, 0o777);
    writeFileSync(agent, "#!/bin/sh\ntouch hacked\n");
    expect(errorsOf((await tried(object)).programs)).toEqual({ hx_pass: 0 });
    chmodSync(dirname(agent), 0o777);
    await expect(tried(object)).rejects.toThrow(/is kept in .*, which others can write to\. Remove that folder/);
  } finally {
    if (usual === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = usual;
  }
});

test.skipIf(why)("a program that is not there, an object that is none, one that libbpf does not open", async () => {
  const object = await built("plain", 'SEC("xdp") int hb_pass(struct xdp_md *ctx) { return XDP_PASS; }\n');
  const { programs, missing } = await tried(object, ["nope", "hb_pass"]);
  expect([programs.map(({ program }) => program), missing]).toEqual([["hb_pass"], ["nope"]]);
  const wish = { programs: ["nope"], visits: false };
  await expect(verifyObject(object, thisMachine(source, nobody), wish, workIn(folder))).rejects.toThrow(
    `${object} has no program "nope". It has: hb_pass.`,
  );
  const text = join(folder, "text.o");
  writeFileSync(text, "no object");
  const answer = await thisMachine(source, nobody).verify(text, { programs: [], visits: false }, workIn(folder));
  expect(answer).toMatchObject({ programs: [], missing: [], unopened: { words: expect.stringContaining("text.o") } });
  const unknown = await built(
    "unknown",
    'SEC("maps") int hb_legacy = 1;\nSEC("xdp") int hb_x(void *ctx) { return 2; }\n',
  );
  const all = { programs: [], visits: false };
  const verified = await verifyObject(unknown, thisMachine(source, nobody), all, workIn(folder));
  expect(verified.programs).toEqual([]);
  expect(verified.answers[0]?.said).toContain("legacy map definitions");
});

test.skipIf(why)("odd paths", async () => {
  const object = await built("path", 'SEC("xdp") int hq_pass(struct xdp_md *ctx) { return XDP_PASS; }\n');
  for (const name of ["with space", `quotes ' " here`, "$(touch hacked) `x` ;", "größe 语", "-o"]) {
    const place = join(folder, name);
    mkdirSync(place);
    const copy = join(place, `${name}.o`);
    writeFileSync(copy, readFileSync(object));
    expect(errorsOf((await tried(copy)).programs), name).toEqual({ hq_pass: 0 });
    expect(readdirSync(place)).toEqual([`${name}.o`]);
  }
});

const MANY = 2500;
const many = () =>
  built(
    "many",
    Array.from({ length: MANY }, (_, n) => `SEC("xdp") int hz_${n}(void *c) { return ${n % 4}; }`).join("\n"),
  );

test.skipIf(why)("thousands of programs in one object", async () => {
  const { programs } = await tried(await many());
  expect(programs).toHaveLength(MANY);
  expect(programs.filter(({ error }) => error !== 0)).toEqual([]);
  expect(programs.at(-1)?.program).toBe(`hz_${MANY - 1}`);
  expect(await left("hz_")).toEqual([]);
});

test.skipIf(why)("cancelled in the middle: no process, no program, no file", async () => {
  const object = await many();
  const abort = new AbortController();
  const logged: string[] = [];
  const work: Work = { ...workIn(folder), signal: abort.signal, log: (text) => logged.push(text) };
  const before = temporary();
  const running = thisMachine(source, nobody).verify(object, { programs: [], visits: false }, work);
  await expect.poll(() => processesWith("agent", object).length, { timeout: 20_000 }).toBeGreaterThan(0);
  abort.abort();
  await expect(running).rejects.toThrow(Cancelled);
  await settled(() => processesWith("agent", object));
  expect(temporary()).toEqual(before);
  expect(await left("hz_")).toEqual([]);
});

test.skipIf(why)("it ends with whoever started it, even when that is ended without a word", async () => {
  const object = await many();
  const agent = await agentProgram(source, workIn(folder));
  const script = `require("node:child_process").spawn(process.argv[1], ["verify", "--tied", process.argv[2]], { stdio: ["pipe", "ignore", "ignore"], detached: true }); process.kill(process.pid, "SIGSTOP")`;
  const abort = new AbortController();
  const parent = run(process.execPath, ["-e", script, agent, object], { cwd: folder, signal: abort.signal });
  await expect.poll(() => processesWith("agent", "--tied", object).length, { timeout: 20_000 }).toBeGreaterThan(1);
  // Stopped as it is, it hears only the last of the signals.
  abort.abort();
  await parent;
  await settled(() => processesWith("agent", "--tied", object));
  expect(await left("hz_")).toEqual([]);
});

/** Other tests run beside this one. */
const temporary = () => readdirSync(tmpdir()).filter((name) => /^hookpoint-\w{6}$/.test(name));

function availableMemory(): number {
  return Number(/MemAvailable:\s*(\d+)/.exec(readFileSync("/proc/meminfo", "utf8"))?.[1]);
}
