import { test } from "vitest";
import { mapFieldInTracing } from "../../server/src/analysis/rules/map-field-in-tracing.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const MAP = (field: string) =>
  `struct v { struct ${field} x; int n; }; struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, struct v); } m SEC(".maps");`;
const USE = "{ int key = 0; return !bpf_map_lookup_elem(&m, &key); }";

test("through a function of the file", () => {
  checkRule(
    mapFieldInTracing,
    `
${MAP("bpf_spin_lock")}
static int look(void)
${USE}
SEC("tp/sched/sched_switch")
int on_switch(void *ctx) { return look(); }
//  ^^^^^^^^^ on_switch() uses map m, with a bpf_spin_lock: the verifier refuses that in tracepoints
`,
  );
});

test("variables that the kernel keeps in one map", () => {
  checkRule(
    mapFieldInTracing,
    `
struct bpf_spin_lock lock SEC(".data.A");
int total SEC(".data.A");
int other SEC(".data.B");
SEC("kprobe/f")
int on_f(void *ctx) { return total; }
//  ^^^^ on_f() uses what stands in .data.A with lock, a bpf_spin_lock: the verifier refuses that in kprobes
SEC("kprobe/g")
int on_g(void *ctx) { return other; }
SEC("kprobe/h")
int on_h(struct entry *total) { return total->lock + total->total; }
`,
  );
});

test("timers, as the targets have it", () => {
  const text = `${MAP("bpf_timer")}\nSEC("perf_event")\nint f(void *ctx) ${USE}`;
  checkRule(
    mapFieldInTracing,
    `
${MAP("bpf_timer")}
SEC("perf_event")
int f(void *ctx) ${USE}
//  ^ f() uses map m, with a bpf_timer: the verifier refuses that in perf event programs of 6.1
`,
    { target: "6.1, 7.1" },
  );
  checkNoFindings(mapFieldInTracing, text, { target: "7.0" });
});

test("silent in programs of other types, and of maps without", () => {
  for (const section of ["tc", "xdp", "fentry/f", "tp_btf/sched_switch", "lsm/file_open", "struct_ops/x"])
    checkNoFindings(mapFieldInTracing, `${MAP("bpf_spin_lock")}\nSEC("${section}")\nint f(void *ctx) ${USE}`);
  checkNoFindings(mapFieldInTracing, `${MAP("bpf_timer")}\nSEC("socket")\nint f(void *ctx) ${USE}`);
  checkNoFindings(mapFieldInTracing, `${MAP("other")}\nSEC("kprobe/f")\nint f(void *ctx) ${USE}`);
});

test("silent where the compiler may leave the call out", () => {
  checkNoFindings(
    mapFieldInTracing,
    `${MAP("bpf_spin_lock")}
static int look(int is_tc) { int key = 0; if (is_tc) return !bpf_map_lookup_elem(&m, &key); return 0; }
SEC("kprobe/f")
int f(void *ctx) { return look(0); }`,
  );
});
