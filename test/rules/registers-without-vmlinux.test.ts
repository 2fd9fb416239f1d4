import { test } from "vitest";
import { registersWithoutVmlinux } from "../../server/src/analysis/rules/registers-without-vmlinux.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (headers: string, body = "return PT_REGS_PARM1_CORE(ctx) == 3;") =>
  `${headers}
#include <bpf/bpf_tracing.h>

SEC("kprobe/do_unlinkat")
int f(struct pt_regs *ctx)
{
	${body}
}
`;
const PTRACE = "#include <linux/bpf.h>\n#include <linux/ptrace.h>";

test("flags the macro that reads", () => {
  checkRule(
    registersWithoutVmlinux,
    `
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/do_unlinkat")
int f(struct pt_regs *ctx)
{
    return PT_REGS_PARM1_CORE(ctx) == 3;
//         ^^^^^^^^^^^^^^^^^^ PT_REGS_PARM1_CORE reads registers by names that no x86 kernel knows, those of <linux/ptrace.h>: include vmlinux.h
}
`,
  );
});

test("silent with the kernel's types, under whatever name", () => {
  checkNoFindings(registersWithoutVmlinux, program('#include "vmlinux.h"'));
  checkNoFindings(registersWithoutVmlinux, program(`#define __VMLINUX_H__\n${PTRACE}`));
  checkNoFindings(registersWithoutVmlinux, program(`${PTRACE}\n#include "kernel.h"`));
  checkNoFindings(registersWithoutVmlinux, program('#include "common.h"'));
});

test("silent where no CO-RE is used, and on other architectures", () => {
  checkNoFindings(registersWithoutVmlinux, program(PTRACE, "return PT_REGS_PARM1(ctx) == 3;"));
  checkNoFindings(registersWithoutVmlinux, program(PTRACE), { arch: "arm64" });
  checkNoFindings(registersWithoutVmlinux, program(`#define __TARGET_ARCH_arm64\n${PTRACE}`));
});

test("silent where BPF_KSYSCALL has no arguments", () => {
  checkNoFindings(
    registersWithoutVmlinux,
    `${PTRACE}\n#include <bpf/bpf_tracing.h>\n\nSEC("ksyscall/openat")\nint BPF_KSYSCALL(f)\n{\n\treturn 0;\n}\n`,
  );
});
