import { expect, test } from "vitest";
import { bccCode } from "../../server/src/analysis/rules/bcc-code.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const HASH = (name: string, key = "u32", value = "u64") => `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, ${key});
	__type(value, ${value});
	__uint(max_entries, 10240);
} ${name} SEC(".maps");
`;

test("flags each construct by itself", () => {
  checkRule(
    bccCode,
    `
    #include <uapi/linux/ptrace.h>
    #include <bcc/proto.h>
    BPF_HASH(counts, u32);
//  ^^^^^^^^^^^^^^^^^^^^^ BPF_HASH() is a macro of bcc's; libbpf finds maps in section ".maps"
    int kprobe__do_exit(struct pt_regs *ctx)
//      ^^^^^^^^^^^^^^^ bcc attaches kprobe__do_exit() by its name; libbpf wants SEC("kprobe/do_exit")
    {
        u32 pid = 0;
        u64 *count = counts.lookup(&pid);
//                   ^^^^^^^^^^^^^ counts.lookup() is bcc's; a map has no methods, libbpf programs call bpf_map_lookup_elem()
        bpf_trace_printk("%d", pid);
//      ^^^^^^^^^^^^^^^^ only bcc's bpf_trace_printk() takes a format and values; the helper wants the format's size too, as bpf_printk() adds it
        bpf_log2l(pid);
//      ^^^^^^^^^ bpf_log2l() comes with bcc; with libbpf the program must bring it itself
        return 0;
    }
`,
  );
});

test("a whole tool", () => {
  checkFix(
    bccCode,
    `BPF_HASH(start, u32, struct data);
BPF_HISTOGRAM(dist);
BPF_PERF_OUTPUT(events);
BPF_STACK_TRACE(stacks, 1024);

int kprobe__vfs_read(struct pt_regs *ctx, struct file *file)
{
	u32 pid = bpf_get_current_pid_tgid();
	struct data zero = {}, *data;

	data = start.lookup_or_try_init(&pid, &zero);
	dist.increment(pid % 64);
	events.perf_submit(ctx, &zero, sizeof(zero));
	stacks.get_stackid(ctx, BPF_F_REUSE_STACKID);
	start.update(&pid, start.lookup(&pid));
	start.delete(&pid);
	lock_xadd(&data->count, 1);
	return 0;
}

int kretprobe__vfs_read(struct pt_regs *ctx)
{
	return 0;
}

RAW_TRACEPOINT_PROBE(sched_switch)
{
	return 0;
}

KFUNC_PROBE(vfs_open, struct path *path, struct file *file)
{
	return 0;
}
`,
    `${HASH("start", "u32", "struct data")}struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, int);
	__type(value, u64);
	__uint(max_entries, 64);
} dist SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} events SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(key_size, sizeof(u32));
	__uint(value_size, 127 * sizeof(u64));
	__uint(max_entries, 1024);
} stacks SEC(".maps");

SEC("kprobe/vfs_read")
int BPF_KPROBE(kprobe__vfs_read, struct file *file)
{
	u32 pid = bpf_get_current_pid_tgid();
	struct data zero = {}, *data;

	data = bpf_map_lookup_elem(&start, &pid);
	if (!data) {
		bpf_map_update_elem(&start, &pid, &zero, BPF_NOEXIST);
		data = bpf_map_lookup_elem(&start, &pid);
	}
	{
		int _key = pid % 64;
		u64 *_count = bpf_map_lookup_elem(&dist, &_key);
		if (_count)
			*_count += 1;
	}
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &zero, sizeof(zero));
	bpf_get_stackid(ctx, &stacks, BPF_F_REUSE_STACKID);
	bpf_map_update_elem(&start, &pid, bpf_map_lookup_elem(&start, &pid), BPF_ANY);
	bpf_map_delete_elem(&start, &pid);
	__sync_fetch_and_add(&data->count, 1);
	return 0;
}

SEC("kretprobe/vfs_read")
int kretprobe__vfs_read(struct pt_regs *ctx)
{
	return 0;
}

SEC("raw_tp/sched_switch")
int raw_tracepoint__sched_switch(struct bpf_raw_tracepoint_args *ctx)
{
	return 0;
}

SEC("fentry/vfs_open")
int BPF_PROG(kfunc__vfs_open, struct path *path, struct file *file)
{
	return 0;
}
`,
  );
});

test("a histogram of structures, a hash that counts, and a step", () => {
  checkFix(
    bccCode,
    "BPF_HISTOGRAM(dist, struct key);\nint f(void *ctx)\n{\n\tstruct key k = {};\n\tdist.atomic_increment(k, 2);\n\treturn 0;\n}\n",
    `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct key);
	__type(value, u64);
	__uint(max_entries, 64);
} dist SEC(".maps");
int f(void *ctx)
{
	struct key k = {};
	{
		struct key _key = k;
		u64 *_count = bpf_map_lookup_elem(&dist, &_key), _first = 2;
		if (_count)
			__sync_fetch_and_add(_count, 2);
		else
			bpf_map_update_elem(&dist, &_key, &_first, BPF_NOEXIST);
	}
	return 0;
}
`,
  );
});

test("what cannot be written in one place has no fix", () => {
  const source = `${HASH("m")}int f(void *ctx)\n{\n\tif (m.lookup_or_init(&a, &b) || x)\n\t\tm.foo(1);\n\treturn 0;\n}\n`;
  checkFix(bccCode, source, source);
  const probe = "TRACEPOINT_PROBE(syscalls, sys_enter_open)\n{\n\treturn args->flags;\n}\n";
  checkFix(bccCode, probe, probe);
});

test("silent with bcc", () => {
  checkNoFindings(bccCode, "BPF_HASH(counts, u32);\nint kprobe__f(struct pt_regs *ctx) { return 0; }\n", {
    loader: "bcc",
  });
});

test("silent where the macros are the project's own", () => {
  checkNoFindings(
    bccCode,
    `#define BPF_HASH(name, k) struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, k); } name SEC(".maps")
BPF_HASH(counts, u32);
`,
  );
  checkNoFindings(bccCode, '#include "maps.h"\nBPF_HASH(counts, u32);\nint f(void *ctx) { return 0; }\n');
});

test("silent on libbpf programs", () => {
  checkNoFindings(
    bccCode,
    `${HASH("m")}static int kprobe__helper(void *x) { return 0; }
SEC("kprobe/f")
int kprobe__f(struct pt_regs *ctx)
{
	struct ops m = {};
	bpf_trace_printk("x", sizeof("x"));
	return m.lookup(1) + kprobe__helper(ctx);
}
int kprobe__other(void *x) { return 0; }
`,
  );
});

test("half-typed calls", () => {
  for (const call of ["m.lookup", "m.lookup(", "m.lookup(&k", "m.", "m.update(&k, "])
    checkFix(
      bccCode,
      `${HASH("m")}int f(void *ctx)\n{\n\t${call}\n}\n`,
      `${HASH("m")}int f(void *ctx)\n{\n\t${call}\n}\n`,
    );
});

test("what bcc rewrites, or brings itself, is no mistake in its code", () => {
  const body = `static u64 code_of(struct task_struct *task) { return task->exit_code; }
int on_exit(struct pt_regs *ctx, int a, int b, int c, int d, int e)
{
	bpf_trace_printk("%d %d\\n", a, b);
	return code_of((struct task_struct *)bpf_get_current_task());
}
SEC("kprobe/do_exit")
int g(struct pt_regs *ctx) { return on_exit(ctx, 1, 2, 3, 4, 5); }
char LICENSE[] SEC("license") = "GPL";
`;
  const grave = (source: string) =>
    findingsIn(source, undefined)
      .filter(({ severity }) => severity === "error" || severity === "warning")
      .map(({ rule }) => rule.id);
  const include = '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n';
  expect(grave(`${include}BPF_HASH(seen, u32);\n${body}`).filter((id) => id !== "bcc-code")).toEqual([]);
  expect(new Set(grave(include + body))).toEqual(new Set(["raw-pointer", "printk-format", "too-many-arguments"]));
});
