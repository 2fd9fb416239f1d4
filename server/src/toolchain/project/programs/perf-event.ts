/** A project on a timer of each CPU: what the CPUs spend their time with. */

import type { Kind } from "./kind.ts";

export const perfEvent: Kind = {
  id: "perf_event",
  title: "Sampled CPUs (perf_event)",
  does: "samples every CPU 99 times a second and counts what it is busy with",
  since: "5.4",
  includes: ["bpf/bpf_tracing.h"],
  programs: [{ name: "on_sample", hook: { to: "cpus" } }],
  output: {
    shape: "counters",
    key: "STATE",
    names: { 0: "idle", 1: "kernel", 2: "user" },
    size: 3,
    fields: ["samples"],
  },
  header: `enum cpu_state {
	CPU_STATE_IDLE,
	CPU_STATE_KERNEL,
	CPU_STATE_USER,
	COUNTERS,
};

struct counter {
	__u64 samples;
};`,
  source: `/* Each CPU counts for itself, so that nobody has to wait; whoever reads adds them up. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

static __always_inline __u32 state_of(struct bpf_perf_event_data *ctx)
{
	/* The idle task of each CPU has the number 0. */
	if (bpf_get_current_pid_tgid() == 0)
		return CPU_STATE_IDLE;
	/* The kernel lives in the upper half of the addresses. */
	return (long)PT_REGS_IP(&ctx->regs) < 0 ? CPU_STATE_KERNEL : CPU_STATE_USER;
}

SEC("perf_event")
int on_sample(struct bpf_perf_event_data *ctx)
{
	__u32 state = state_of(ctx);
	struct counter *counter;

	counter = bpf_map_lookup_elem(&counters, &state);
	if (counter)
		counter->samples++;
	return 0;
}`,
};
