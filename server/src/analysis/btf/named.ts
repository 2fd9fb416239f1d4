/** The types that a program names, and those that every program may need. */

import type { Btf } from "./btf.ts";

export interface UsedNames {
  /** After `struct`, `union` or `enum`. */
  readonly tags: ReadonlySet<string>;
  /** All other words: typedefs, enumerators, functions, members. */
  readonly words: ReadonlySet<string>;
}

export function typesNamed(btf: Btf, { tags, words }: UsedNames): ReadonlySet<number> {
  const ids = new Set<number>();
  for (const tag of [...tags, ...ALWAYS_TAGS]) addAll(ids, btf.findAll(tag, ["struct", "union", "enum", "enum64"]));
  for (const word of [...words, ...ALWAYS_TYPEDEFS]) addAll(ids, btf.findAll(word, ["typedef"]));
  for (let id = 1; id < btf.count; id++) {
    const kind = btf.kindOf(id);
    if (kind !== "enum" && kind !== "enum64" && kind !== "decl_tag") continue;
    const type = btf.typeAt(id);
    if (type.kind === "enum" || type.kind === "enum64") {
      if (type.values.some(({ name }) => words.has(name) || ALWAYS_VALUES.has(name))) ids.add(id);
    } else if (type.kind === "decl_tag" && type.name === "bpf_kfunc" && words.has(btf.nameOf(type.type))) {
      // Newer versions of bpftool print the prototypes of functions that bear this tag.
      ids.add(id);
    }
  }
  return ids;
}

function addAll(ids: Set<number>, more: readonly number[]): void {
  for (const id of more) ids.add(id);
}

/** What the next line of a program may well need: what programs get, and what libbpf's macros are made of. */
const ALWAYS_TAGS: readonly string[] = [
  ...["pt_regs", "user_pt_regs", "bpf_map_type", "bpf_attach_type", "xdp_action", "__sk_buff", "xdp_md"],
  ...["bpf_sock", "bpf_sock_addr", "bpf_sock_ops", "bpf_sk_lookup", "sk_msg_md", "sk_reuseport_md", "bpf_sockopt"],
  ...["bpf_sysctl", "bpf_cgroup_dev_ctx", "bpf_perf_event_data", "bpf_raw_tracepoint_args", "bpf_pidns_info"],
  ...[
    "bpf_spin_lock",
    "bpf_timer",
    "bpf_dynptr",
    "trace_entry",
    "trace_event_raw_sys_enter",
    "trace_event_raw_sys_exit",
  ],
];

const SIZES = ["8", "16", "32", "64"];

const ALWAYS_TYPEDEFS: readonly string[] = [
  ...SIZES.flatMap((size) => [`__u${size}`, `__s${size}`, `u${size}`, `s${size}`, `uint${size}_t`, `int${size}_t`]),
  ...["16", "32", "64"].flatMap((size) => [`__be${size}`, `__le${size}`]),
  ...["bool", "size_t", "ssize_t", "pid_t", "uid_t", "gid_t", "dev_t", "loff_t", "__wsum", "__sum16"],
];

/** Of enums without a name. */
const ALWAYS_VALUES: ReadonlySet<string> = new Set([
  ...["BPF_ANY", "BPF_F_CURRENT_CPU", "BPF_F_NO_PREALLOC", "BPF_RB_NO_WAKEUP", "BPF_F_INDEX_MASK", "BPF_F_USER_STACK"],
  ...["BPF_F_INGRESS", "BPF_ADJ_ROOM_NET", "BPF_LOCAL_STORAGE_GET_F_CREATE", "BPF_CSUM_LEVEL_QUERY", "true"],
]);
