/** Rule: a program that may sleep uses a map of a type that is not made for that. */

import { mayBeLeftOut, programsByKind, runsOf } from "../for-rules/runs.ts";
import type { Program } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const mapInSleepableProgram: Rule = {
  meta: {
    id: "map-in-sleepable-program",
    group: "maps",
    summary: "A map that programs that may sleep cannot use",
    rationale: `A program that may sleep can use arrays, hashes, queues, ring buffers, local storage and an arena, and no other maps.
While it sleeps an entry may be freed, unless the map waits for such programs; most types do not. So \`fentry.s\`, \`lsm.s\`,
\`uprobe.s\`, \`iter.s\` and \`syscall\` programs have no \`BPF_MAP_TYPE_PERF_EVENT_ARRAY\` (send events by a ring buffer), no
\`BPF_MAP_TYPE_PROG_ARRAY\` and so no tail calls, no \`BPF_MAP_TYPE_STACK_TRACE\`, no old cgroup storage
(\`BPF_MAP_TYPE_CGRP_STORAGE\` will do), no maps of sockets or devices.

Older kernels take fewer: ring buffers came in 5.12, queues and local storage in 6.1 and 6.2.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

SEC("uprobe.s")
int on_call(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &id, sizeof(id));
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("uprobe.s")
int on_call(struct pt_regs *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	bpf_ringbuf_output(&events, &id, sizeof(id), 0);
	return 0;
}`,
        refused: { by: "kernel", says: "Sleepable programs can only use array, hash, ringbuf and local storage maps" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (!model.maps.some(({ type }) => isRefused(type))) return;
    if (!programsByKind(ctx).some(({ meaning }) => meaning.sleepable)) return;
    const told = new Set<Program>();
    for (const call of model.calls) {
      const { map, range } = call.args.find((arg) => arg.map !== undefined) ?? {};
      if (map === undefined || range === undefined || !isRefused(map.type)) continue;
      const run = runsOf(call, ctx).find(
        ({ sleepable, asks, program }) => sleepable && asks !== "flag" && !told.has(program),
      );
      if (run === undefined || mayBeLeftOut(call, model)) continue;
      const { program, word } = run;
      told.add(program);
      yield {
        range,
        message: `a program that may sleep cannot use ${map.name}, a ${map.type}: the verifier refuses it`,
        related: [{ range: program.nameRange, message: `${program.name}() may sleep, as ${word} says` }],
      };
    }
  },
};

/** What check_map_prog_compatibility() of linux:kernel/bpf/verifier.c does not list. Others, and types to come, are not asked about. */
const REFUSED: ReadonlySet<string> = new Set(
  `BLOOM_FILTER CGROUP_ARRAY CGROUP_STORAGE CGROUP_STORAGE_DEPRECATED CPUMAP DEVMAP DEVMAP_HASH PERCPU_CGROUP_STORAGE
  PERF_EVENT_ARRAY PROG_ARRAY REUSEPORT_SOCKARRAY SOCKHASH SOCKMAP STACK_TRACE XSKMAP`
    .split(/\s+/)
    .map((name) => `BPF_MAP_TYPE_${name}`),
);

function isRefused(type: string | undefined): boolean {
  return type !== undefined && REFUSED.has(type);
}
