import { test } from "vitest";
import { missingInclude } from "../../server/src/analysis/rules/missing-include.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

test("one finding for a header, at its first macro", () => {
  checkRule(
    missingInclude,
    `
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
SEC("tc")
int f(struct __sk_buff *skb) { return bpf_htons(skb->len) == bpf_htons(2); }
//                                    ^^^^^^^^^ bpf_htons is defined in <bpf/bpf_endian.h>, which is not included
`,
  );
});

test("libbpf's headers include one another", () => {
  checkNoFindings(
    missingInclude,
    '#include "vmlinux.h"\n#include <bpf/usdt.bpf.h>\nSEC("usdt")\nint BPF_USDT(f, int a) { return PT_REGS_IP(ctx) == 0; }\n',
  );
});

test("an include that nobody could follow may bring it, and so may a definition", () => {
  const program = 'SEC("tc")\nint f(struct __sk_buff *skb) { return bpf_htons(skb->len); }\n';
  checkNoFindings(
    missingInclude,
    `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n#include "common.h"\n${program}`,
  );
  checkNoFindings(
    missingInclude,
    `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n#define bpf_htons(x) __builtin_bswap16(x)\n${program}`,
  );
});

test("headers, and programs of other loaders, are left alone", () => {
  checkNoFindings(
    missingInclude,
    "#include <uapi/linux/ptrace.h>\nint f(struct pt_regs *ctx) { return PT_REGS_PARM1(ctx); }\n",
  );
  checkNoFindings(
    missingInclude,
    '#ifndef H\n#define H\n#include <bpf/bpf_helpers.h>\nSEC("tc")\nint f(void *c) { return bpf_htons(1); }\n#endif\n',
  );
});

test("named as the file names the others", () => {
  checkFix(
    missingInclude,
    '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include <bpf_tracing.h>\nSEC("tc")\nint f(void *c) { return bpf_htons(1); }\n',
    '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include <bpf_tracing.h>\n#include <bpf/bpf_endian.h>\nSEC("tc")\nint f(void *c) { return bpf_htons(1); }\n',
  );
});

test("a header of numbers is known", () => {
  const program = (more: string) =>
    `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n${more}#include <asm-generic/errno.h>\nSEC("tc")\nint f(void *c) { return bpf_htons(1); }\n`;
  checkFix(missingInclude, program(""), program("#include <bpf/bpf_endian.h>\n"));
});

test("a macro that is made of another header's", () => {
  checkRule(
    missingInclude,
    `
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
SEC("ksyscall/kill")
int BPF_KSYSCALL(f, int pid) { return PT_REGS_PARM1_CORE(ctx); }
//               ^ BPF_KSYSCALL needs <bpf/bpf_core_read.h>, which is not included
`,
  );
});

test("a licence shows that it is no program for bcc", () => {
  const program = '#include <linux/bpf.h>\nSEC("xdp")\nint f(void *ctx) { return 0; }\n';
  checkNoFindings(missingInclude, program);
  const licensed = `${program}char LICENSE[] SEC("license") = "GPL";\n`;
  checkFix(missingInclude, licensed, licensed.replace("SEC", "#include <bpf/bpf_helpers.h>\nSEC"));
});
