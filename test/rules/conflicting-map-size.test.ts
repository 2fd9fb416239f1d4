import { expect, test } from "vitest";
import { conflictingMapSize } from "../../server/src/analysis/rules/conflicting-map-size.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

const map = (members: string) => `struct {\n\t__uint(type, BPF_MAP_TYPE_HASH);\n${members}} m SEC(".maps");`;

test("sizes that agree, or are not known, are fine", () => {
  checkNoFindings(conflictingMapSize, map("\t__type(key, int);\n\t__uint(key_size, 4);\n"));
  checkNoFindings(conflictingMapSize, map("\t__type(key, struct elsewhere);\n\t__uint(key_size, 4);\n"));
  checkNoFindings(conflictingMapSize, map("\t__type(key, int);\n\t__uint(key_size, SIZE);\n"));
});

test("cilium/ebpf takes no two, aya the last", () => {
  const source = map("\t__type(key, int);\n\t__uint(key_size, 4);\n");
  checkFix(conflictingMapSize, source, map("\t__type(key, int);\n"), { loader: "cilium/ebpf" });
  checkNoFindings(conflictingMapSize, map("\t__type(key, int);\n\t__uint(key_size, 8);\n"), { loader: "aya" });
});

test("values are numbers", () => {
  const outer = (value: string) =>
    `struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); ${value} __array(values, struct { __uint(type, 1); }); } m SEC(".maps");`;
  checkNoFindings(conflictingMapSize, outer("__type(value, __u32);"));
  const [finding] = findingsIn(outer("__type(value, __u64);"), [conflictingMapSize]);
  expect(finding?.message).toBe("a map with values holds numbers of 4 bytes, not 8 bytes: libbpf refuses the file");
});
