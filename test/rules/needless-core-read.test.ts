import { test } from "vitest";
import { needlessCoreRead } from "../../server/src/analysis/rules/needless-core-read.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const fentry = (read: string, section = "fentry/vfs_fsync", params = "struct file *file") =>
  `SEC("${section}")\nint BPF_PROG(f, ${params})\n{\n\treturn ${read};\n}\n`;
const tracepoint = (body: string, context = "struct trace_event_raw_sys_enter *ctx") =>
  `SEC("tp/syscalls/sys_enter_kill")\nint f(${context})\n{\n\t${body}\n\treturn 0;\n}\n`;

test("flags the macro and writes the access", () => {
  checkRule(
    needlessCoreRead,
    `
SEC("fexit/vfs_fsync")
int BPF_PROG(f, struct file *file, int ret)
{
    return BPF_CORE_READ(file, f_inode, i_ino);
//         ^^^^^^^^^^^^^ fexit programs may follow pointers by themselves; file->f_inode->i_ino does the same as BPF_CORE_READ()
}
`,
  );
  for (const section of ["lsm/file_open", "fmod_ret/security_file_open", "lsm.s/file_open"])
    checkFix(
      needlessCoreRead,
      fentry("BPF_CORE_READ(file, f_path.dentry, d_flags)", section),
      fentry("file->f_path.dentry->d_flags", section),
    );
});

test("silent where the verifier knows no type", () => {
  checkNoFindings(needlessCoreRead, fentry("BPF_CORE_READ(file, f_flags)", "kprobe/f"));
  checkNoFindings(needlessCoreRead, fentry("BPF_CORE_READ(file, f_flags)", "tp_btf/f"));
  checkNoFindings(needlessCoreRead, fentry("BPF_CORE_READ(other, f_flags)"));
  checkNoFindings(needlessCoreRead, fentry("BPF_CORE_READ(file, f_flags)", "fentry/f", "struct file___old *file"));
  checkNoFindings(needlessCoreRead, fentry("BPF_CORE_READ((struct inode *)file, i_ino)"));
  checkNoFindings(needlessCoreRead, fentry("BPF_CORE_READ(file, list[i], x)"));
  checkNoFindings(needlessCoreRead, fentry("(file = g(), BPF_CORE_READ(file, f_flags))"));
});

test("silent where only the macro is relocated", () => {
  checkNoFindings(needlessCoreRead, `struct file { int f_flags; };\n${fentry("BPF_CORE_READ(file, f_flags)")}`);
  checkNoFindings(needlessCoreRead, `#include <linux/fs.h>\n${fentry("BPF_CORE_READ(file, f_flags)")}`);
});

test("a field of a tracepoint's context that is read once", () => {
  checkFix(
    needlessCoreRead,
    tracepoint("long id = BPF_CORE_READ(ctx, args[0]);"),
    tracepoint("long id = ctx->args[0];"),
  );
  checkNoFindings(needlessCoreRead, tracepoint("g(BPF_CORE_READ(ctx, args[0]));\n\tg(BPF_CORE_READ(ctx, args[0]));"));
  checkNoFindings(needlessCoreRead, tracepoint("for (int i = 0; i < 3; i++)\n\t\tg(BPF_CORE_READ(ctx, args[0]));"));
  checkNoFindings(needlessCoreRead, tracepoint("g(BPF_CORE_READ(ctx, ent.pid));"));
  checkNoFindings(needlessCoreRead, tracepoint("g(BPF_CORE_READ(ctx, args[i]));"));
  checkNoFindings(needlessCoreRead, tracepoint("g(BPF_CORE_READ(ctx, skaddr, sk));"));
});

test("silent behind a question to the kernel", () => {
  checkNoFindings(needlessCoreRead, fentry("bpf_core_field_exists(file->f_x) ? BPF_CORE_READ(file, f_x) : 0"));
});
