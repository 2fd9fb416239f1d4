/**
 * Types and constants of the kernel's user-space headers that map definitions use without spelling them out.
 *
 * All of them are part of the kernel's stable interface, so their sizes never change; a test asks a compiler for them.
 */

export interface KnownType {
  readonly size: number;
  readonly align: number;
}

const type = (size: number, align: number): KnownType => ({ size, align });

/** By tag and name. From include/uapi/linux/bpf.h and in6.h. */
export const KERNEL_TYPES: ReadonlyMap<string, KnownType> = new Map([
  ["struct bpf_timer", type(16, 8)],
  ["struct bpf_spin_lock", type(4, 4)],
  ["struct bpf_res_spin_lock", type(4, 4)],
  ["struct bpf_dynptr", type(16, 8)],
  ["struct bpf_list_head", type(16, 8)],
  ["struct bpf_list_node", type(24, 8)],
  ["struct bpf_rb_root", type(16, 8)],
  ["struct bpf_rb_node", type(32, 8)],
  ["struct bpf_refcount", type(4, 4)],
  ["struct bpf_wq", type(16, 8)],
  ["struct bpf_cgroup_storage_key", type(16, 8)],
  ["struct bpf_cpumap_val", type(8, 4)],
  ["struct bpf_devmap_val", type(8, 4)],
  ["struct bpf_flow_keys", type(56, 4)],
  ["struct bpf_stack_build_id", type(32, 8)],
  ["struct bpf_perf_event_value", type(24, 8)],
  ["struct bpf_pidns_info", type(8, 4)],
  ["struct bpf_lpm_trie_key_hdr", type(4, 4)],
  ["struct in6_addr", type(16, 4)],
  ["struct in_addr", type(4, 4)],
]);

/** By name, as an expression. */
export const KERNEL_CONSTANTS: ReadonlyMap<string, string> = new Map([
  ["TASK_COMM_LEN", "16"],
  ["PERF_MAX_STACK_DEPTH", "127"],
  ["PATH_MAX", "4096"],
  ["NAME_MAX", "255"],
  ["IFNAMSIZ", "16"],
  ["ETH_ALEN", "6"],
]);
