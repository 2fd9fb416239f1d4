/**
 * Types and constants of the kernel's headers that programs use without spelling them out: in map definitions, and the
 * headers of network packets.
 *
 * All of them are part of a stable interface, of the kernel or of a network, so their sizes never change; a test asks a
 * compiler for them.
 */

import type { CType, Field, RecordType } from "./types.ts";

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

/** The headers of packets and what goes with them, by tag and name: who includes the kernel's headers never defines them. */
export const KERNEL_RECORDS: ReadonlyMap<string, RecordType> = new Map(
  [
    struct("ethhdr", "__u8 h_dest 6, __u8 h_source 6, __be16 h_proto", true),
    struct("vlan_hdr", "__be16 h_vlan_TCI, __be16 h_vlan_encapsulated_proto"),
    struct("iphdr", [
      ...fields(
        "__u8 ihl :4, __u8 version :4, __u8 tos, __be16 tot_len, __be16 id, __be16 frag_off, __u8 ttl, __u8 protocol",
      ),
      ...fields("__sum16 check, __be32 saddr, __be32 daddr"),
    ]),
    struct("ipv6hdr", [
      ...fields("__u8 priority :4, __u8 version :4, __u8 flow_lbl 3, __be16 payload_len, __u8 nexthdr, __u8 hop_limit"),
      { ...plain("saddr"), type: { kind: "tagged", tag: "struct", name: "in6_addr" } },
      { ...plain("daddr"), type: { kind: "tagged", tag: "struct", name: "in6_addr" } },
    ]),
    struct("ipv6_opt_hdr", "__u8 nexthdr, __u8 hdrlen", true),
    struct("frag_hdr", "__u8 nexthdr, __u8 reserved, __be16 frag_off, __be32 identification"),
    struct("ip_auth_hdr", "__u8 nexthdr, __u8 hdrlen, __be16 reserved, __be32 spi, __be32 seq_no"),
    struct("ip_esp_hdr", "__be32 spi, __be32 seq_no"),
    struct("tcphdr", [
      ...fields("__be16 source, __be16 dest, __be32 seq, __be32 ack_seq, __u16 res1 :4, __u16 doff :4, __u16 fin :1"),
      ...fields("__u16 syn :1, __u16 rst :1, __u16 psh :1, __u16 ack :1, __u16 urg :1, __u16 ece :1, __u16 cwr :1"),
      ...fields("__be16 window, __sum16 check, __be16 urg_ptr"),
    ]),
    struct("udphdr", "__be16 source, __be16 dest, __be16 len, __sum16 check"),
    struct("sctphdr", "__be16 source, __be16 dest, __be32 vtag, __le32 checksum"),
    struct("icmphdr", [
      ...fields("__u8 type, __u8 code, __sum16 checksum"),
      {
        ...plain("un"),
        type: record("union", "", [
          { ...plain("echo"), type: record("struct", "", fields("__be16 id, __be16 sequence")) },
          ...fields("__be32 gateway"),
          { ...plain("frag"), type: record("struct", "", fields("__be16 __unused, __be16 mtu")) },
          ...fields("__u8 reserved 4"),
        ]),
      },
    ]),
    struct("icmp6hdr", "__u8 icmp6_type, __u8 icmp6_code, __sum16 icmp6_cksum, __be32 icmp6_dataun"),
    struct("arphdr", "__be16 ar_hrd, __be16 ar_pro, __u8 ar_hln, __u8 ar_pln, __be16 ar_op"),
    struct("mpls_label", "__be32 entry"),
    struct("bpf_sock_tuple", [
      {
        ...plain(""),
        type: record("union", "", [
          {
            ...plain("ipv4"),
            type: record("struct", "", fields("__be32 saddr, __be32 daddr, __be16 sport, __be16 dport")),
          },
          {
            ...plain("ipv6"),
            type: record("struct", "", fields("__be32 saddr 4, __be32 daddr 4, __be16 sport, __be16 dport")),
          },
        ]),
      },
    ]),
  ].map((one) => [`${one.tag} ${one.name}`, one]),
);

function struct(name: string, parts: string | readonly Field[], packed = false): RecordType {
  return recordOf("struct", name, typeof parts === "string" ? fields(parts) : parts, packed);
}

function record(tag: "struct" | "union", name: string, parts: readonly Field[]): CType {
  return { kind: "record", record: recordOf(tag, name, parts, false) };
}

function recordOf(tag: "struct" | "union", name: string, parts: readonly Field[], packed: boolean): RecordType {
  return { tag, name, fields: parts, packed, align: undefined, span: { start: 0, end: 0 } };
}

/** `__u8 h_dest 6, __u8 ihl :4`: the type, the name, and how many elements or bits where that is not one. */
function fields(text: string): Field[] {
  return text.split(", ").map((field) => {
    const [of = "", name = "", many] = field.split(" ");
    const type: CType = { kind: "typedef", name: of };
    if (many === undefined) return { ...plain(name), type };
    return many.startsWith(":")
      ? { ...plain(name), type, bits: many.slice(1) }
      : { ...plain(name), type: { kind: "array", of: type, count: many } };
  });
}

function plain(name: string): Field {
  return { name, type: { kind: "unknown" }, bits: undefined, align: undefined };
}
