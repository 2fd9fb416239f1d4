import { test } from "vitest";
import { unknownMapType } from "../../server/src/analysis/rules/unknown-map-type.ts";
import { checkFix, checkNoFindings } from "../support/check.ts";

const map = (type: string) => `struct { __uint(type, ${type}); } m SEC(".maps");`;

test("names that are nearly right", () => {
  checkFix(unknownMapType, map("BPF_MAP_TYPE_PER_CPU_ARRAY"), map("BPF_MAP_TYPE_PERCPU_ARRAY"));
  checkFix(unknownMapType, map("BPF_MAP_TYPE_LPMTRIE"), map("BPF_MAP_TYPE_LPM_TRIE"));
  checkFix(unknownMapType, map("BPF_MAP_HASH"), map("BPF_MAP_TYPE_HASH"));
  checkFix(unknownMapType, map("BPF_MAP_TYPE_HASHMAP"), map("BPF_MAP_TYPE_HASH"));
  checkFix(unknownMapType, map("BPF_MAP_TYPE_LRU_HASH_MAP"), map("BPF_MAP_TYPE_LRU_HASH"));
  checkFix(unknownMapType, map("MAP_TYPE_RINGBUF"), map("BPF_MAP_TYPE_RINGBUF"));
});

test("silent about names of the project's own, and about what nobody knows yet", () => {
  checkNoFindings(unknownMapType, `#define BPF_MAP_TYPE_HASHH BPF_MAP_TYPE_HASH\n${map("BPF_MAP_TYPE_HASHH")}`);
  checkNoFindings(unknownMapType, `enum { BPF_MAP_TYPE_RING_BUF = 27 };\n${map("BPF_MAP_TYPE_RING_BUF")}`);
  checkNoFindings(unknownMapType, map("BPF_MAP_TYPE_QUANTUM_CACHE"));
  checkNoFindings(unknownMapType, map("MAP_KIND"));
  checkNoFindings(unknownMapType, map("BPF_MAP_TYPE_"));
  checkNoFindings(unknownMapType, map(""));
});
