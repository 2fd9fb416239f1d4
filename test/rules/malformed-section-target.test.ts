import { expect, test } from "vitest";
import { malformedSectionTarget } from "../../server/src/analysis/rules/malformed-section-target.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const program = (section: string): string => `SEC("${section}")\nint f(void *ctx) { return 0; }\n`;

test("says what is wrong and what happens", () => {
  checkRule(
    malformedSectionTarget,
    `
SEC("raw_tp/sched/sched_switch")
//   ^^^^^^^^^^^^^^^^^^^^^^^^^ libbpf cannot attach this by itself: raw tracepoints are named without their category; write "raw_tp/sched_switch"
int f(void *ctx) { return 0; }
SEC("fentry/do-exit")
//   ^^^^^^^^^^^^^^ libbpf refuses the file: "do-exit" is no [module:]function; write it as in "fentry/do_unlinkat"
int g(void *ctx) { return 0; }
`,
  );
});

test("known mistakes are put right", () => {
  for (const [wrong, right, severity] of [
    ["lsm/bpf_lsm_file_open", "lsm/file_open", "error"],
    ["?lsm.s/security_file_open", "?lsm.s/file_open", "error"],
    ["iter/bpf_iter_task", "iter/task", "error"],
    ["tp_btf/btf_trace_sched_switch", "tp_btf/sched_switch", "error"],
    ["tp_btf/sched/sched_switch", "tp_btf/sched_switch", "error"],
    ["fexit/do_exit+0x4", "fexit/do_exit", "error"],
    ["fentry/do_exit ", "fentry/do_exit", "error"],
    ["raw_tracepoint/sched/sched_switch", "raw_tracepoint/sched_switch", "warning"],
    ["tp/sched:sched_switch", "tp/sched/sched_switch", "warning"],
    ["tracepoint/sys_enter_openat", "tracepoint/syscalls/sys_enter_openat", "warning"],
    ["tp/sys_enter", "tp/raw_syscalls/sys_enter", "warning"],
    ["ksyscall/__x64_sys_openat", "ksyscall/openat", "warning"],
    ["kretsyscall/sys_openat", "kretsyscall/openat", "warning"],
    ["kprobe/nf_tables:nft_do_chain", "kprobe/nft_do_chain", "warning"],
    ["kprobe/do_exit()", "kprobe/do_exit", "warning"],
    ["kprobe/tcp_*", "kprobe.multi/tcp_*", "warning"],
    ["kretprobe/do_exit+0x4", "kretprobe/do_exit", "warning"],
    ["uretprobe//bin/bash:readline+4", "uretprobe//bin/bash:readline", "warning"],
    ["uprobe/usr/bin/bash:readline", "uprobe//usr/bin/bash:readline", "warning"],
    ["usdt/usr/lib/libc.so.6:libc:setjmp", "usdt//usr/lib/libc.so.6:libc:setjmp", "warning"],
  ] as const) {
    const found = findingsIn(program(wrong), [malformedSectionTarget]);
    expect(found.map((one) => [wrong, one.fixes?.[0]?.edits[0]?.newText, one.severity])).toEqual([
      [wrong, right, severity],
    ]);
  }
});

test("where user space may attach by itself and nothing shows what was meant it is a remark", () => {
  for (const section of ["tracepoint/generic", "raw_tracepoint/sys_enter:loop", "usdt/a:b"])
    expect(findingsIn(program(section), [malformedSectionTarget]).map((one) => [one.severity, one.fixes])).toEqual([
      ["info", []],
    ]);
});

test("right targets, mere names of uprobes and half-typed ones are left alone", () => {
  for (const section of [
    "kprobe/do_exit+0x10",
    "kretprobe/do_exit+0x0",
    "kprobe/foo.isra.0",
    "fentry/nf_tables:nft_do_chain",
    "uprobe/readline",
    "usdt/x",
    "uprobe/libc.so.6:malloc",
    "uprobe//usr/lib/libc.so.6:malloc+0x4",
    "uprobe/./a.out:main",
    "kprobe.multi/tcp_*",
    "struct_ops/a b",
    "kprobe/",
    "fentry/",
    "uprobe/",
    "xdp/foo",
    "kporbe/a:b",
    "fentry",
    "tp_btf/sched_switch?",
  ])
    checkNoFindings(malformedSectionTarget, program(section));
  checkNoFindings(malformedSectionTarget, 'SEC("kprobe/" SYSCALL(sys_openat)) int f(void *ctx) { return 0; }');
});

test("other loaders are told by their own calls", () => {
  for (const loader of ["cilium/ebpf", "aya", "iproute2", "bcc"])
    checkNoFindings(malformedSectionTarget, program("tracepoint/sys_enter_openat"), { loader });
});
