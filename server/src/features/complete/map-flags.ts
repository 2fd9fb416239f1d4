/** What the kernel asks of a map definition, type by type: the checks of its alloc functions. */

/** From the *_CREATE_FLAG_MASK and alloc checks below linux:kernel/bpf, net/core/sock_map.c and net/xdp/xskmap.c of 7.1. */
const ACCESS = ["BPF_F_RDONLY", "BPF_F_WRONLY", "BPF_F_RDONLY_PROG", "BPF_F_WRONLY_PROG"];
/** For user space alone: maps of file descriptors know no access of programs. */
const USER_ACCESS = ["BPF_F_RDONLY", "BPF_F_WRONLY"];
const NUMA = "BPF_F_NUMA_NODE";
const STORAGE = { required: ["BPF_F_NO_PREALLOC"], flags: ["BPF_F_NO_PREALLOC", "BPF_F_CLONE"] };

export interface MapRule {
  readonly flags: readonly string[];
  /** Without them the kernel refuses the map. */
  readonly required?: readonly string[];
}

export const MAP_RULES: Readonly<Record<string, MapRule>> = {
  HASH: { flags: ["BPF_F_NO_PREALLOC", NUMA, "BPF_F_ZERO_SEED", ...ACCESS] },
  PERCPU_HASH: { flags: ["BPF_F_NO_PREALLOC", "BPF_F_ZERO_SEED", ...ACCESS] },
  LRU_HASH: { flags: ["BPF_F_NO_COMMON_LRU", NUMA, "BPF_F_ZERO_SEED", ...ACCESS] },
  LRU_PERCPU_HASH: { flags: ["BPF_F_NO_COMMON_LRU", "BPF_F_ZERO_SEED", ...ACCESS] },
  HASH_OF_MAPS: { flags: ["BPF_F_NO_PREALLOC", NUMA, "BPF_F_ZERO_SEED", ...USER_ACCESS] },
  ARRAY: { flags: ["BPF_F_MMAPABLE", "BPF_F_INNER_MAP", NUMA, ...ACCESS] },
  PERCPU_ARRAY: { flags: ACCESS },
  PERF_EVENT_ARRAY: { flags: ["BPF_F_PRESERVE_ELEMS", NUMA, ...USER_ACCESS] },
  PROG_ARRAY: { flags: [NUMA, ...USER_ACCESS] },
  CGROUP_ARRAY: { flags: [NUMA, ...USER_ACCESS] },
  ARRAY_OF_MAPS: { flags: [NUMA, ...USER_ACCESS] },
  REUSEPORT_SOCKARRAY: { flags: [NUMA, ...ACCESS] },
  LPM_TRIE: { required: ["BPF_F_NO_PREALLOC"], flags: ["BPF_F_NO_PREALLOC", NUMA, ...ACCESS] },
  STACK_TRACE: { flags: ["BPF_F_STACK_BUILD_ID", NUMA, ...USER_ACCESS] },
  QUEUE: { flags: [NUMA, ...ACCESS] },
  STACK: { flags: [NUMA, ...ACCESS] },
  BLOOM_FILTER: { flags: [NUMA, "BPF_F_ZERO_SEED", ...ACCESS] },
  RINGBUF: { flags: [NUMA, "BPF_F_RB_OVERWRITE"] },
  USER_RINGBUF: { flags: [NUMA] },
  DEVMAP: { flags: [NUMA, ...USER_ACCESS] },
  DEVMAP_HASH: { flags: [NUMA, ...USER_ACCESS] },
  CPUMAP: { flags: [NUMA] },
  XSKMAP: { flags: [NUMA, ...USER_ACCESS] },
  SOCKMAP: { flags: [NUMA, ...USER_ACCESS] },
  SOCKHASH: { flags: [NUMA, ...USER_ACCESS] },
  CGROUP_STORAGE: { flags: [NUMA, ...ACCESS] },
  PERCPU_CGROUP_STORAGE: { flags: [NUMA, ...ACCESS] },
  SK_STORAGE: STORAGE,
  TASK_STORAGE: STORAGE,
  INODE_STORAGE: STORAGE,
  CGRP_STORAGE: STORAGE,
  ARENA: { required: ["BPF_F_MMAPABLE"], flags: ["BPF_F_MMAPABLE", "BPF_F_SEGV_ON_FAULT", "BPF_F_NO_USER_CONV"] },
  INSN_ARRAY: { flags: [] },
};

const set = (names: string): ReadonlySet<string> => new Set(names.split(" "));

/** A record has neither key nor value of its own, memory has none at all. */
export const WITHOUT_KEY = set("RINGBUF USER_RINGBUF ARENA QUEUE STACK BLOOM_FILTER");
export const WITHOUT_VALUE = set("RINGBUF USER_RINGBUF ARENA ARRAY_OF_MAPS HASH_OF_MAPS");
/** They grow with what they are attached to: the kernel wants 0. */
export const WITHOUT_ENTRIES = set(
  "SK_STORAGE TASK_STORAGE INODE_STORAGE CGRP_STORAGE CGROUP_STORAGE PERCPU_CGROUP_STORAGE",
);
export const RING_BUFFERS = set("RINGBUF USER_RINGBUF");
/** What they hold the loader fills in: inner maps, programs. */
export const WITH_VALUES = set("ARRAY_OF_MAPS HASH_OF_MAPS PROG_ARRAY");
/** Number of hash functions of one, address in user space of the other; the kernel refuses it everywhere else. */
export const WITH_EXTRA = set("BLOOM_FILTER ARENA");
/** Their keys are indexes: four bytes. */
export const INDEXED = set(
  `ARRAY PERCPU_ARRAY PERF_EVENT_ARRAY PROG_ARRAY CGROUP_ARRAY ARRAY_OF_MAPS REUSEPORT_SOCKARRAY DEVMAP DEVMAP_HASH CPUMAP XSKMAP SOCKMAP`,
);
