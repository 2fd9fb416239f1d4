import { expect, test } from "vitest";
import { syscallWrapper } from "../../server/src/analysis/rules/syscall-wrapper.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const program = (section: string, head = "int f(struct pt_regs *ctx)", body = "") =>
  `SEC("${section}")\n${head}\n{\n${body}	return 0;\n}\n`;

test("flags the section", () => {
  checkRule(
    syscallWrapper,
    `
SEC("kretprobe/__x64_sys_openat")
//   ^^^^^^^^^^^^^^^^^^^^^^^^^^ only kernels for x86-64 have a function __x64_sys_openat; kretsyscall/openat finds openat() on all processors
int f(struct pt_regs *ctx) { return 0; }

SEC("kprobe/sys_kill")
//   ^^^^^^^^^^^^^^^ kernels of most processors have no function sys_kill (x86: __x64_sys_kill); ksyscall/kill finds kill() on all
int g(struct pt_regs *ctx) { return 0; }
`,
  );
});

test("arguments that a wrapper does not have are a warning, and BPF_KSYSCALL finds them", () => {
  const bad = program("kprobe/__x64_sys_kill", "int BPF_KPROBE(f, int pid, int sig)");
  expect(findingsIn(bad, [syscallWrapper]).map(({ severity, message }) => [severity, message])).toEqual([
    [
      "warning",
      "__x64_sys_kill() takes one struct pt_regs *, not the arguments of kill(); ksyscall/kill with BPF_KSYSCALL finds them",
    ],
  ]);
  checkFix(syscallWrapper, bad, program("ksyscall/kill", "int BPF_KSYSCALL(f, int pid, int sig)"));
});

test("registers as the only argument stay", () => {
  for (const head of [
    "int BPF_KPROBE(f, struct pt_regs *regs)",
    "int BPF_KPROBE(f, const struct pt_regs *regs)",
    "int BPF_KPROBE(f)",
  ]) {
    const bad = program("kprobe/__arm64_sys_kill", head);
    expect(findingsIn(bad, [syscallWrapper]).map(({ severity }) => severity)).toEqual(["hint"]);
    checkFix(syscallWrapper, bad, program("ksyscall/kill", head));
  }
});

test("a program that reads its own registers is left to its author", () => {
  const body = "\tint pid = PT_REGS_PARM1(ctx);\n";
  checkFix(syscallWrapper, program("kprobe/sys_kill", undefined, body), program("kprobe/sys_kill", undefined, body));
});

test("silent on other functions, and on other ways to name them", () => {
  for (const section of [
    "kprobe/do_sys_open",
    "kprobe/ksys_read",
    "kprobe/__se_sys_read",
    "kprobe/sys_fillrect",
    "?kprobe/__x64_sys_kill",
    "ksyscall/kill",
    "kprobe.multi/__x64_sys_kill",
    "fentry/__x64_sys_kill",
    "kprobe/__x64_sys_kill+0x4",
  ])
    checkNoFindings(syscallWrapper, program(section));
  checkNoFindings(
    syscallWrapper,
    `#define PREFIX "__x64_"\nSEC("kprobe/" PREFIX "sys_kill")\nint f(void *ctx) { return 0; }\n`,
  );
});

test("silent where the author chooses between several", () => {
  checkNoFindings(
    syscallWrapper,
    program("kprobe/__x64_sys_kill") + program("kprobe/__arm64_sys_kill").replace("f(", "g("),
  );
  checkNoFindings(syscallWrapper, `#ifdef __TARGET_ARCH_x86\n${program("kprobe/__x64_sys_kill")}#endif\n`);
});

test("other loaders find sys_kill by themselves", () => {
  checkNoFindings(syscallWrapper, program("kprobe/sys_kill"), { loader: "cilium/ebpf" });
  checkNoFindings(syscallWrapper, program("kprobe/sys_kill"), { loader: "libbpfgo" });
  checkNoFindings(syscallWrapper, `//go:build ignore\n${program("kprobe/sys_kill")}`);
});
