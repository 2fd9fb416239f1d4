import { expect, test } from "vitest";
import { forwardDeclaredKptr } from "../../server/src/analysis/rules/forward-declared-kptr.ts";
import { checkNoFindings, findingsIn } from "../support/check.ts";

const file = (before: string, field = "struct task_struct __kptr *task;", include = "<linux/bpf.h>") =>
  `#include ${include}\n${before}\nstruct slot { ${field} };\nstruct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(value, struct slot); } m SEC(".maps");\nSEC("tc") int f(void *c) { return 0; }\nchar _license[] SEC("license") = "GPL";`;

test("every kind of kernel pointer", () => {
  for (const tag of ["__kptr", "__kptr_untrusted", "__percpu_kptr"])
    expect(findingsIn(file("struct foo;", `struct foo ${tag} *p;`), [forwardDeclaredKptr])).toHaveLength(1);
});

test("silent where it is defined, or may be", () => {
  checkNoFindings(forwardDeclaredKptr, file("struct task_struct { int pid; };"));
  checkNoFindings(forwardDeclaredKptr, file("struct task_struct;", undefined, '"vmlinux.h"'));
  checkNoFindings(forwardDeclaredKptr, file("struct task_struct;", undefined, '"mine.h"'));
  checkNoFindings(forwardDeclaredKptr, file("struct task_struct;", "struct task_struct *task;"));
});
