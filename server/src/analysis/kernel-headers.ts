/** For rules: the headers a file takes in, and what can be said of the kernel's own. */

import { isKernelTypes } from "./header.ts";
import type { BpfModel, Inclusion } from "./model.ts";

/** As bpftool makes it. One in a folder, as `<bpf/vmlinux.h>`, is often written by hand and holds a few types only. */
const GENERATED = /^(?:\.{1,2}\/)*vmlinux\.h$/;
/** libbpf's headers for programs. */
const LIBBPF = /^(?:bpf\/)?(?:(?:bpf_(?:helpers|helper_defs|tracing|core_read|endian))|usdt\.bpf)\.h$/;

/** `vmlinux.h`, all types of a kernel. */
export function isGenerated(path: string): boolean {
  return GENERATED.test(path);
}

export function isLibbpfHeader(path: string): boolean {
  return LIBBPF.test(path);
}

/** Whether the file takes the kernel's types from a copy of them, which may declare kfuncs as well. */
export function hasVmlinux({ includes }: BpfModel): boolean {
  return includes.some(isKernelTypes);
}

/** Whether the kernel's structures come from a generated header, so that their fields are found when the program is loaded. */
export function hasRelocatedTypes(model: BpfModel): boolean {
  return hasVmlinux(model) || model.includes.length === 0;
}

/** Whether it is read whatever the preprocessor knows. */
export function isUnconditional({ range }: Inclusion, { code }: BpfModel): boolean {
  return code.compiledWhen(range).length === 0;
}

/** Headers that are not followed, and define nothing that a program's own structures could be taken for. */
export const KNOWN_INCLUDES =
  /^(?:linux\/(?:bpf|types)\.h|(?:bpf\/)?bpf_(?:helpers|helper_defs|tracing|core_read|endian)\.h|std(?:bool|def|int)\.h)$/;

/**
 * Headers of the kernel's interface that define a type which every vmlinux.h has too: `npm run data:verify vmlinux-headers`
 * compiles each behind the running kernel's, and it was done so with those of 6.14 and of three more kernels.
 * `linux/types.h` is left out: the kernel's own tree has a small one that does no harm.
 */
export const CONFLICTING: ReadonlySet<string> = new Set(
  [
    ["asm-generic", `fcntl posix_types siginfo signal socket`],
    ["asm", `byteorder fcntl posix_types ptrace siginfo signal socket stat termbits`],
    [
      "linux",
      `aio_abi audit bpf bpf_perf_event btf capability cdrom cgroupstats dccp dm-ioctl elf ethtool eventpoll
          fanotify fcntl fib_rules filter fs fuse futex hid hw_breakpoint icmp icmpv6 if if_addr if_arp if_bridge
          if_ether if_link if_packet if_tun if_tunnel if_xdp igmp in in6 inet_diag inotify input io_uring ip ipc
          ipv6 kernel keyctl kvm landlock lirc lwtunnel mount mpls msg neighbour net netfilter
          netfilter/nf_conntrack_common netfilter/nf_conntrack_tcp netfilter/nf_conntrack_tuple_common
          netfilter/nfnetlink netfilter/x_tables netfilter_ipv4 netfilter_ipv6 netlink perf_event personality
          pkt_cls pkt_sched poll posix_types prctl ptrace random resource route rtnetlink sched seccomp seg6_local
          sem shm signal sock_diag socket stat swab sysinfo taskstats tc_act/tc_bpf tcp tcp_metrics time time_types
          times timex tls udp uio un userfaultfd utime utsname vhost virtio_net vm_sockets wireless xdp_diag`,
    ],
  ].flatMap(([folder = "", names = ""]) => names.split(/\s+/).map((name) => `${folder}/${name}.h`)),
);
