import { test } from "vitest";
import { secondCgroupStorage } from "../../server/src/analysis/rules/second-cgroup-storage.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const MAP = (name: string, type = "CGROUP_STORAGE") =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); __type(key, u64); __type(value, u64); } ${name} SEC(".maps");`;

test("told once, of the program", () => {
  checkRule(
    secondCgroupStorage,
    `
${MAP("a")}
${MAP("b")}
${MAP("c")}
static u64 *other(void) { return bpf_get_local_storage(&b, 0); }
SEC("cgroup/dev")
int f(void *ctx) { return bpf_get_local_storage(&a, 0) == other() && bpf_get_local_storage(&c, 0); }
//  ^ f() uses b and a: the verifier takes one BPF_MAP_TYPE_CGROUP_STORAGE in a program
`,
  );
});

test("one of each type, and one in each program", () => {
  checkNoFindings(
    secondCgroupStorage,
    `
${MAP("a")}
${MAP("b")}
${MAP("c", "PERCPU_CGROUP_STORAGE")}
SEC("cgroup/dev") int f(void *ctx) { return bpf_get_local_storage(&a, 0) == bpf_get_local_storage(&a, 0) && bpf_get_local_storage(&c, 0); }
SEC("cgroup/dev") int g(void *ctx) { return bpf_get_local_storage(&b, 0) != 0; }
`,
  );
  checkNoFindings(
    secondCgroupStorage,
    `
${MAP("a")}
${MAP("b")}
#define WANTED 0
SEC("cgroup/dev") int f(void *ctx) { if (WANTED) bpf_get_local_storage(&b, 0); return bpf_get_local_storage(&a, 0) != 0; }
`,
  );
  checkNoFindings(
    secondCgroupStorage,
    `
${MAP("a", "CGRP_STORAGE")}
${MAP("b", "CGRP_STORAGE")}
SEC("cgroup/dev") int f(void *ctx) { return bpf_cgrp_storage_get(&a, 0, 0, 0) == bpf_cgrp_storage_get(&b, 0, 0, 0); }
`,
  );
});
