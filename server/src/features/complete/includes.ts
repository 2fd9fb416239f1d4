/** Completion of the headers that BPF programs include. */

import type { CompletionItem } from "vscode-languageserver-types";
import { hasVmlinux } from "../../analysis/kernel-headers.ts";
import { type Asked, KIND, plain, RANK, ranked, replacing, SNIPPET } from "./item.ts";
import type { IncludePlace } from "./place.ts";

const HEADERS: Readonly<Record<string, string>> = {
  "vmlinux.h": "all types of one kernel: bpftool btf dump file /sys/kernel/btf/vmlinux format c",
  "bpf/bpf_helpers.h": "SEC, the helpers, map macros, bpf_printk",
  "bpf/bpf_tracing.h": "BPF_PROG, BPF_KPROBE, PT_REGS_…",
  "bpf/bpf_core_read.h": "BPF_CORE_READ, bpf_core_field_exists",
  "bpf/bpf_endian.h": "bpf_htons, bpf_ntohl",
  "bpf/usdt.bpf.h": "BPF_USDT",
  "linux/bpf.h": "contexts, map and program types, XDP_…, flags",
  "linux/types.h": "__u32 and its kin",
  "linux/if_ether.h": "struct ethhdr, ETH_P_…",
  "linux/if_vlan.h": "VLAN names of user space",
  "linux/ip.h": "struct iphdr",
  "linux/ipv6.h": "struct ipv6hdr",
  "linux/in.h": "IPPROTO_…",
  "linux/in6.h": "struct in6_addr",
  "linux/tcp.h": "struct tcphdr",
  "linux/udp.h": "struct udphdr",
  "linux/icmp.h": "struct icmphdr",
  "linux/icmpv6.h": "struct icmp6hdr",
  "linux/pkt_cls.h": "TC_ACT_…",
  "linux/netfilter.h": "NF_ACCEPT, NF_DROP",
  "linux/ptrace.h": "struct pt_regs",
  "linux/bpf_perf_event.h": "struct bpf_perf_event_data",
  "linux/errno.h": "error codes",
};

export function includeItems(asked: Asked, { content, quoted, closed }: IncludePlace): CompletionItem[] {
  const { file } = asked;
  const here = file.text.slice(content.start, content.end);
  const others = new Set(file.model.includes.map(({ path }) => path).filter((path) => path !== here));
  const closing = closed ? "" : quoted ? '"' : ">";
  return Object.entries(HEADERS)
    .filter(([path]) => !others.has(path) && (!quoted || !path.startsWith("linux/")))
    .map(([path, detail], n) => {
      const item: CompletionItem = {
        label: path,
        kind: KIND.file,
        detail,
        sortText: String(n).padStart(2, "0"),
        textEdit: replacing(file, content, `${plain(path)}${closing}`),
        insertTextFormat: SNIPPET,
      };
      return ranked(item, RANK.usual, conflict(path, asked, others));
    });
}

/** Both define the same types. */
function conflict(path: string, { file }: Asked, others: ReadonlySet<string>): string | undefined {
  if (path.startsWith("linux/") && path !== "linux/errno.h" && hasVmlinux(file.model))
    return "defines again what vmlinux.h has";
  const uapi = [...others].find((one) => /^(?:linux|asm)\//.test(one));
  return path === "vmlinux.h" && uapi !== undefined ? `defines again what ${uapi} has` : undefined;
}
