/** Family: a helper with a map of a type that is not for it. */

import type { Family } from "../family.ts";

export const wrongMapForHelper: Family = {
  id: "wrong-map-for-helper",
  title: "Map is of the wrong type for this helper",
  class: "source",
  by: "verifier",
  said: [/^cannot pass map_type (\d+) into func (\w+)#(\d+)/, /^invalid arg_type for sockmap\/sockhash/],
  meaning: ({ match }) =>
    match[2] === undefined
      ? "This helper does not take a socket map or socket hash in this place."
      : `${match[2]}() does not work with ${mapType(Number(match[1]))}.`,
  advice:
    "Give it a map of the type it is made for, or use the helper that this map is for. Hovering the helper shows which types it takes.",
  rules: ["wrong-map-type"],
  examples: [
    { text: "cannot pass map_type 2 into func bpf_get_stackid#27", from: "4.18 to 7.2" },
    { text: "invalid arg_type for sockmap/sockhash", from: "5.10 to 7.2" },
  ],
};

/** As the kernel numbers them; they never change. */
const MAP_TYPES =
  "HASH ARRAY PROG_ARRAY PERF_EVENT_ARRAY PERCPU_HASH PERCPU_ARRAY STACK_TRACE CGROUP_ARRAY LRU_HASH LRU_PERCPU_HASH LPM_TRIE ARRAY_OF_MAPS HASH_OF_MAPS DEVMAP SOCKMAP CPUMAP XSKMAP SOCKHASH CGROUP_STORAGE REUSEPORT_SOCKARRAY PERCPU_CGROUP_STORAGE QUEUE STACK SK_STORAGE DEVMAP_HASH STRUCT_OPS RINGBUF INODE_STORAGE TASK_STORAGE BLOOM_FILTER USER_RINGBUF CGRP_STORAGE ARENA".split(
    " ",
  );

function mapType(number: number): string {
  const name = MAP_TYPES[number - 1];
  return name === undefined ? `a map of type ${number}` : `a map of type BPF_MAP_TYPE_${name}`;
}
