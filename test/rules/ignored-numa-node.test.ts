import { test } from "vitest";
import { ignoredNumaNode } from "../../server/src/analysis/rules/ignored-numa-node.ts";
import { checkFix, checkNoFindings } from "../support/check.ts";

const map = (type: string, members: string) =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); ${members} } m SEC(".maps");`;

test("silent with the flag, for types that take none and where flags are not known", () => {
  checkNoFindings(ignoredNumaNode, map("HASH", "__uint(numa_node, 1); __uint(map_flags, BPF_F_NUMA_NODE);"));
  checkNoFindings(ignoredNumaNode, map("PERCPU_HASH", "__uint(numa_node, 1);"));
  checkNoFindings(ignoredNumaNode, map("HASH", "__uint(numa_node, 1); __uint(map_flags, FLAGS);"));
  checkNoFindings(ignoredNumaNode, map("HASH", "__uint(numa_node, 1); FLAGS;"));
  checkNoFindings(ignoredNumaNode, map("HASH", "__uint(numa_node, 1);"), { loader: "cilium/ebpf" });
});

test("is added to other flags", () => {
  checkFix(
    ignoredNumaNode,
    map("HASH", "__uint(numa_node, 1); __uint(map_flags, BPF_F_NO_PREALLOC);"),
    map("HASH", "__uint(numa_node, 1); __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE);"),
  );
});
