import { test } from "vitest";
import { vmlinuxNotFirst } from "../../server/src/analysis/rules/vmlinux-not-first.ts";
import { checkFix, checkNoFindings } from "../support/check.ts";

test("what stands before may bring the types", () => {
  checkNoFindings(vmlinuxNotFirst, '#include "common.h"\n#include <bpf/bpf_helpers.h>\n#include "vmlinux.h"\n');
  checkNoFindings(vmlinuxNotFirst, "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include <linux/ip.h>\n");
  checkNoFindings(
    vmlinuxNotFirst,
    'typedef unsigned long long __u64;\n#include <bpf/bpf_helpers.h>\n#include "vmlinux.h"\n',
  );
});

test("headers that need no types may come first", () => {
  checkNoFindings(vmlinuxNotFirst, '#include <bpf/bpf_endian.h>\n#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n');
  checkNoFindings(vmlinuxNotFirst, '#include <bpf/bpf_core_read.h>\n#include "vmlinux.h"\n');
});

test("silent where the preprocessor chooses", () => {
  checkNoFindings(vmlinuxNotFirst, '#include <bpf/bpf_helpers.h>\n#ifdef CORE\n#include "vmlinux.h"\n#endif\n');
});

test("the line moves with its comment", () => {
  checkFix(
    vmlinuxNotFirst,
    '#include <stdbool.h>\n#include <bpf/bpf_helpers.h>\n#include "vmlinux.h" // all types\nint x;\n',
    '#include <stdbool.h>\n#include "vmlinux.h" // all types\n#include <bpf/bpf_helpers.h>\nint x;\n',
  );
});

test("a kernel header beside vmlinux.h is another rule's matter", () => {
  checkNoFindings(vmlinuxNotFirst, '#include <bpf/bpf_helpers.h>\n#include <linux/bpf.h>\n#include "vmlinux.h"\n');
});

test("what stands in between is too late as well", () => {
  checkFix(
    vmlinuxNotFirst,
    '#include <bpf/bpf_helpers.h>\n#include "event.h"\n#include "vmlinux.h"\nint x;\n',
    '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n#include "event.h"\nint x;\n',
  );
});

test("before the first of them, whatever that needs", () => {
  const rest = "#include <bpf/bpf_core_read.h>\n#include <bpf/bpf_helpers.h>\n";
  checkFix(
    vmlinuxNotFirst,
    `#include <stdbool.h>\n${rest}#include "vmlinux.h"\n`,
    `#include <stdbool.h>\n#include "vmlinux.h"\n${rest}`,
  );
});

test("a program that has them from nowhere", () => {
  const program = 'SEC("xdp")\nint f(void *ctx) { return 0; }\nchar LICENSE[] SEC("license") = "GPL";\n';
  const includes = '#include <bpf/bpf_helpers.h>\n#include "event.h"\n';
  checkFix(vmlinuxNotFirst, includes + program, `#include "vmlinux.h"\n${includes}${program}`);
  checkNoFindings(vmlinuxNotFirst, `#include "all.h"\n${includes}${program}`);
  checkNoFindings(vmlinuxNotFirst, `#include <linux/types.h>\n${includes}${program}`);
  checkNoFindings(vmlinuxNotFirst, `#pragma once\n${includes}${program}`);
  checkNoFindings(vmlinuxNotFirst, `${includes}static int f(void) { return 0; }\n`);
});
