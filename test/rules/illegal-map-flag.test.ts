import { test } from "vitest";
import { illegalMapFlag } from "../../server/src/analysis/rules/illegal-map-flag.ts";
import { checkFix, checkNoFindings } from "../support/check.ts";

const map = (type: string, flags: string) =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); __uint(map_flags, ${flags}); } m SEC(".maps");`;

test("only what is illegal goes", () => {
  checkFix(
    illegalMapFlag,
    map("LRU_HASH", "BPF_F_NO_COMMON_LRU | BPF_F_NO_PREALLOC"),
    map("LRU_HASH", "BPF_F_NO_COMMON_LRU"),
  );
  checkFix(
    illegalMapFlag,
    map("PERCPU_HASH", "BPF_F_NUMA_NODE"),
    'struct { __uint(type, BPF_MAP_TYPE_PERCPU_HASH); } m SEC(".maps");',
  );
});

test("what is legal, or not known, is left alone", () => {
  checkNoFindings(illegalMapFlag, map("HASH", "BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG"));
  checkNoFindings(illegalMapFlag, map("ARRAY", "BPF_F_MMAPABLE | BPF_F_INNER_MAP"));
  checkNoFindings(illegalMapFlag, map("ARENA", "BPF_F_MMAPABLE | BPF_F_NO_USER_CONV"));
  checkNoFindings(illegalMapFlag, map("HASH", "MY_FLAGS"));
  checkNoFindings(illegalMapFlag, map("HASH", "BPF_F_FROM_THE_FUTURE"));
  checkNoFindings(illegalMapFlag, map("HASH", "1U << 10"));
  checkNoFindings(illegalMapFlag, map("HASH", "0"));
  checkNoFindings(illegalMapFlag, map("UNKNOWN_KIND", "BPF_F_MMAPABLE"));
});
