import { expect, test } from "vitest";
import { undefinedMapStruct } from "../../server/src/analysis/rules/undefined-map-struct.ts";
import { checkNoFindings, findingsIn } from "../support/check.ts";

const file = (value: string, more = "", include = "<linux/bpf.h>") =>
  `#include ${include}\n${more}\nstruct { __uint(type, BPF_MAP_TYPE_HASH); __type(value, ${value}); } m SEC(".maps");\nSEC("xdp") int f(void *c) { return 0; }\nchar _license[] SEC("license") = "GPL";`;

test("without anything near it gets no fix", () => {
  const [finding] = findingsIn(file("struct wholly_other"), [undefinedMapStruct]);
  expect(finding?.message).toBe("struct wholly_other is defined nowhere, so the value has no size");
  expect(finding?.fixes).toBeUndefined();
});

test("silent where it may come from elsewhere", () => {
  checkNoFindings(undefinedMapStruct, file("struct x", "", '"vmlinux.h"'));
  checkNoFindings(undefinedMapStruct, file("struct x", "", '"mine.h"'));
  checkNoFindings(undefinedMapStruct, file("struct x", "#include HEADER"));
  checkNoFindings(undefinedMapStruct, file("struct x", "#define DEFINE struct x { int a; };\nDEFINE"));
  checkNoFindings(undefinedMapStruct, file("struct bpf_devmap_val"));
  checkNoFindings(undefinedMapStruct, file("struct xdp_md"));
  checkNoFindings(undefinedMapStruct, file("struct x").replace("#include <linux/bpf.h>", ""));
  checkNoFindings(undefinedMapStruct, file("struct x").replace(/char _license.*/, ""));
});

test("silent about what is defined, and about pointers to it", () => {
  checkNoFindings(undefinedMapStruct, file("struct x", "struct x { unknown_t a; };"));
  checkNoFindings(undefinedMapStruct, file("struct x", "typedef struct x { int a; } x_t;"));
  checkNoFindings(undefinedMapStruct, file("struct x *"));
});
