// @ts-check
/** The kinds of programs that the kernel tells apart when it hands out helpers: program type, attach type, sleepable. */

/**
 * @typedef {object} ProgramContext
 * @property {string} label for messages
 * @property {string} progType
 * @property {string} [attachType]
 * @property {boolean} [only] no program of this type is attached in another way
 * @property {boolean} [sleepable]
 * @property {boolean} [trampoline] attached through a trampoline, so arguments and return value can be read
 * @property {string} [iterator]
 * @property {string} [structOps]
 * @property {readonly string[]} [hooks] sets of LSM hooks that hold the one attached to
 */

/** Types whose helpers do not depend on how they are attached; the attach type the kernel insists on beside it. */
const PLAIN = {
  SOCKET_FILTER: undefined,
  KPROBE: undefined,
  SCHED_CLS: undefined,
  SCHED_ACT: undefined,
  TRACEPOINT: undefined,
  XDP: undefined,
  PERF_EVENT: undefined,
  LWT_IN: undefined,
  LWT_OUT: undefined,
  LWT_XMIT: undefined,
  SOCK_OPS: "BPF_CGROUP_SOCK_OPS",
  SK_SKB: undefined,
  CGROUP_DEVICE: "BPF_CGROUP_DEVICE",
  SK_MSG: "BPF_SK_MSG_VERDICT",
  RAW_TRACEPOINT: undefined,
  LWT_SEG6LOCAL: undefined,
  LIRC_MODE2: undefined,
  SK_REUSEPORT: undefined,
  FLOW_DISSECTOR: undefined,
  CGROUP_SYSCTL: "BPF_CGROUP_SYSCTL",
  RAW_TRACEPOINT_WRITABLE: undefined,
  SK_LOOKUP: "BPF_SK_LOOKUP",
  NETFILTER: "BPF_NETFILTER",
};

/** Types of which one program may call what another may not, by attach type. @type {Readonly<Record<string, readonly string[]>>} */
const BY_ATTACH_TYPE = {
  CGROUP_SKB: ["BPF_CGROUP_INET_INGRESS", "BPF_CGROUP_INET_EGRESS"],
  CGROUP_SOCK: [
    "BPF_CGROUP_INET_SOCK_CREATE",
    "BPF_CGROUP_INET_SOCK_RELEASE",
    "BPF_CGROUP_INET4_POST_BIND",
    "BPF_CGROUP_INET6_POST_BIND",
  ],
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
  CGROUP_SOCKOPT: ["BPF_CGROUP_GETSOCKOPT", "BPF_CGROUP_SETSOCKOPT"],
  KPROBE: ["BPF_TRACE_KPROBE_MULTI", "BPF_TRACE_KPROBE_SESSION", "BPF_TRACE_UPROBE_MULTI", "BPF_TRACE_UPROBE_SESSION"],
  TRACING: ["BPF_TRACE_RAW_TP", "BPF_TRACE_ITER"],
};

const TRAMPOLINE = ["BPF_TRACE_FENTRY", "BPF_TRACE_FEXIT", "BPF_MODIFY_RETURN", "BPF_TRACE_FSESSION"];

/** The hooks at which a cgroup program of LSM may set socket options. */
export const SOCKOPT_HOOKS = ["bpf_lsm_locked_sockopt_hooks", "bpf_lsm_unlocked_sockopt_hooks"];

/** @param {readonly string[]} structOps @returns {ProgramContext[]} */
export function programContexts(structOps) {
  return [
    ...Object.entries(PLAIN).map(([type, attachType]) => contextOf({ progType: type, attachType, only: true })),
    ...Object.entries(BY_ATTACH_TYPE).flatMap(([type, attachTypes]) =>
      attachTypes.map((attachType) =>
        contextOf({ progType: type, attachType, ...(attachType === "BPF_TRACE_ITER" && { iterator: "task" }) }),
      ),
    ),
    ...TRAMPOLINE.map((attachType) => contextOf({ progType: "TRACING", attachType, trampoline: true })),
    contextOf({ progType: "LSM", attachType: "BPF_LSM_MAC", trampoline: true }),
    contextOf({ progType: "LSM", attachType: "BPF_LSM_CGROUP", trampoline: true, hooks: SOCKOPT_HOOKS }),
    // Programs of this type always may sleep.
    contextOf({ progType: "SYSCALL", sleepable: true }),
    ...structOps.map((name) => contextOf({ progType: "STRUCT_OPS", structOps: name })),
  ];
}

/** The same program, declared sleepable; undefined where the kernel has no such. @param {ProgramContext} context @returns {ProgramContext | undefined} */
export function sleeping(context) {
  const { progType, attachType } = context;
  if (context.sleepable) return undefined;
  const can =
    /_(?:KPROBE|STRUCT_OPS|TRACEPOINT|RAW_TRACEPOINT)$/.test(progType) ||
    (progType === "BPF_PROG_TYPE_LSM" && attachType === "BPF_LSM_MAC") ||
    progType === "BPF_PROG_TYPE_TRACING";
  return can ? { ...context, sleepable: true } : undefined;
}

/** @param {Omit<ProgramContext, "label" | "attachType"> & { attachType?: string | undefined }} context @returns {ProgramContext} */
function contextOf({ progType, attachType, ...rest }) {
  const detail = rest.only ? undefined : (rest.structOps ?? attachType);
  return {
    label: `${progType}${detail ? `/${detail}` : ""}`,
    progType: `BPF_PROG_TYPE_${progType}`,
    ...(attachType && { attachType }),
    ...rest,
  };
}
