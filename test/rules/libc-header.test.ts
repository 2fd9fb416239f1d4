import { test } from "vitest";
import { libcHeader } from "../../server/src/analysis/rules/libc-header.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const PROGRAM = `
SEC("xdp")
int f(struct xdp_md *ctx) { return 2; }
`;

test("a header shared with user space is none of a BPF program", () => {
  checkNoFindings(libcHeader, "#include <stdint.h>\nstruct event { uint32_t pid; };\n");
  checkNoFindings(libcHeader, `#ifndef E_H\n#define E_H\n#include <stdio.h>\n${PROGRAM}#endif\n`);
});

test("what only user space compiles is left alone", () => {
  checkNoFindings(libcHeader, `#ifndef __bpf__\n#include <stdio.h>\n#endif\n${PROGRAM}`);
  checkNoFindings(libcHeader, `#ifdef __BPF__\n#include "vmlinux.h"\n#else\n#include <stdint.h>\n#endif\n${PROGRAM}`);
});

test("the compiler's own headers and files of the project by such a name are fine", () => {
  checkNoFindings(libcHeader, `#include <stdbool.h>\n#include <stddef.h>\n#include "string.h"\n${PROGRAM}`);
});

test("types are found on arm64, and bcc has headers of its own", () => {
  checkNoFindings(libcHeader, `#include <stdint.h>\n${PROGRAM}`, { arch: "arm64" });
  checkNoFindings(libcHeader, `#include <stdio.h>\n${PROGRAM}`, { loader: "bcc" });
});

test("the half of libbpf that loads programs", () => {
  checkRule(
    libcHeader,
    `
#include <linux/bpf.h>
  #include <bpf/bpf.h>
//^^^^^^^^^^^^^^^^^^^^ <bpf/bpf.h> is for the program that loads this one: a BPF program includes <bpf/bpf_helpers.h>
${PROGRAM}`,
  );
});

test("numbers that are used are defined, or come from the kernel's header", () => {
  checkFix(
    libcHeader,
    `#include "vmlinux.h"\n#include <sys/socket.h>\n#include <bpf/bpf_helpers.h>\nSEC("xdp")\nint f(void *c) { return AF_INET; }\n`,
    `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n\n#define AF_INET 2\nSEC("xdp")\nint f(void *c) { return AF_INET; }\n`,
  );
  checkFix(
    libcHeader,
    `#include "vmlinux.h"\n#include <errno.h>\nSEC("xdp")\nint f(void *c) { return -EINVAL; }\n`,
    `#include "vmlinux.h"\n#include <linux/errno.h>\nSEC("xdp")\nint f(void *c) { return -EINVAL; }\n`,
  );
});

test("no fix where something of it may be used", () => {
  for (const use of ["malloc(3)", "RAND_MAX"]) {
    const text = `#include <linux/bpf.h>\n#include <stdlib.h>\nSEC("xdp")\nint f(void *c) { return ${use} != 0; }\n`;
    checkFix(libcHeader, text, text);
  }
  const types = `#include <linux/bpf.h>\n#include <stdint.h>\nSEC("xdp")\nint f(void *c) { uint32_t x = 2; return x; }\n`;
  checkFix(libcHeader, types, types);
  // vmlinux.h has the type, but not its largest value.
  const largest = `#include "vmlinux.h"\n#include <stdint.h>\nSEC("xdp")\nint f(void *c) { uint32_t x = UINT32_MAX; return x; }\n`;
  checkFix(libcHeader, largest, largest);
});

test("the kernel's own enumerators come from vmlinux.h alone", () => {
  const program = (kernel: string, libc: string) =>
    `#include ${kernel}\n${libc}#include <bpf/bpf_helpers.h>\nSEC("cgroup/sock_create")\nint f(void *c) { return SOCK_STREAM; }\n`;
  const libc = "#include <sys/socket.h>\n";
  checkFix(libcHeader, program('"vmlinux.h"', libc), program('"vmlinux.h"', ""));
  checkFix(libcHeader, program("<linux/bpf.h>", libc), program("<linux/bpf.h>", libc));
});
