import { expect, test } from "vitest";
import { hintsIn } from "../support/check.ts";

const programs = (section: string, rest: string) => hintsIn(`SEC("${section}")\nint ${rest}`).split("\n")[0];

test.each([
  ["tc", "sched_cls"],
  ["uprobe//bin/sh:main", "kprobe"],
  ["fentry/do_exit", "tracing"],
  ["iter/task", "tracing"],
  ["cgroup/connect4", "cgroup_sock_addr"],
  ["raw_tp/sys_enter", "raw_tracepoint"],
])("the type of a program in %s", (section, type) => {
  expect(programs(section, "f(void *ctx) { return 0; }")).toBe(`SEC("${section}")«${type}»`);
});

test.each([
  "xdp",
  "xdp.frags",
  "kprobe/do_exit",
  "kretprobe.multi/tcp_*",
  "?tracepoint/a/b",
  "lsm/file_open",
  "nobody/knows",
])("%s says it itself, or nobody knows", (section) => {
  expect(programs(section, "f(void *ctx) { return 0; }")).toBe(`SEC("${section}")`);
});

test.each([
  ["xdp", "struct xdp_md *"],
  ["tracepoint/sched/sched_switch", "struct trace_event_raw_sched_switch *"],
  ["tp/syscalls/sys_enter_openat", "struct trace_event_raw_sys_enter *"],
  ["kprobe/do_exit", "struct pt_regs *"],
  ["iter/task", "struct bpf_iter__task *"],
  ["fentry/do_exit", "unsigned long long *"],
])("what void *ctx points to in %s", (section, pointer) => {
  expect(hintsIn(`SEC("${section}")\nint f(void *ctx)\n{ return 0; }`)).toContain(`f(void *ctx«: ${pointer}»)`);
});

test("a context that has a type, and one that nobody asks for, need no hint", () => {
  for (const text of [
    'SEC("xdp")\nint f(struct xdp_md *ctx)\n{ return 0; }',
    'SEC("kprobe/do_exit")\nint BPF_KPROBE(f, long code)\n{ return 0; }',
    'SEC("tracepoint")\nint f(void *ctx)\n{ return 0; }',
  ])
    expect(hintsIn(text)).toBe(text);
});

test("the context that a macro hides, where the body asks for it", () => {
  const text = 'SEC("kprobe/do_exit")\nint BPF_KPROBE(f, long code)\n{ return bpf_get_func_ip(ctx); }';
  expect(hintsIn(text)).toContain("BPF_KPROBE(f«, struct pt_regs *ctx», long code)");
});

test("what a helper calls its arguments, where they do not say it", () => {
  const text = `struct { __uint(type, BPF_MAP_TYPE_HASH); } counts SEC(".maps");
SEC("xdp") int f(struct xdp_md *ctx)
{
	int key = 0, flags = 0, one = 1;
	bpf_map_update_elem(&counts, &key, &one, flags);
	bpf_printk("%d %d", key, one);
	bpf_probe_read_kernel(&one, sizeof(one), ctx);
	return bpf_get_prandom_u32();
}`;
  expect(hintsIn(text)).toContain("bpf_map_update_elem(«map:»&counts, &key, «value:»&one, flags);");
  expect(hintsIn(text)).toContain("bpf_probe_read_kernel(«dst:»&one, sizeof(one), «unsafe_ptr:»ctx);");
  expect(hintsIn(text)).toContain('bpf_printk("%d %d", key, one)');
});

test("a call that is being typed, and a function of the file's own", () => {
  for (const text of [
    "int f(void) { bpf_map_delete_elem(1, 2",
    "int bpf_map_delete_elem(int a, int b) { return 0; }\nint g(void) { return bpf_map_delete_elem(1, 2); }",
  ])
    expect(hintsIn(text)).toBe(text);
});
