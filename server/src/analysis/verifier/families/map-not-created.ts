/** Family: a map that the kernel does not create. */

import type { Family } from "../family.ts";

export const mapNotCreated: Family = {
  id: "map-not-created",
  title: "Kernel does not create this map",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?map '([^']+)': failed to create: (.+)/,
    /^(?:libbpf: )?Error in bpf_(?:create_map_xattr|map_create|object__create_map)\(([^)]+)\): ?(.+?)\. Retrying without BTF/,
    /^failed to create map `([^`]+)`/,
    /^()(?:.*: )?map create: (?!.*MEMLOCK)(.+)/,
    /^()(ring map size \d+ not a multiple of page size \d+)/,
  ],
  meaning: ({ match: { 1: name = "", 2: error = "" } }) =>
    `The kernel refused ${name === "" ? "a map" : `the map ${name}`}. ${mapReason(error)}`,
  advice: ({ match: { 2: error = "" } }) => mapAdvice(error),
  rules: [
    "wrong-max-entries",
    "ring-buffer-size",
    "wrong-key-size",
    "wrong-value-size",
    "illegal-map-flag",
    "missing-map-flag",
    "map-type-not-on-target",
  ],
  examples: [
    { text: "libbpf: map 'rb': failed to create: Invalid argument(-22)", from: "libbpf before 1.6" },
    { text: "libbpf: map 'rb': failed to create: -EINVAL", from: "libbpf 1.6 and later" },
    { text: "libbpf: map 'm': failed to create: Argument list too long(-7)", from: "libbpf before 1.6" },
    {
      text: "libbpf: Error in bpf_create_map_xattr(m):Invalid argument(-22). Retrying without BTF.",
      from: "libbpf before 1.0",
    },
    { text: "failed to create map `EVENTS`", from: "aya" },
    { text: "map create: invalid argument (ring map size 4097 not a multiple of page size 4096)", from: "cilium/ebpf" },
    { text: "ring map size 4097 not a multiple of page size 4096", from: "cilium/ebpf" },
  ],
};

/** In the words of libbpf, old and new, and of Go. */
function isErrno(said: string, number: number, name: string, words: string): boolean {
  return said.includes(`(-${number})`) || said.includes(`-${name}`) || said.toLowerCase().includes(words);
}

function mapReason(error: string): string {
  const [, size, page] = /ring map size (\d+) not a multiple of page size (\d+)/.exec(error) ?? [];
  if (size !== undefined)
    return `max_entries of a ring buffer is its size in bytes. Here it is ${size}, and it must be a power of two and a multiple of a page, which has ${page} bytes on this machine.`;
  if (isErrno(error, 22, "EINVAL", "invalid argument"))
    return "Invalid argument: a size, a number or a flag that this type of map does not take, or a type that this kernel does not know. max_entries missing; a ring buffer that is not a power of two and a multiple of the page size; an array whose key has not 4 bytes; a trie without BPF_F_NO_PREALLOC; local storage with max_entries.";
  if (isErrno(error, 7, "E2BIG", "argument list too long"))
    return "Too big: key, value or number of entries are more than this type of map, or the kernel, can have.";
  if (isErrno(error, 12, "ENOMEM", "cannot allocate memory"))
    return "There is not enough memory: hashes and arrays take all of it at once.";
  if (isErrno(error, 1, "EPERM", "operation not permitted"))
    return "Not permitted: the loader has not the rights (root, or CAP_BPF), or before 5.11 may not lock enough memory.";
  if (isErrno(error, 524, "ENOTSUPP", "not supported") || isErrno(error, 95, "EOPNOTSUPP", "not supported"))
    return "Not supported: the kernel does not have this, or not for this processor or type of value.";
  return "Its error number is all that it says.";
}

function mapAdvice(error: string): string {
  if (error.includes("ring map size"))
    return "Set it to a power of two that suits every page size, 256 * 1024 for example; machines with pages of 16 or 64 KiB need more than those with 4 KiB.";
  if (isErrno(error, 1, "EPERM", "operation not permitted"))
    return "Load as root, or give the loader CAP_BPF; on kernels before 5.11 raise the limit, ulimit -l unlimited.";
  if (isErrno(error, 12, "ENOMEM", "cannot allocate memory"))
    return "Lower max_entries, or take a hash with BPF_F_NO_PREALLOC.";
  if (isErrno(error, 7, "E2BIG", "argument list too long")) return "Lower max_entries, or the size of the value.";
  return "Compare the declaration with what this type of map needs (hover the type), and ask whether this kernel has the type: bpftool feature probe.";
}
