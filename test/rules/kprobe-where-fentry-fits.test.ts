import { test } from "vitest";
import { kprobeWhereFentryFits } from "../../server/src/analysis/rules/kprobe-where-fentry-fits.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string, { section = "kprobe/vfs_fsync", params = "struct file *file" } = {}) =>
  `SEC("${section}")\nint BPF_KPROBE(f, ${params})\n{\n\t${body}\n\treturn 0;\n}\n`;

test("flags the section", () => {
  checkRule(
    kprobeWhereFentryFits,
    `
SEC("kprobe/vfs_fsync")
//   ^^^^^^^^^^^^^^^^ "fentry/vfs_fsync" runs without a breakpoint, and the verifier knows the types of its arguments
int BPF_KPROBE(f, struct file *file) { return 0; }
`,
  );
});

test("silent where a kprobe is needed", () => {
  checkNoFindings(kprobeWhereFentryFits, program("bpf_override_return(ctx, -1);"));
  checkNoFindings(kprobeWhereFentryFits, program("int x = PT_REGS_PARM2(ctx);"));
  checkNoFindings(kprobeWhereFentryFits, program("", { section: "kprobe/vfs_fsync+0x4" }));
  checkNoFindings(kprobeWhereFentryFits, program("", { section: "kprobe" }));
  checkNoFindings(kprobeWhereFentryFits, program("", { section: "kprobe/__x64_sys_read" }));
  checkNoFindings(kprobeWhereFentryFits, program("", { params: "struct pt_regs *regs" }));
  checkNoFindings(kprobeWhereFentryFits, 'SEC("kprobe/f")\nint f(struct pt_regs *ctx) { return 0; }\n');
});

test("silent on processors and kernels without it", () => {
  checkNoFindings(kprobeWhereFentryFits, program(""), { target: "5.4" });
  checkNoFindings(kprobeWhereFentryFits, program(""), { target: "5.15", arch: "arm64" });
  checkNoFindings(kprobeWhereFentryFits, program(""), { arch: "riscv64" });
  checkNoFindings(kprobeWhereFentryFits, program(""), { loader: "bcc" });
});

test("silent where the file has both", () => {
  checkNoFindings(
    kprobeWhereFentryFits,
    `${program("")}SEC("fentry/vfs_fsync")\nint BPF_PROG(g, struct file *file) { return 0; }\n`,
  );
});
