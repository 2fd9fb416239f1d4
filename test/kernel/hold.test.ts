/** Loading to stay, on the real kernel: pinned, attached, run; and nothing of it left when nobody holds it any more. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import setup from "../support/build.ts";
import { dist } from "../support/paths.ts";
import { findClang } from "../vscode/process.mjs";
import { type Going, type PrivatePlace, privatePlace } from "./private-place.ts";
import { withCgroup } from "./run-loader.ts";
import { whyNotHere } from "./toolbox.mjs";

const CLI = join(dist, "server", "cli.js");
const why = whyNotHere();
if (why !== undefined && process.env["CI"]) throw new Error(why);
const run = test.skipIf(why !== undefined);

/** What a shell would make something of. */
const folder = join(mkdtempSync(join(tmpdir(), "hookpoint-hold-")), "wörk 'n $(play)");
let place: PrivatePlace;

beforeAll(async () => {
  if (why !== undefined) return;
  setup();
  mkdirSync(folder, { recursive: true });
  const types = execFileSync("bpftool", ["btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "c"], {
    maxBuffer: 64 * 1024 * 1024,
  });
  writeFileSync(join(folder, "vmlinux.h"), types);
  for (const [name, source] of Object.entries(SOURCES)) compile(name, source);
  place = await privatePlace(folder);
});

afterAll(() => {
  place?.dispose();
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

const HEAD = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
char LICENSE[] SEC("license") = "GPL";
`;

const SOURCES = {
  all: `__u64 total;
SEC("xdp") int pass(struct xdp_md *c) { total++; return 2; }
SEC("tc") int filter(struct __sk_buff *s) { total++; return 0; }
SEC("tracepoint/syscalls/sys_enter_execve") int on_exec(void *c) { total++; return 0; }
SEC("cgroup_skb/egress") int out(struct __sk_buff *s) { total++; return 1; }
SEC("iter/bpf_map") int maps(struct bpf_iter__bpf_map *c)
{
	static const char line[] = "a map\\n";
	if (c->map)
		bpf_seq_write(c->meta->seq, line, sizeof(line) - 1);
	return 0;
}
SEC("perf_event") int sample(void *c) { total++; return 0; }
SEC("socket") int sock(struct __sk_buff *s) { return 0; }
SEC("sk_lookup") int look(struct bpf_sk_lookup *c) { return 1; }
`,
  ops: `SEC("struct_ops/init") void BPF_PROG(init, struct sock *sk) { }
SEC("struct_ops/ssthresh") __u32 BPF_PROG(ssthresh, struct sock *sk) { return 7; }
SEC("struct_ops/cong_avoid") void BPF_PROG(avoid, struct sock *sk, __u32 ack, __u32 acked) { }
SEC("struct_ops/undo_cwnd") __u32 BPF_PROG(undo, struct sock *sk) { return 7; }
SEC(".struct_ops") struct tcp_congestion_ops ours = {
	.init = (void *)init, .ssthresh = (void *)ssthresh, .cong_avoid = (void *)avoid, .undo_cwnd = (void *)undo,
	.name = "hookpoint_ops",
};
`,
  shared: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} shared_counts SEC(".maps");
SEC("xdp") int count(struct xdp_md *c) { __u32 k = 0; return bpf_map_lookup_elem(&shared_counts, &k) ? 2 : 1; }
`,
  broken: `SEC("xdp") int good(struct xdp_md *c) { return 2; }
SEC("xdp") int broken(struct xdp_md *c)
{
	char *data = (void *)(long)c->data;

	return data[0];
}
`,
  runs: `SEC("xdp") int swap(struct xdp_md *c)
{
	unsigned char *data = (void *)(long)c->data, *end = (void *)(long)c->data_end;

	if (data + 2 > end)
		return 1;
	data[1] = 0xab;
	return 3;
}
SEC("syscall") int plus(int *c) { *c += 5; return 42; }
SEC("raw_tp/sys_enter") int args(struct bpf_raw_tracepoint_args *c) { return c->args[1] == 9; }
SEC("tracepoint/syscalls/sys_enter_execve") int point(void *c) { return 0; }
`,
} as const;

function compile(name: string, source: string): void {
  writeFileSync(join(folder, `${name}.bpf.c`), HEAD + source);
  const arch = process.arch === "arm64" ? "arm64" : "x86";
  const args = ["-g", "-O2", "--target=bpf", `-D__TARGET_ARCH_${arch}`, "-I.", "-c", `${name}.bpf.c`];
  execFileSync(findClang() ?? "clang", [...args, "-o", `${name}.bpf.o`], { cwd: folder });
}

const cli = (...args: readonly string[]): Going => place.start(process.execPath, [CLI, ...args]);
const said = (...args: readonly string[]) => cli(...args).ended;

interface Json {
  readonly programs: readonly { readonly name: string; readonly id: number; readonly pinned: string }[];
  readonly attached: readonly { readonly name: string; readonly to: string; readonly output?: string }[];
}

/** Loads and waits until it holds. */
async function load(...args: readonly string[]): Promise<{ readonly json: Json; readonly going: Going }> {
  const going = cli("load", "--format", "json", ...args);
  await going.says("Ctrl-C");
  return { json: JSON.parse(going.stdout()) as Json, going };
}

async function ending({ going }: { readonly going: Going }, signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
  going.child.kill(signal);
  return (await going.ended).code;
}

/** Nothing of it is in the kernel any more; it gives programs back a moment later. */
async function expectGone({ programs }: Pick<Json, "programs">): Promise<void> {
  let left: readonly number[] = [];
  for (let i = 0; i < 100; i++) {
    const there = new Set(
      (JSON.parse(await place.shell("bpftool -j prog show")) as readonly { readonly id: number }[]).map(({ id }) => id),
    );
    left = programs.map(({ id }) => id).filter((id) => there.has(id));
    if (left.length === 0) break;
    await pause(50);
  }
  expect(left).toEqual([]);
  expect(await place.shell("ls -A /sys/fs/bpf | grep -v debug; true")).toBe("");
  expect(await place.shell("tc qdisc show; ip -details link show; bpftool link show")).not.toMatch(/clsact|xdp|prog/);
}

run("all ways to attach at once; Ctrl-C gives everything back", async () => {
  await withCgroup(`hookpoint-hold-${process.pid}`, async (group) => {
    const where = [
      "pass=xdp:lo",
      "pass=xdp:left:native",
      "filter=tc:lo:ingress",
      "filter=tcx:lo:egress",
      "on_exec=auto",
    ];
    const more = [`out=cgroup:${group}`, "maps=iter", "sample=perf_event:50", "sock=socket:lo", "look=netns"];
    const wishes = [...where, ...more];
    const held = await load(...wishes.flatMap((wish) => ["--attach", wish]), "all.bpf.o");
    expect(held.json.attached.map(({ name, to }) => `${name}=${to}`)).toEqual(wishes);
    expect(held.json.attached.find(({ to }) => to === "iter")?.output).toMatch(/^(?:a map\n)+$/);
    const links = await place.shell(
      "ip -details link show lo; ip -details link show left; tc filter show dev lo ingress",
    );
    expect(links).toMatch(/xdpgeneric/);
    expect(links).toMatch(/ xdp /);
    expect(links).toMatch(/filter:\[\d+\] direct-action/);
    expect((await place.shell("bpftool link show")).match(/^\d+: /gm)?.length).toBeGreaterThan(6);
    expect(await place.shell("bpftool cgroup show $1".replace("$1", group))).toMatch(/\bout\b/);
    await place.shell("/bin/true");
    const counted = await place.shell("bpftool -j map dump pinned /sys/fs/bpf/hookpoint/all/maps/all_bss");
    expect(Number(/"total":\s*"?(\d+)/.exec(counted)?.[1] ?? 0)).toBeGreaterThan(0);
    expect(await ending(held)).toBe(0);
    await expectGone(held.json);
  });
});

run("what held it is killed: what was left is listed and removed", async () => {
  const held = await load("--attach", "pass=xdp:lo", "--attach", "filter=tc:lo:ingress", "all.bpf.o");
  const holder = (await list())[0]?.holder ?? 0;
  expect(holder).toBeGreaterThan(0);
  process.kill(holder, "SIGKILL");
  const { code, stderr } = await held.going.ended;
  expect(code).toBe(1);
  expect(stderr).toContain("hookpoint unload all takes back what was left");
  // A link goes with the process, a filter does not.
  expect(await place.shell("ip -details link show lo")).not.toContain("xdp");
  expect(await place.shell("tc filter show dev lo ingress")).toContain("filter:[");
  expect(await list()).toMatchObject([{ name: "all", state: "left" }]);
  expect((await said("load", "all.bpf.o")).stderr).toContain("all is loaded already or was left behind");
  expect(await said("unload", "all.bpf.c")).toMatchObject({ code: 0, stdout: "all is unloaded\n" });
  await expectGone(held.json);
});

run("a filter in another network is not forgotten, and taken back from there", async () => {
  const held = await load("--attach", "filter=tc:lo:ingress", "all.bpf.o");
  process.kill((await list())[0]?.holder ?? 0, "SIGKILL");
  await held.going.ended;
  const elsewhere = await place.run("unshare", "-n", process.execPath, CLI, "unload", "all");
  expect([elsewhere.code, elsewhere.stderr]).toEqual([
    1,
    "hookpoint: filter is still attached to tc:lo:ingress: that is in another network namespace, in which hookpoint unload must run. Its record is kept.\n",
  ]);
  expect(await place.shell("tc filter show dev lo ingress")).toContain("filter:[");
  expect(await said("unload", "all")).toMatchObject({ code: 0, stdout: "all is unloaded\n" });
  await expectGone(held.json);
});

run("the command line is killed: nothing stays", async () => {
  const held = await load("--attach", "pass=xdp:lo", "--attach", "filter=tc:lo:ingress", "all.bpf.o");
  await ending(held, "SIGKILL");
  await expectGone(held.json);
});

run("--stay: it stays until it is unloaded", async () => {
  const args = [
    "--stay",
    "--name",
    "kept",
    "--attach",
    "xdp:lo",
    "--attach",
    "on_exec=auto",
    "--attach",
    "filter=tc:lo:egress",
  ];
  const { code, stdout, stderr } = await said("load", "--format", "json", ...args, "all.bpf.o");
  expect([code, stderr]).toEqual([0, "It stays. Remove it with: hookpoint unload kept\n"]);
  expect(await place.shell("ip -details link show lo; tc filter show dev lo egress")).toMatch(
    /xdpgeneric[\s\S]*filter:\[/,
  );
  expect(await list()).toMatchObject([{ name: "kept", state: "stays", attached: [{}, {}, {}] }]);
  expect((await said("unload", "kept")).code).toBe(0);
  await expectGone(JSON.parse(stdout) as Json);
});

run("a table of struct_ops: in use while it is held, and after a kill until it is unloaded", async () => {
  const there = () => place.shell("cat /proc/sys/net/ipv4/tcp_available_congestion_control");
  const held = await load("--attach", "auto", "ops.bpf.o");
  expect(await there()).toContain("hookpoint_ops");
  expect(await ending(held)).toBe(0);
  await expectGone(held.json);
  expect(await there()).not.toContain("hookpoint_ops");
  await load("--attach", "ours=auto", "ops.bpf.o");
  process.kill((await list())[0]?.holder ?? 0, "SIGKILL");
  await pause(200);
  expect(await there()).toContain("hookpoint_ops");
  expect((await said("unload", "--all")).code).toBe(0);
  expect(await there()).not.toContain("hookpoint_ops");
});

run("clsact stays when somebody else has a filter in it, or has made it", async () => {
  const filters = async () => (await place.shell("tc filter show dev right ingress")).match(/filter:?\[/g)?.length ?? 0;
  const held = await load("--attach", "filter=tc:right:ingress", "all.bpf.o");
  const theirs = "dev right ingress prio 7 handle 7 bpf";
  await place.shell(`tc filter add ${theirs} da pinned /sys/fs/bpf/hookpoint/all/programs/filter`);
  expect(await filters()).toBe(2);
  expect(await ending(held)).toBe(0);
  expect(await filters()).toBe(1);
  const again = await load("--attach", "filter=tc:right:ingress", "all.bpf.o");
  await place.shell(`tc filter del ${theirs}`);
  expect(await ending(again)).toBe(0);
  expect(await filters()).toBe(0);
  // It was there before the second.
  expect(await place.shell("tc qdisc show dev right")).toMatch(/clsact/);
  await place.shell("tc qdisc del dev right clsact");
  await expectGone(again.json);
});

run("a map that is pinned by its own wish is unpinned, unless it was there before", async () => {
  const pinned = () => place.shell("ls /sys/fs/bpf");
  const held = await load("shared.bpf.o");
  expect(await pinned()).toContain("shared_counts");
  const second = await load("--name", "second", "shared.bpf.o");
  expect(await ending(second)).toBe(0);
  expect(await pinned()).toContain("shared_counts");
  expect(await ending(held)).toBe(0);
  await expectGone(held.json);
});

run("what the kernel refuses is explained, and nothing is left", async () => {
  const { code, stdout, stderr } = await said("load", "broken.bpf.o");
  expect(code).toBe(1);
  expect(stderr).toMatch(/Nothing was loaded: prog 'broken'/);
  expect(stdout).toContain("broken.bpf.c:10");
  await expectGone({ programs: [] });
});

run("only what is named is loaded", async () => {
  const held = await load("--program", "good", "broken.bpf.o");
  expect(held.json.programs.map(({ name }) => name)).toEqual(["good"]);
  await ending(held);
});

run("what cannot be attached is told, and nothing is left", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["pass=xdp:nowhere", /pass cannot be attached to xdp:nowhere: there is no interface "nowhere"\./],
    ["pass=xdp:lo:native", /the driver of this interface cannot run XDP itself; it runs generic \(EOPNOTSUPP\)\./],
    ["pass=auto", /its section does not say where; say it, as in xdp:eth0/],
    ["out=cgroup:/tmp", /it is no folder of a cgroup file system of version 2 \(EBADF/],
    ["out=cgroup:/no $(such) ü", /the cgroup \/no \$\(such\) ü cannot be opened/],
    ["pass=tc:lo:ingress", /the kernel takes no program of this type there/],
    ["filter=tc:lo:sideways", /say ingress or egress behind the interface, not "sideways"/],
    ["on_exec=tracepoint:sched:nothing", /the kernel has no such tracepoint/],
    ["nobody=auto", /there is no program nobody in this object/],
    ["pass=magic", /there is no way to attach called "magic"/],
  ];
  for (const [wish, reason] of cases) {
    const { code, stderr } = await said("load", "--attach", wish, "all.bpf.o");
    expect([wish, code, reason.test(stderr)], stderr).toEqual([wish, 1, true]);
    expect(stderr).toContain("Nothing was left loaded.");
  }
  await expectGone({ programs: [] });
});

run("a wish that means no program ends it, and gives everything back", async () => {
  const { code, stderr } = await said("load", "--attach", "kprobe:nothing", "all.bpf.o");
  expect([code, stderr]).toEqual([2, expect.stringContaining("None of the programs can be meant by --attach kprobe")]);
  await expectGone({ programs: [] });
});

run("a file that is no object is named, once", async () => {
  const { code, stderr } = await said("load", "/tmp");
  expect([code, stderr]).toEqual([2, "hookpoint: /tmp cannot be read: it is no file.\n"]);
});

run("two loads of one name at the same moment: one has it, the other is told so", async () => {
  for (let round = 0; round < 3; round++) {
    const both = await Promise.all([1, 2].map(() => said("load", "--stay", "--name", "same", "all.bpf.o")));
    expect(both.map(({ code }) => code).toSorted(), JSON.stringify(both)).toEqual([0, 2]);
    expect(both.find(({ code }) => code === 2)?.stderr).toMatch(/Something called same is loaded already/);
    expect((await said("unload", "same")).code).toBe(0);
  }
  await expectGone({ programs: [] });
});

run("what somebody else has made in bpffs is not believed", async () => {
  const precious = join(folder, "precious");
  writeFileSync(precious, "");
  const at = "/sys/fs/bpf/hookpoint";
  await place.shell(
    `mkdir -p ${at}/x/attached && ln -s "pin 0 0 0 0 0 0 0 m=${precious.replaceAll("$", "\\$")}" ${at}/x/attached/1 && chown 65534 ${at}`,
  );
  for (const args of [
    ["unload", "--all"],
    ["unload", "x"],
    ["load", "--list"],
    ["load", "all.bpf.o"],
  ]) {
    const { code, stderr } = await said(...args);
    expect([args, code]).toEqual([args, 2]);
    expect(stderr).toContain(`${at} was made by somebody else`);
  }
  // Nor is more unpinned than pins, whoever has written it down.
  await place.shell(`chown 0 ${at}`);
  expect((await said("unload", "x")).stderr).toContain("Its record is kept.");
  expect(existsSync(precious)).toBe(true);
  await place.shell(`rm -r ${at}`);
});

run("names in objects do not command the terminal", async () => {
  compile("escape", 'SEC("xdp/\u001b]0;owned\u0007") int named(struct xdp_md *c) { return 2; }\n');
  const { stdout, stderr } = await said("verify", "escape.bpf.o");
  expect(stdout).toContain("named (xdp/\ufffd]0;owned\ufffd): refused");
  const all = stdout + stderr + (await said("load", "escape.bpf.o")).stderr;
  expect([..."\u001b\u0007"].filter((character) => all.includes(character))).toEqual([]);
});

run("two XDP programs on one interface", async () => {
  const held = await load("--attach", "pass=xdp:lo", "all.bpf.o");
  const other = await said("load", "--name", "other", "--attach", "pass=xdp:lo", "all.bpf.o");
  expect(other.stderr).toContain("another XDP program is attached to this interface already (EBUSY)");
  const mode = await said("load", "--name", "other", "--attach", "pass=xdp:lo:native", "all.bpf.o");
  expect(mode.stderr).toContain("in another mode; generic and native do not go together (EEXIST)");
  await ending(held);
});

run("a program is run once on a packet, on a context, or not at all", async () => {
  const usual = await said("run", "--program", "swap", "runs.bpf.o");
  expect(usual.stdout).toMatch(
    /^swap returned 3 \(XDP_TX\) after \d+ ns\n1 of 64 bytes changed, from byte 1\n {2}0000 {2}02 ab /,
  );
  const hex = await said("run", "--program", "swap", "--hex", `aa bb ${"00".repeat(20)}`, "runs.bpf.c");
  expect(hex.stdout).toMatch(/1 of 22 bytes changed, from byte 1\n {2}0000 {2}aa ab 00/);
  writeFileSync(join(folder, "a packet"), Buffer.alloc(100, 0xab));
  const file = await said("run", "--program", "swap", "--data", "a packet", "--repeat", "50", "runs.bpf.o");
  expect(file.stdout).toContain("the packet is unchanged");
  expect((await said("run", "--program", "plus", "runs.bpf.o")).stdout).toContain("returned 42\ncontext\n  0000  05\n");
  const context = Buffer.alloc(16);
  context.writeUInt32LE(9, 8);
  writeFileSync(join(folder, "a context"), context);
  expect((await said("run", "--program", "args", "--context", "a context", "runs.bpf.o")).stdout).toContain(
    "returned 1\n",
  );
  expect((await said("run", "--program", "args", "runs.bpf.o")).stdout).toContain("returned 0\n");
  const point = await said("run", "--program", "point", "runs.bpf.o");
  expect([point.code, point.stderr]).toEqual([
    1,
    "hookpoint: point was not run: this kernel cannot run programs of this type by themselves; attach it instead (ENOTSUPP).\n",
  ]);
  const short = await said("run", "--program", "swap", "--hex", "00", "runs.bpf.o");
  expect([short.code, short.stderr]).toEqual([1, expect.stringContaining("14 bytes of an Ethernet header (EINVAL)")]);
  expect((await said("run", "--program", "swap", "--hex", "0", "runs.bpf.o")).code).toBe(2);
  expect((await said("run", "runs.bpf.o")).stderr).toContain("Say which by --program: swap, plus, args, point.");
  const json = JSON.parse((await said("run", "--format", "json", "--program", "swap", "runs.bpf.o")).stdout);
  expect(json).toMatchObject({ format: 1, program: "swap", returned: 3, data: expect.stringMatching(/^02ab/) });
  await expectGone({ programs: [] });
});

interface Listed {
  readonly name: string;
  readonly state: string;
  readonly holder: number;
}

async function list(): Promise<readonly Listed[]> {
  return (JSON.parse((await said("load", "--list", "--format", "json")).stdout) as { loaded: readonly Listed[] })
    .loaded;
}
