// @ts-check
/**
 * Constants: what programs write that a vmlinux.h, made from the kernel's BTF, lacks because the headers `#define` it; and
 * the enumerators that go with a program's answer or a helper's flags, which vmlinux.h has.
 */

import { definitionsIn, evaluate, written } from "../c-constants.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").ConstantFact} ConstantFact */
/** @typedef {import("../c-constants.mjs").Definitions} Definitions */
/** @typedef {import("../upstream.mjs").Upstreams} Upstreams */

/**
 * @typedef {object} Pick What is taken of a header.
 * @property {string} header as in an `#include`, `linux/if_ether.h`
 * @property {true} [libbpf] in one of libbpf's headers for programs, `bpf/bpf_helpers.h`
 * @property {true} [internal] in the kernel's own `include/`, not in `include/uapi/`
 * @property {string} group
 * @property {RegExp} names
 * @property {string} why programs need them
 * @property {string} [inBtfSince] the release that made an enum of a define, so that BTF has it
 * @property {string} [machine] the name of the header that each architecture may have of its own, in `asm/`
 */

/** How many there are, which changes, guards of headers, and what a pattern cannot leave out by itself. */
const NO_CONSTANT = /^_|_H_?$|^[AP]F_MAX$|_(?:MAX_STATES|NUMHOOKS|NUMPROTO|OP_LAST)$|^TCP_(?:AO|ACCECN)_/;

/** Enumerators of enums without a name that no type of the kernel refers to; its BTF of 6.18 and 6.19 lacks them. */
const NOT_IN_BTF = /^BPF_(?:DEVCG|STREAM)_/;

/** @type {readonly Pick[]} */
export const PICKS = [
  // Maps
  {
    header: "bpf/bpf_helpers.h",
    libbpf: true,
    group: "map definitions",
    names: /^LIBBPF_PIN_/,
    why: "Whether libbpf pins a map, `__uint(pinning, …)`.",
  },
  {
    header: "bpf/bpf_helpers.h",
    libbpf: true,
    group: "kernel configuration",
    names: /^TRI_/,
    why: "What a `__kconfig` variable of an option says that may be a module.",
  },
  // Packets
  {
    header: "linux/if_ether.h",
    group: "Ethernet protocols",
    names: /^ETH_P_/,
    why: "The type of a frame, compared after bpf_htons().",
  },
  {
    header: "linux/if_ether.h",
    group: "Ethernet frames",
    names: /^ETH_(?!P_)/,
    why: "Sizes when headers are parsed or pushed.",
  },
  {
    header: "linux/if_vlan.h",
    internal: true,
    group: "VLAN",
    names: /^VLAN_(?:HLEN|ETH_HLEN|PRIO|CFI|VID|N_VID|MAX_DEPTH)/,
    why: "How a tag is taken apart.",
  },
  {
    header: "linux/if_arp.h",
    group: "ARP",
    names:
      /^ARPOP_(?!In|NAK)|^ARPHRD_(?:ETHER|LOOPBACK|INFINIBAND|PPP|TUNNEL6?|SIT|IPGRE|IP6GRE|RAWIP|NONE|NETLINK|IEEE80211|CAN)$/,
    why: "Operations of ARP, and the kinds of device that a program meets.",
  },
  {
    header: "linux/if_packet.h",
    group: "packet types",
    names: /^PACKET_(?:HOST|BROADCAST|MULTICAST|OTHERHOST|OUTGOING|LOOPBACK|USER|KERNEL|FASTROUTE)$/,
    why: "pkt_type of __sk_buff, and the argument of bpf_skb_change_type().",
  },
  {
    header: "linux/in.h",
    group: "IP protocols",
    names: /^IPPROTO_/,
    why: "The protocol of an IPv4 packet or a socket.",
  },
  { header: "linux/in6.h", group: "IP protocols", names: /^IPPROTO_/, why: "The next header of an IPv6 packet." },
  {
    header: "net/ipv6.h",
    internal: true,
    group: "IPv6",
    names: /^NEXTHDR_|^IP6_(?:MF|OFFSET)$|^IPV6_DEFAULT_HOPLIMIT$/,
    why: "Walking the chain of extension headers, telling a fragment.",
  },
  { header: "linux/ipv6.h", group: "IPv6", names: /^IPV6_MIN_MTU$/, why: "The size that every link must carry." },
  {
    header: "net/ip.h",
    internal: true,
    group: "IPv4",
    names: /^IP_(?:CE|DF|MF|OFFSET)$|^IPV4_M/,
    why: "Telling a fragment.",
  },
  {
    header: "linux/ip.h",
    group: "IPv4",
    names:
      /^IPTOS_(?!PREC_(?!MASK))|^IPOPT_(?!CLASS|NUMBER|RESERVED|CONTROL|MEAS|OPTVAL|OLEN|OFFSET|MINOFF|COPY|TS_)|^IPVERSION$|^MAXTTL$|^IPDEFTTL$|^MAX_IPOPTLEN$/,
    why: "Options, type of service and time to live of a packet.",
  },
  { header: "linux/icmp.h", group: "ICMP", names: /^ICMP_(?!EXT_|AFI|FILTER)/, why: "Type and code of a message." },
  {
    header: "linux/icmpv6.h",
    group: "ICMPv6",
    names: /^ICMPV6_(?!FILTER|EXT_|ROUTER_PREF|MSG_MAX|NI_)/,
    why: "Type and code of a message.",
  },
  {
    header: "net/tcp.h",
    internal: true,
    group: "TCP headers",
    names:
      /^TCPHDR_(?!ACE|SYNACK|SYN_ECN|FLAGS)|^TCPOPT_|^TCPOLEN_(?!\w*_ALIGNED|\w*_PERBLOCK|\w*_BASE)|^MAX_TCP_OPTION_SPACE$/,
    why: "Flags and options of a segment, in the byte and order of the header.",
  },
  {
    header: "linux/tcp.h",
    group: "TCP options",
    names:
      /^TCP_(?!FLAG|NLA|RESERVED|DATA_OFF|MD5SIG_|CM_|\w*QUEUES|RECEIVE_Z|MSS_D|REPAIR_O|\w+_QUEUE$)|^TCP_QUEUE_SEQ$/,
    why: "Options for bpf_setsockopt() and bpf_getsockopt(), states of congestion control.",
  },
  { header: "linux/udp.h", group: "UDP options", names: /^UDP_/, why: "Options of a socket, encapsulations." },
  {
    header: "net/tcp_states.h",
    internal: true,
    group: "TCP states",
    names: /^TCP_/,
    why: "The state of a kernel's socket.",
  },
  {
    header: "linux/in.h",
    group: "IP options",
    names:
      /^IP_(?:TOS|TTL|MTU|FREEBIND|TRANSPARENT|\w*ORIGDSTADDR|MINTTL|BIND_ADDRESS_NO_PORT|UNICAST_IF|LOCAL_PORT_RANGE|PMTUDISC_\w+|MTU_DISCOVER|PKTINFO)$|^INADDR_(?:ANY|BROADCAST|NONE|LOOPBACK)$|^IN_(?:MULTICAST_NET|LOOPBACKNET)$/,
    why: "Options for bpf_setsockopt() at SOL_IP, addresses with a meaning.",
  },
  {
    header: "linux/in6.h",
    group: "IPv6 options",
    names:
      /^IPV6_(?:UNICAST_HOPS|MULTICAST_HOPS|MTU|V6ONLY|DONTFRAG|TCLASS|AUTOFLOWLABEL|\w*ORIGDSTADDR|TRANSPARENT|UNICAST_IF|FREEBIND|FLOWINFO_\w+|TLV_(?:JUMBO|PAD\w))$/,
    why: "Options for bpf_setsockopt() at SOL_IPV6.",
  },
  {
    header: "linux/inet.h",
    internal: true,
    group: "address sizes",
    names: /^INET6?_ADDRSTRLEN$/,
    why: "How long a printed address gets.",
  },
  {
    header: "linux/if.h",
    group: "interfaces",
    names: /^IFNAMSIZ$|^IFF_/,
    why: "The size of an interface's name, its flags.",
  },
  // Answers of programs
  {
    header: "linux/pkt_cls.h",
    group: "TC verdicts",
    names: /^TC_ACT_(?!EXT|VALUE_MAX|JUMP|GOTO)/,
    why: "What a classifier returns; TCX takes some of them by names of its own.",
  },
  {
    header: "linux/pkt_sched.h",
    group: "TC handles",
    names: /^TC_H_(?!\w*MASK)|^TC_PRIO_/,
    why: "Where a filter hangs, priorities of packets.",
  },
  {
    header: "linux/netfilter.h",
    group: "netfilter",
    names: /^NF_(?!VERDICT|MAX)|^NFPROTO_/,
    why: "What a netfilter program returns, its hooks and protocols.",
  },
  {
    header: "linux/netfilter_ipv4.h",
    group: "netfilter",
    names: /^NF_IP_PRI_/,
    why: "Where in the order of hooks a program stands.",
  },
  {
    header: "linux/netfilter_ipv6.h",
    group: "netfilter",
    names: /^NF_IP6_PRI_/,
    why: "Where in the order of hooks a program stands.",
  },
  {
    header: "linux/netfilter/nf_conntrack_common.h",
    group: "connection tracking",
    names: /^IPS_(?!\w*_BIT$|\w*MASK$)|^IP_CT_(?!\w*COMPAT)/,
    why: "What the connection tracking kfuncs give and take.",
  },
  { header: "linux/bpf.h", group: "XDP actions", names: /^XDP_/, why: "What an XDP program returns." },
  {
    header: "linux/bpf.h",
    group: "socket verdicts",
    names: /^SK_/,
    why: "What a program for sockets and messages returns.",
  },
  {
    header: "linux/bpf.h",
    group: "BPF return codes",
    names: /^BPF_(?:OK|DROP|REDIRECT|LWT_REROUTE|FLOW_DISSECTOR_CONTINUE)$/,
    why: "What other programs return.",
  },
  { header: "linux/bpf.h", group: "TCX verdicts", names: /^TCX_/, why: "What a TCX program returns." },
  {
    header: "linux/if_link.h",
    group: "netkit verdicts",
    names: /^NETKIT_(?:NEXT|PASS|DROP|REDIRECT)$/,
    why: "What a netkit program returns.",
  },
  // BPF itself
  {
    header: "linux/bpf.h",
    group: "update modes",
    names: /^BPF_(?:ANY|NOEXIST|EXIST)$/,
    why: "The last argument of bpf_map_update_elem().",
  },
  {
    header: "linux/bpf.h",
    group: "BPF flags",
    names: /^BPF_F_/,
    why: "Flags of helpers and maps. Those of an enum are among the flags in full; the defines are what vmlinux.h lacks.",
  },
  {
    header: "linux/bpf.h",
    group: "helper flags",
    names:
      /^BPF_(?:RB_|RINGBUF_|CSUM_LEVEL_|ADJ_ROOM_(?!ENCAP)|HDR_START_|LWT_ENCAP_|SKB_|SK_LOOKUP_F_|SK_STORAGE_|LOCAL_STORAGE_|FIB_|MTU_CHK_|DEVCG_|LOAD_HDR_|WRITE_HDR_|STREAM_STD|ADJ_ROOM_ENCAP_L2_MASK)/,
    why: "What helpers are told and what they answer.",
  },
  {
    header: "linux/bpf.h",
    group: "socket operations",
    names: /^BPF_SOCK_OPS_|^BPF_TCP_|^TCP_BPF_/,
    why: "What a sockops program is called for, states of TCP, options of bpf_setsockopt() for BPF alone.",
  },
  {
    header: "linux/bpf.h",
    group: "BPF sizes",
    names: /^BPF_(?:OBJ_NAME_LEN|BUILD_ID_SIZE|TAG_SIZE)$|^MAX_BPF_(?:STACK|REG)$/,
    why: "Sizes of fields.",
  },
  {
    header: "linux/filter.h",
    internal: true,
    group: "BPF sizes",
    names: /^MAX_BPF_STACK$/,
    why: "How large a program's stack is.",
  },
  // Sockets
  {
    header: "linux/socket.h",
    internal: true,
    group: "address families",
    names: /^AF_|^PF_(?:UNSPEC|UNIX|LOCAL|INET6?|NETLINK|PACKET|BRIDGE|VSOCK|XDP|MAX|KEY|CAN|ALG|TIPC)$/,
    why: "The family of a socket or an address.",
  },
  {
    header: "linux/socket.h",
    internal: true,
    group: "socket levels",
    names:
      /^SOL_(?:IP|IPV6|TCP|UDP|UDPLITE|RAW|SCTP|ICMPV6|PACKET|NETLINK|VSOCK|XDP|MPTCP|TLS|ALG|CAN\w*|IUCV|ATALK|TIPC|KCM|LLC|PPPOL2TP|RDS)$/,
    why: "The level for bpf_setsockopt() and of the cgroup sockopt programs.",
  },
  {
    header: "linux/socket.h",
    internal: true,
    group: "message flags",
    names:
      /^MSG_(?:OOB|PEEK|TRUNC|DONTWAIT|WAITALL|NOSIGNAL|MORE|EOR|ERRQUEUE|ZEROCOPY|FASTOPEN|CMSG_CLOEXEC|SPLICE_PAGES)$/,
    why: "Flags of the messages that programs watch.",
  },
  {
    header: "linux/net.h",
    internal: true,
    group: "socket types",
    names: /^SOCK_(?!WAKE|SUPPORT|PASS|NOSPACE|ASYNC|CUSTOM|MAX|TYPE)/,
    why: "The type of a socket.",
  },
  {
    header: "asm-generic/socket.h",
    machine: "socket.h",
    group: "socket options",
    names:
      /^SO_(?:REUSEADDR|REUSEPORT|TYPE|ERROR|BROADCAST|SNDBUF|RCVBUF|KEEPALIVE|PRIORITY|LINGER|PEERCRED|BINDTO\w+|ATTACH\w+|DETACH\w+|ACCEPTCONN|MARK|PROTOCOL|DOMAIN|BUSY_POLL|MAX_PACING_RATE|INCOMING_\w+|COOKIE|TXTIME|ZEROCOPY|NETNS_COOKIE|TXREHASH|RCVLOWAT|(?:SND|RCV)TIMEO_NEW)$|^SOL_SOCKET$/,
    why: "Options for bpf_setsockopt() at SOL_SOCKET.",
  },
  // Tasks and files
  {
    header: "linux/sched.h",
    internal: true,
    group: "names",
    names: /^TASK_COMM_LEN$/,
    inBtfSince: "5.17",
    why: "The size of a task's name.",
  },
  {
    header: "linux/sched.h",
    internal: true,
    group: "task flags",
    names:
      /^PF_(?:EXITING|KTHREAD|WQ_WORKER|IO_WORKER|IDLE|FORKNOEXEC|SUPERPRIV|DUMPCORE|SIGNALED|MEMALLOC|KSWAPD|USER_WORKER|VCPU|RANDOMIZE)$/,
    why: "Telling kernel threads and leaving tasks.",
  },
  {
    header: "linux/sched.h",
    internal: true,
    group: "task states",
    names: /^TASK_(?:RUNNING|INTERRUPTIBLE|UNINTERRUPTIBLE)$/,
    why: "Whether a task runs or waits.",
  },
  {
    header: "linux/sched.h",
    group: "clone flags",
    names: /^CLONE_(?!ARGS)|^SCHED_(?!FLAG)/,
    why: "How a task was made, and how it is scheduled.",
  },
  {
    header: "linux/limits.h",
    group: "names",
    names: /^(?:PATH|NAME)_MAX$|^XATTR_\w+_MAX$|^ARG_MAX$/,
    why: "Sizes of names and paths.",
  },
  {
    header: "linux/capability.h",
    group: "capabilities",
    names: /^CAP_(?!TO_|LAST|OPT)/,
    why: "What a capability check asks for.",
  },
  { header: "linux/stat.h", group: "file modes", names: /^S_I/, why: "What kind of file it is and who may do what." },
  {
    header: "linux/fs.h",
    internal: true,
    group: "file access",
    names: /^MAY_|^FMODE_(?:READ|WRITE|EXEC|LSEEK|PREAD|PWRITE|PATH|CREATED|OPENED|NONOTIFY)$/,
    why: "What a security hook is asked about, how a file was opened.",
  },
  {
    header: "asm-generic/fcntl.h",
    machine: "fcntl.h",
    group: "open flags",
    names: /^O_/,
    why: "How a file is opened.",
  },
  {
    header: "linux/fcntl.h",
    group: "open flags",
    names: /^AT_(?!RENAME|HANDLE|EXECVE)/,
    why: "What a path is relative to.",
  },
  { header: "linux/kdev_t.h", internal: true, group: "devices", names: /^MINOR/, why: "Taking a device number apart." },
  {
    header: "asm-generic/mman-common.h",
    machine: "mman.h",
    group: "memory mapping",
    names: /^PROT_(?!GROWS)|^MAP_(?!UNINIT)/,
    why: "What a mapping is made with.",
  },
  {
    header: "linux/mman.h",
    group: "memory mapping",
    names: /^MAP_(?:SHARED|PRIVATE|SHARED_VALIDATE|DROPPABLE)$/,
    why: "What a mapping is made with.",
  },
  {
    header: "asm-generic/errno-base.h",
    machine: "errno.h",
    group: "error codes",
    names: /^E[A-Z]/,
    why: "What a hook returns and a system call answers.",
  },
  {
    header: "asm-generic/errno.h",
    machine: "errno.h",
    group: "error codes",
    names: /^E[A-Z]/,
    why: "What a hook returns and a system call answers.",
  },
  {
    header: "linux/errno.h",
    internal: true,
    group: "error codes",
    names: /^E(?:RESTART|NOTSUPP$|PROBE_DEFER$|NOIOCTLCMD$)/,
    why: "What only functions inside the kernel return.",
  },
  {
    header: "linux/err.h",
    internal: true,
    group: "error codes",
    names: /^MAX_ERRNO$/,
    why: "Telling an error from a pointer.",
  },
  {
    header: "asm-generic/signal.h",
    machine: "signal.h",
    group: "signals",
    names: /^SIG(?!RT)[A-Z0-9]+$/,
    why: "bpf_send_signal() and the tracepoints of signals.",
  },
  {
    header: "linux/ptrace.h",
    internal: true,
    group: "ptrace",
    names: /^PTRACE_MODE_(?:READ|ATTACH|NOAUDIT|FSCREDS|REALCREDS)$/,
    why: "What a tracing check is asked about.",
  },
  {
    header: "linux/futex.h",
    group: "futexes",
    names: /^FUTEX_(?:WAIT|WAKE|LOCK_PI|UNLOCK_PI|WAIT_BITSET|WAKE_BITSET|PRIVATE_FLAG|CMD_MASK)$/,
    why: "What a lock in user space does.",
  },
  {
    header: "linux/magic.h",
    group: "file systems",
    names:
      /^(?:AUTOFS|CEPH|DEBUGFS|SECURITYFS|SELINUX|RAMFS|TMPFS|HUGETLBFS|SQUASHFS|EROFS|EXT[234]|XENFS|BTRFS|F2FS|ISOFS|XFS|MSDOS|EXFAT|NFS|SMB2?|CIFS|CGROUP2?|STACK_END|TRACEFS|V9FS|BPF_FS|NSFS|PIPEFS|SOCK|ANON_INODE_FS|FUSE|OVERLAYFS|PROC|DEVPTS|SYSFS|DMA_BUF|PID_FS|EFIVARFS|BINFMTFS)(?:_SUPER)?_MAGIC$/,
    why: "Which file system a file is on.",
  },
  { header: "linux/reboot.h", group: "reboot", names: /^LINUX_REBOOT_CMD_/, why: "What a reboot is asked for." },
  // Time, measuring, blocks
  { header: "linux/time.h", group: "clocks", names: /^CLOCK_|^TIMER_ABSTIME$/, why: "The clock for bpf_timer_init()." },
  {
    header: "vdso/time64.h",
    internal: true,
    group: "units of time",
    names: /^[MUN]SEC_PER_/,
    why: "Nanoseconds to what people read.",
  },
  {
    header: "linux/perf_event.h",
    group: "perf events",
    names: /^PERF_(?:TYPE|COUNT|CONTEXT|MAX_STACK)_(?!\w*_MAX$)/,
    why: "What an event counts, the marks between the parts of a stack.",
  },
  {
    header: "linux/blk_types.h",
    internal: true,
    group: "block requests",
    names: /^REQ_(?:OP_|SYNC|META|PRIO|FUA|PREFLUSH|RAHEAD|BACKGROUND|NOWAIT|POLLED|IDLE$)|^SECTOR_S/,
    why: "Operation and flags of a request to a disk.",
  },
  {
    header: "linux/rtnetlink.h",
    group: "routing",
    names: /^RT_TABLE_(?!MAX|COMPAT)|^RTN_(?!MAX)/,
    why: "Tables and kinds of routes, for bpf_fib_lookup().",
  },
  {
    header: "linux/netlink.h",
    group: "netlink",
    names:
      /^NETLINK_(?!UNUSED|DNRT|ECRYPT|SMC|ADD|DROP|PKTINFO|BROADCAST|NO_|RX|TX|LISTEN|LIST|CAP|EXT|GET|UNCON|CONN)/,
    why: "The protocol of a netlink socket.",
  },
  {
    header: "linux/lirc.h",
    group: "infrared",
    names: /^LIRC_MODE2_|^LIRC_(?:VALUE|MODE2)_MASK$/,
    why: "The samples of a LIRC program.",
  },
];

/** Architectures that have a BPF compiler, as the kernel's `arch/` calls them. */
const MACHINES = ["arm", "arm64", "loongarch", "mips", "powerpc", "riscv", "s390", "sparc", "x86"];

/**
 * @param {Upstreams} upstreams
 * @param {readonly Pick[]} [picks]
 * @returns {{ entries: ConstantFact[], disagreements: string[] }}
 */
export function extract(upstreams, picks = PICKS) {
  const tag = upstreams.refs("linux").at(-1);
  if (tag === undefined) throw new Error("data/upstream.json pins no kernel tree");
  const read = reader(upstreams, tag);
  const headers = new Map(picks.map((pick) => [pathOf(pick), read.must(pathOf(pick), pick.internal)]));
  const shared = (/** @type {string} */ name) => definitionIn(headers.values(), name);
  /** @type {Map<string, ConstantFact>} */
  const facts = new Map();
  /** @type {string[]} */
  const disagreements = [];
  for (const pick of picks) {
    const definitions = headers.get(pathOf(pick)) ?? new Map();
    const inKernel = pick.libbpf ? new Map() : read.must(pathOf(pick), true);
    const { found, unread } = constantsOf(definitions, pick, shared, inKernel);
    const source = [pick.libbpf ? `libbpf:${pathOf(pick)}` : `linux:${pathOf(pick)}@${tag}`];
    if (found.length === 0) throw new Error(`${source}: has no constant ${pick.names}`);
    disagreements.push(...unread.map((name) => `${name}: cannot tell its value in ${pick.header}`));
    for (const constant of found) {
      const before = facts.get(constant.name);
      if (before && BigInt(before.value) !== BigInt(constant.value)) {
        disagreements.push(
          `${constant.name}: ${before.value} in ${before.header}, ${constant.value} in ${pick.header}`,
        );
      }
      if (before || (constant.kind === "enum" && pick.group === "BPF flags")) continue;
      const elsewhere = pick.machine === undefined ? {} : otherMachines(read.machines(pick.machine), constant, shared);
      facts.set(constant.name, { ...constant, ...elsewhere, source });
    }
  }
  return { entries: [...facts.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), disagreements };
}

/** @param {Upstreams} upstreams @param {string} tag */
function reader({ read }, tag) {
  /** @type {Map<string, Definitions | undefined>} */
  const known = new Map();
  /** @param {string} path @param {boolean} [kernel] */
  function definitions(path, kernel = false) {
    const key = `${path} ${kernel}`;
    if (known.has(key)) return known.get(key);
    const text = path.startsWith("src/") ? read("libbpf", path) : read("linux", path, tag);
    const found = text === undefined ? undefined : definitionsIn(text, { kernel });
    known.set(key, found);
    return found;
  }
  return {
    /** @param {string} path @param {boolean} [kernel] */
    must(path, kernel) {
      const found = definitions(path, kernel);
      if (found === undefined)
        throw new Error(`linux ${tag} has no ${path}; a mirror must hold the headers of constants`);
      return found;
    },
    /** @param {string} header @returns {[string, Definitions][]} */
    machines(header) {
      return MACHINES.flatMap((machine) => {
        const found = definitions(`arch/${machine}/include/uapi/asm/${header}`);
        return found ? [[machine, found]] : [];
      });
    },
  };
}

/** @param {Pick} pick */
function pathOf({ header, internal, libbpf }) {
  if (libbpf) return header.replace(/^bpf/, "src");
  return `include/${internal ? "" : "uapi/"}${header}`;
}

/** @param {Iterable<Definitions>} headers @param {string} name */
function definitionIn(headers, name) {
  for (const definitions of headers) {
    const found = definitions.get(name);
    if (found) return found;
  }
  return undefined;
}

/**
 * The constants of one header that a pick names.
 *
 * @param {Definitions} definitions
 * @param {Pick} pick
 * @param {import("../c-constants.mjs").Lookup} [shared] what other headers define
 * @param {Definitions} [kernel] the header as the kernel compiles it
 * @returns {{ found: Omit<ConstantFact, "source">[], unread: string[] }} `unread`: named, but of no known value
 */
export function constantsOf(
  definitions,
  { header, internal, group, names, inBtfSince },
  shared = () => undefined,
  kernel = definitions,
) {
  /** @type {Omit<ConstantFact, "source">[]} */
  const found = [];
  /** @type {string[]} */
  const unread = [];
  const lookup = (/** @type {string} */ name) => definitions.get(name) ?? shared(name);
  for (const [name, { kind, enum: enumName, body, params }] of definitions) {
    if (params || body === "" || !names.test(name) || NO_CONSTANT.test(name)) continue;
    const value = evaluate(body, lookup);
    if (value === undefined) {
      unread.push(name);
      continue;
    }
    const inKernel = kind === "enum" && kernel.has(name) && !NOT_IN_BTF.test(name);
    found.push({
      name,
      value: asWritten(body) ?? written(value),
      header,
      ...(internal && { internal }),
      kind,
      ...(enumName && { enum: enumName }),
      ...(inKernel && { inBtf: /** @type {const} */ (true) }),
      ...(inBtfSince && { inBtfSince }),
      group,
    });
  }
  return { found, unread };
}

/** A single hexadecimal number keeps its zeros: `0x0800`. @param {string} body */
function asWritten(body) {
  return /^\(?(0x[\da-f]+)[ul]*\)?$/i.exec(body)?.[1]?.toLowerCase().replace("X", "x");
}

/**
 * @param {readonly [string, Definitions][]} machines
 * @param {Omit<ConstantFact, "source">} constant
 * @param {import("../c-constants.mjs").Lookup} shared
 * @returns {{ except?: Record<string, string> }}
 */
function otherMachines(machines, { name, value }, shared) {
  const except = machines.flatMap(([machine, definitions]) => {
    const own = definitions.get(name);
    const there = own && !own.params && evaluate(own.body, (other) => definitions.get(other) ?? shared(other));
    return there && there.value !== BigInt(value) ? [[machine, asWritten(own.body) ?? written(there)]] : [];
  });
  return except.length > 0 ? { except: Object.fromEntries(except) } : {};
}
