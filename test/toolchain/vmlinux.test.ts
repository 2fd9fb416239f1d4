/** vmlinux.h and minimal BTF with the real bpftool and clang. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBtf } from "../../server/src/analysis/btf/btf.ts";
import { buildObject } from "../../server/src/toolchain/build.ts";
import { generateMinBtf, missingIn } from "../../server/src/toolchain/min-btf.ts";
import { objectFile } from "../../server/src/toolchain/plan.ts";
import { generateVmlinux, type VmlinuxWish } from "../../server/src/toolchain/vmlinux.ts";
import { disassembled } from "../support/disassembly.ts";
import { needTool, workIn } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint vmlinux-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  for (const tool of ["clang", "bpftool"]) needTool(tool);
  if (!existsSync("/sys/kernel/btf/vmlinux")) throw new Error("no BTF of the kernel");
});

const WISH: VmlinuxWish = {
  btf: undefined,
  sources: [],
  minimal: false,
  output: undefined,
  mayReplace: async () => false,
};

/** Several ways to come by types: contexts, chains of members, enumerators, macros, helpers, local headers. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "chain.bpf.c": `
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "shared.h"
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 16); __type(key, u32); __type(value, struct seen); } seen SEC(".maps");
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *p, pid_t old, struct linux_binprm *bprm)
{
	struct seen one = {};
	u32 key = BPF_CORE_READ(p, real_parent, tgid);
	one.inode = BPF_CORE_READ(p, mm, exe_file, f_inode, i_ino);
	one.uid = p->cred->uid.val;
	one.level = BPF_CORE_READ(p, nsproxy, pid_ns_for_children, level);
	if (bpf_core_field_exists(p->__state) && bpf_core_enum_value_exists(enum pid_type, PIDTYPE_TGID))
		one.type = PIDTYPE_SID;
	bpf_map_update_elem(&seen, &key, &one, BPF_ANY);
	return 0;
}
SEC("kprobe/do_exit")
int BPF_KPROBE(on_exit, long code) { bpf_printk("%ld %d", code, bpf_get_smp_processor_id()); return 0; }
char LICENSE[] SEC("license") = "GPL";
`,
  "shared.h": "struct seen { u64 inode; u32 uid; u32 level; enum pid_type type; };\n",
  "packets.bpf.c": `
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
SEC("xdp")
int count(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(0x800))
		return XDP_PASS;
	return ip->protocol == IPPROTO_TCP ? XDP_DROP : XDP_PASS;
}
SEC("tc")
int mark(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	if (sk && (sk = bpf_sk_fullsock(sk)))
		skb->mark = sk->src_port;
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
`,
  "walk.bpf.c": `
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
SEC("iter/task_file")
int files(struct bpf_iter__task_file *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct file *file = ctx->file;
	struct task_struct *task = ctx->task;
	if (!file || !task)
		return 0;
	BPF_SEQ_PRINTF(seq, "%d %s %lx", task->pid, task->comm, (long)file->f_op);
	return 0;
}
SEC("tracepoint/sched/sched_switch")
int on_switch(struct trace_event_raw_sched_switch *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sock *sk = NULL;
	bpf_printk("%d %d %d", ctx->ent.pid, ctx->next_pid, task->signal->nr_threads);
	bpf_printk("%d", BPF_CORE_READ(sk, __sk_common.skc_family));
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
`,
};

function project(files: Readonly<Record<string, string>> = PROGRAMS): string {
  const own = mkdtempSync(join(folder, "p r'o $(x) ü-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(own, name)), { recursive: true });
    writeFileSync(join(own, name), text);
  }
  return own;
}

const sourcesIn = (own: string) =>
  Object.keys(PROGRAMS).flatMap((name) => (name.endsWith(".c") ? [join(own, name)] : []));

test("programs built with a minimal header are those that the whole one gives, and it is a fraction of it", async () => {
  const own = project();
  const sources = sourcesIn(own);
  const whole = await generateVmlinux({ ...WISH, sources }, workIn(own));
  expect(whole.path).toBe(join(own, "vmlinux.h"));
  const before = await Promise.all(sources.map((source) => built(source, own)));
  const minimal = await generateVmlinux({ ...WISH, sources, minimal: true }, workIn(own));
  expect(minimal).toMatchObject({ path: whole.path, failing: [], sources });
  expect(minimal.bytes * 20).toBeLessThan(whole.bytes);
  expect(await Promise.all(sources.map((source) => built(source, own)))).toEqual(before);
  const text = readFileSync(minimal.path, "utf8");
  expect(text).toContain("chain.bpf.c, packets.bpf.c, walk.bpf.c");
  expect(text).toContain("struct bpf_iter__task_file {");
  expect(text).not.toContain("struct ext4_inode_info {");
});

async function built(source: string, own: string): Promise<string> {
  const { ok, output } = await buildObject(source, workIn(own));
  if (!ok) throw new Error(output);
  return disassembled(objectFile(source));
}

test("a header for one source has what its helper calls give, and one for none is not made", async () => {
  const own = project();
  const source = join(own, "packets.bpf.c");
  await generateVmlinux({ ...WISH, sources: [source], minimal: true }, workIn(own));
  expect((await buildObject(source, workIn(own))).ok).toBe(true);
  expect((await buildObject(join(own, "walk.bpf.c"), workIn(own))).ok).toBe(false);
  writeFileSync(
    source,
    '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nSEC("xdp") int f(void *c) { return 2; }\n',
  );
  await expect(generateVmlinux({ ...WISH, sources: [source], minimal: true }, workIn(own))).rejects.toThrow(
    "packets.bpf.c does not include vmlinux.h, so it needs none of its types.",
  );
  await expect(generateVmlinux({ ...WISH, minimal: true }, workIn(own))).rejects.toThrow("There is no BPF C source");
});

test("a source that clang cannot read is named with the reason, and one that still fails is told of", async () => {
  const own = project();
  const source = join(own, "packets.bpf.c");
  writeFileSync(source, '#include "vmlinux.h"\n#include "nowhere.h"\n');
  await expect(generateVmlinux({ ...WISH, sources: [source], minimal: true }, workIn(own))).rejects.toThrow(
    "What packets.bpf.c uses cannot be told, since clang cannot read it: 'nowhere.h' file not found.",
  );
  expect(existsSync(join(own, "vmlinux.h"))).toBe(false);
  writeFileSync(source, '#include "vmlinux.h"\nint f(struct task_struct *t) { return t->no_such_member; }\n');
  const { failing } = await generateVmlinux({ ...WISH, sources: [source], minimal: true }, workIn(own));
  expect(failing).toEqual([{ source, error: "no member named 'no_such_member' in 'struct task_struct'" }]);
});

test.each([
  [{ "a.bpf.c": "", "include/vmlinux.h": "#ifndef __VMLINUX_H__\n/* preserve_access_index */\n" }, "include/vmlinux.h"],
  [{ "src/a.bpf.c": "", "src/b.bpf.c": "" }, "src/vmlinux.h"],
  [{ "src/one/a.bpf.c": "", "src/two/b.bpf.c": "" }, "src/vmlinux.h"],
  [{ "a.bpf.c": "", "src/two/b.bpf.c": "" }, "vmlinux.h"],
] as const)("it is written where the sources look for it: %j", async (files, expected) => {
  const own = project(files);
  const sources = Object.keys(files).flatMap((name) => (name.endsWith(".c") ? [join(own, name)] : []));
  const { path } = await generateVmlinux({ ...WISH, sources }, workIn(own));
  expect(path).toBe(join(own, expected));
  expect(readFileSync(path, "utf8")).toContain("struct task_struct {");
});

test("a header that somebody wrote, and a link, are replaced only when that is wanted", async () => {
  const own = project({ "vmlinux.h": "/* mine */\ntypedef int u32;\n", "elsewhere.h": "x" });
  const work = workIn(own);
  await expect(generateVmlinux(WISH, work)).rejects.toThrow("is there already, and not as bpftool makes it");
  expect(readFileSync(join(own, "vmlinux.h"), "utf8")).toContain("mine");
  const asked: string[] = [];
  const mayReplace = async (path: string) => asked.push(path) > 0;
  await generateVmlinux({ ...WISH, mayReplace }, work);
  // Now it is a generated one, and nobody is asked.
  await generateVmlinux(WISH, work);
  rmSync(join(own, "vmlinux.h"));
  symlinkSync("elsewhere.h", join(own, "vmlinux.h"));
  await expect(generateVmlinux(WISH, work)).rejects.toThrow("is there already");
  expect(asked).toEqual([join(own, "vmlinux.h")]);
  expect(readdirSync(own).sort()).toEqual(["elsewhere.h", "vmlinux.h"]);
});

test("types come from a file as well: raw ones and those of an object", async () => {
  const own = project({ "x.bpf.c": "struct only_here { int a; } x;\n" });
  const { plan } = await buildObject(join(own, "x.bpf.c"), workIn(own));
  const output = join(own, "small.h");
  const { from } = await generateVmlinux({ ...WISH, btf: plan.object, output }, workIn(own));
  expect(from).toBe("x.bpf.o");
  expect(readFileSync(output, "utf8")).toContain("struct only_here {");
  writeFileSync(join(own, "y.bpf.c"), '#include "vmlinux.h"\nint f(struct only_here *x) { return x->a; }\n');
  const sources = [join(own, "y.bpf.c")];
  const minimal = await generateVmlinux({ ...WISH, btf: "x.bpf.o", sources, minimal: true }, workIn(own));
  expect(minimal.failing).toEqual([]);
});

test.each([
  ["nowhere", undefined, "nowhere cannot be read: there is no such file."],
  [
    "text",
    Buffer.from("no types at all, only text that is long enough to be looked at for a while"),
    "bpftool cannot make C",
  ],
  ["empty", Buffer.from(""), "bpftool cannot make C"],
  ["packed", Buffer.from([0x1f, 0x8b, 8, 0]), "packed is compressed. Unpack it first"],
  ["vmlinuz", Buffer.from("MZ and more"), "extract-vmlinux"],
  ["cut", readHead(3_000_000), "bpftool cannot make C"],
])("a file without types is said so: %s", async (name, bytes, message) => {
  const own = project({});
  if (bytes !== undefined) writeFileSync(join(own, name), bytes);
  await expect(generateVmlinux({ ...WISH, btf: name }, workIn(own))).rejects.toThrow(message);
  expect(existsSync(join(own, "vmlinux.h"))).toBe(false);
});

function readHead(length: number): Buffer {
  const path = "/sys/kernel/btf/vmlinux";
  return existsSync(path) ? readFileSync(path).subarray(0, length) : Buffer.alloc(0);
}

test("files that are no types are refused by our own reader, too", async () => {
  const own = project();
  const sources = [join(own, "packets.bpf.c")];
  for (const [name, bytes, message] of [
    ["cut", readHead(3_000_000), "are cut off"],
    ["text", Buffer.from("no types at all, but long enough"), "does not begin as BTF does"],
    ["program", readFileSync(process.execPath).subarray(0, 100_000), "cut off"],
  ] as const) {
    writeFileSync(join(own, name), bytes);
    const made = generateVmlinux({ ...WISH, btf: name, sources, minimal: true }, workIn(own));
    await expect(made).rejects.toThrow(message);
  }
});

test("bpftool that is missing, too old or broken is said so", async () => {
  const own = project({});
  const script = (name: string, text: string): string => {
    writeFileSync(join(own, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(own, name), 0o755);
    return join(own, name);
  };
  const old = script("old", "echo bpftool v5.4.0");
  const broken = script(
    "broken",
    'if [ "$1" = version ]; then echo bpftool v7.9.0; else echo "Error: out of order." >&2; exit 255; fi',
  );
  const wrong = script("wrong", 'if [ "$1" = version ]; then echo bpftool v7.9.0; else echo "no C"; fi');
  for (const [bpftool, message] of [
    [join(own, "none"), "there is no such program"],
    [old, "is version 5.4.0"],
    [broken, "bpftool cannot make C of the types in /sys/kernel/btf/vmlinux: out of order."],
    [wrong, "bpftool cannot make C of the types in /sys/kernel/btf/vmlinux: it ended with 0."],
  ] as const) {
    await expect(generateVmlinux(WISH, workIn(own, { bpftool }))).rejects.toThrow(message);
  }
  expect(existsSync(join(own, "vmlinux.h"))).toBe(false);
});

test("a cancelled run leaves what was there", async () => {
  const own = project({ "vmlinux.h": "#ifndef __VMLINUX_H__\n/* preserve_access_index */\n" });
  const abort = new AbortController();
  const work = { ...workIn(own), signal: abort.signal, log: () => abort.abort() };
  await expect(generateVmlinux(WISH, work)).rejects.toThrow("Cancelled.");
  expect(readdirSync(own)).toEqual(["vmlinux.h"]);
  expect(readFileSync(join(own, "vmlinux.h"), "utf8").length).toBeLessThan(100);
});

const CORE = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
enum pid_type { NO_SUCH };
struct task_struct { int pid; int no_such_member; int neither; struct task_struct *real_parent; } __attribute__((preserve_access_index));
SEC("raw_tp/x") int f(struct task_struct **ctx)
{
	struct task_struct *t = ctx[0];
	int n = BPF_CORE_READ(t, real_parent, pid) + BPF_CORE_READ(t, no_such_member);
	n += bpf_core_enum_value(enum pid_type, NO_SUCH);
	return bpf_core_field_exists(t->neither) ? n + 1 : n;
}
char LICENSE[] SEC("license") = "GPL";
`;

test("minimal BTF has what the object relocates by, and what the kernel does not have is told", async () => {
  const own = project({ "x.bpf.c": CORE });
  const { plan, output: said } = await buildObject(join(own, "x.bpf.c"), workIn(own));
  expect(said).toBe("");
  const output = join(own, "min ü.btf");
  const wish = { btf: undefined, objects: [plan.object], output, mayReplace: async () => false };
  const { missing } = await generateMinBtf(wish, workIn(own));
  expect(missing).toEqual([
    { program: "raw_tp/x", what: "struct task_struct.no_such_member" },
    { program: "raw_tp/x", what: "enum pid_type::NO_SUCH" },
  ]);
  const btf = readBtf(readFileSync(output));
  const task = btf.typeAt(btf.find("task_struct", ["struct"]) ?? 0);
  if (task.kind !== "struct") throw new Error(task.kind);
  expect(task.members.map(({ name }) => name).sort()).toEqual(["pid", "real_parent"]);
  // It is ours, and made again without a question; a source is not.
  await generateMinBtf(wish, workIn(own));
  await expect(generateMinBtf({ ...wish, output: join(own, "x.bpf.c") }, workIn(own))).rejects.toThrow(
    "is there already",
  );
  writeFileSync(plan.object, readFileSync(plan.object).subarray(0, 200));
  await expect(generateMinBtf(wish, workIn(own))).rejects.toThrow("bpftool cannot tell what x.bpf.o needs");
  expect(readdirSync(own).sort()).toEqual(["min ü.btf", "x.bpf.c", "x.bpf.o"]);
});

test("questions about what exists are no complaint", () => {
  expect(missingIn("libbpf: prog 'f': relo #3: no matching targets found")).toEqual([
    { program: "f", what: "relocation 3" },
  ]);
  expect(missingIn("nothing of note")).toEqual([]);
});
