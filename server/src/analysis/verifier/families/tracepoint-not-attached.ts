/** Family: a tracepoint that is not there, or tracefs that is not mounted. */

import type { Family } from "../family.ts";

export const tracepointNotAttached: Family = {
  id: "tracepoint-not-attached",
  title: "Tracepoint is not to be found",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?failed to determine tracepoint '([^'/]+)\/([^']+)' perf event ID: (.+)/,
    /^(?:libbpf: )?prog '([^']+)': failed to create tracepoint '([^'/]+)\/([^']+)' perf event: (.+)/,
    /^(?:libbpf: )?tracepoint '([^'/]+)\/([^']+)' perf_event_open\(\) failed: (.+)/,
    /^(?:libbpf: )?prog '([^']+)': failed to attach to (?:raw )?tracepoint '([^']+)': (.+)/,
  ],
  meaning: ({ match: { 0: all } }) =>
    /No such file|ENOENT|-2\b/.test(all)
      ? "The kernel has no such tracepoint, or the file system that lists them (tracefs) is not mounted at /sys/kernel/tracing."
      : "The tracepoint is there, or may be, and the program cannot be attached to it.",
  advice:
    "Look: sudo ls /sys/kernel/tracing/events/; when that is empty, sudo mount -t tracefs tracefs /sys/kernel/tracing. Raw tracepoints are named without the group: sched_switch.",
  examples: [
    {
      text: "libbpf: failed to determine tracepoint 'sched/sched_process_exec' perf event ID: No such file or directory",
      from: "libbpf",
    },
    {
      text: "libbpf: prog 'x': failed to create tracepoint 'sched/sched_process_exec' perf event: No such file or directory",
      from: "libbpf",
    },
    {
      text: "libbpf: tracepoint 'sched/sched_switch' perf_event_open() failed: Operation not permitted",
      from: "libbpf",
    },
    {
      text: "libbpf: prog 'x': failed to attach to raw tracepoint 'sched_swich': No such file or directory",
      from: "libbpf",
    },
  ],
};
