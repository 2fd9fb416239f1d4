// @ts-check
/** Every kind of program that can be loaded without further ado: by program type, attach type and target. */

import { KIND } from "./btf.mjs";

/** @typedef {{ name: string, kind: number, member?: number }} Target what the kernel looks up in its BTF */

/**
 * @typedef {object} Program
 * @property {string} label as in the facts: `TRACING/BPF_TRACE_FENTRY`
 * @property {string} name for messages: the label, and what tells it from others of the same label
 * @property {string} type without `BPF_PROG_TYPE_`
 * @property {string} [attachType]
 * @property {boolean} [sleepable]
 * @property {boolean} [frags]
 * @property {Target} [target]
 */

/** A short cut: no attach type is 0, which the kernel takes for none or for the first. @type {Readonly<Record<string, readonly (string | undefined)[]>>} */
const PLAIN = {
  SOCKET_FILTER: [undefined],
  KPROBE: [
    undefined,
    "BPF_TRACE_KPROBE_MULTI",
    "BPF_TRACE_KPROBE_SESSION",
    "BPF_TRACE_UPROBE_MULTI",
    "BPF_TRACE_UPROBE_SESSION",
  ],
  SCHED_CLS: [undefined, "BPF_TCX_INGRESS", "BPF_TCX_EGRESS", "BPF_NETKIT_PRIMARY", "BPF_NETKIT_PEER"],
  SCHED_ACT: [undefined],
  TRACEPOINT: [undefined],
  XDP: [undefined, "BPF_XDP", "BPF_XDP_DEVMAP", "BPF_XDP_CPUMAP"],
  PERF_EVENT: [undefined, "BPF_PERF_EVENT"],
  CGROUP_SKB: ["BPF_CGROUP_INET_INGRESS", "BPF_CGROUP_INET_EGRESS"],
  CGROUP_SOCK: [
    "BPF_CGROUP_INET_SOCK_CREATE",
    "BPF_CGROUP_INET_SOCK_RELEASE",
    "BPF_CGROUP_INET4_POST_BIND",
    "BPF_CGROUP_INET6_POST_BIND",
  ],
  LWT_IN: [undefined],
  LWT_OUT: [undefined],
  LWT_XMIT: [undefined],
  SOCK_OPS: ["BPF_CGROUP_SOCK_OPS"],
  SK_SKB: [undefined, "BPF_SK_SKB_STREAM_PARSER", "BPF_SK_SKB_STREAM_VERDICT", "BPF_SK_SKB_VERDICT"],
  CGROUP_DEVICE: ["BPF_CGROUP_DEVICE"],
  SK_MSG: ["BPF_SK_MSG_VERDICT"],
  RAW_TRACEPOINT: [undefined],
  CGROUP_SOCK_ADDR: [
    "BPF_CGROUP_INET4_BIND",
    "BPF_CGROUP_INET6_BIND",
    "BPF_CGROUP_INET4_CONNECT",
    "BPF_CGROUP_INET6_CONNECT",
    "BPF_CGROUP_UNIX_CONNECT",
    "BPF_CGROUP_UDP4_SENDMSG",
    "BPF_CGROUP_UDP6_SENDMSG",
    "BPF_CGROUP_UNIX_SENDMSG",
    "BPF_CGROUP_UDP4_RECVMSG",
    "BPF_CGROUP_UDP6_RECVMSG",
    "BPF_CGROUP_UNIX_RECVMSG",
    "BPF_CGROUP_INET4_GETPEERNAME",
    "BPF_CGROUP_INET6_GETPEERNAME",
    "BPF_CGROUP_UNIX_GETPEERNAME",
    "BPF_CGROUP_INET4_GETSOCKNAME",
    "BPF_CGROUP_INET6_GETSOCKNAME",
    "BPF_CGROUP_UNIX_GETSOCKNAME",
  ],
  LWT_SEG6LOCAL: [undefined],
  LIRC_MODE2: [undefined],
  SK_REUSEPORT: ["BPF_SK_REUSEPORT_SELECT", "BPF_SK_REUSEPORT_SELECT_OR_MIGRATE"],
  FLOW_DISSECTOR: [undefined],
  CGROUP_SYSCTL: ["BPF_CGROUP_SYSCTL"],
  RAW_TRACEPOINT_WRITABLE: [undefined],
  CGROUP_SOCKOPT: ["BPF_CGROUP_GETSOCKOPT", "BPF_CGROUP_SETSOCKOPT"],
  SK_LOOKUP: ["BPF_SK_LOOKUP"],
  NETFILTER: ["BPF_NETFILTER"],
};

/** Where a kernel looks at the target, several that differ. @type {readonly Omit<Program, "label" | "name">[]} */
const TARGETED = [
  ...["sched_switch", "kfree_skb"].map((name) => tracing("BPF_TRACE_RAW_TP", `btf_trace_${name}`, KIND.TYPEDEF)),
  ...["task", "tcp", "udp", "unix", "bpf_map_elem"].map((name) => tracing("BPF_TRACE_ITER", `bpf_iter_${name}`)),
  { ...tracing("BPF_TRACE_ITER", "bpf_iter_task"), sleepable: true },
  tracing("BPF_TRACE_FENTRY", "do_exit"),
  tracing("BPF_TRACE_FEXIT", "do_exit"),
  // Made for tests of the kernel's own: programs on it may sleep.
  { ...tracing("BPF_TRACE_FENTRY", "bpf_fentry_test1"), sleepable: true },
  { ...tracing("BPF_TRACE_FEXIT", "bpf_fentry_test1"), sleepable: true },
  tracing("BPF_MODIFY_RETURN", "security_file_open"),
  { ...tracing("BPF_MODIFY_RETURN", "bpf_fentry_test1"), sleepable: true },
  tracing("BPF_TRACE_FSESSION", "do_exit"),
  lsm("BPF_LSM_MAC", "bpf_lsm_file_open"),
  { ...lsm("BPF_LSM_MAC", "bpf_lsm_file_open"), sleepable: true },
  ...["socket_bind", "socket_post_create", "sock_graft"].map((name) => lsm("BPF_LSM_CGROUP", `bpf_lsm_${name}`)),
  { type: "SYSCALL", sleepable: true },
  ...["ssthresh", "cong_avoid", "init", "release"].map((member) => operation("tcp_congestion_ops", member)),
  operation("Qdisc_ops", "enqueue"),
  operation("hid_bpf_ops", "hid_device_event"),
  operation("sched_ext_ops", "enqueue"),
  operation("smc_hs_ctrl", "syn_option"),
];

/** @param {string} attachType @param {string} name @param {number} kind */
function tracing(attachType, name, kind = KIND.FUNC) {
  return { type: "TRACING", attachType, target: { name, kind } };
}

/** @param {string} attachType @param {string} name */
function lsm(attachType, name) {
  return { type: "LSM", attachType, target: { name, kind: KIND.FUNC } };
}

/** One operation of a structure; its number takes the place of the attach type. @param {string} name @param {string} attachType */
function operation(name, attachType) {
  return { type: "STRUCT_OPS", attachType, target: { name, kind: KIND.STRUCT } };
}

/** @returns {Program[]} */
export function programs() {
  const plain = Object.entries(PLAIN).flatMap(([type, attachTypes]) =>
    attachTypes.map((attachType) => ({ type, ...(attachType && { attachType }) })),
  );
  const more = [
    { type: "KPROBE", sleepable: true },
    { type: "KPROBE", attachType: "BPF_TRACE_UPROBE_MULTI", sleepable: true },
    { type: "XDP", attachType: "BPF_XDP", frags: true },
  ];
  return [...plain, ...more, ...TARGETED].map(named);
}

/** @param {Omit<Program, "label" | "name">} program @returns {Program} */
function named(program) {
  const { type, attachType, target, sleepable, frags } = program;
  const inner = type === "STRUCT_OPS" ? target?.name : attachType;
  const label = inner ? `${type}/${inner}` : type;
  const on = type === "STRUCT_OPS" ? attachType : target?.name;
  const more = [on && `on ${on}`, sleepable && type !== "SYSCALL" && "sleepable", frags && "frags"].filter(Boolean);
  return { ...program, label, name: [label, ...more].join(" ") };
}
