import { expect, test } from "vitest";
import { unstableAttachPoint } from "../../server/src/analysis/rules/unstable-attach-point.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const program = (section: string, name = "f") => `SEC("${section}")\nint ${name}(void *ctx) { return 0; }\n`;

test("flags the section", () => {
  checkRule(
    unstableAttachPoint,
    `
SEC("kprobe/tcp_set_state")
//   ^^^^^^^^^^^^^^^^^^^^ tcp_set_state() may change with any kernel; the tracepoint sock/inet_sock_set_state tells the same
int f(void *ctx) { return 0; }

SEC("fentry/do_sys_open")
//   ^^^^^^^^^^^^^^^^^^ do_sys_open() may change with any kernel; the tracepoints syscalls/sys_enter_open and syscalls/sys_enter_openat tell the same
int g(void *ctx) { return 0; }

SEC("kprobe/kfree_skb")
//   ^^^^^^^^^^^^^^^^ kfree_skb() is gone since 5.17; the tracepoint skb/kfree_skb tells the same
int h(void *ctx) { return 0; }
`,
  );
});

test("a function that a target does not have is a warning", () => {
  const found = findingsIn(program("kprobe/_do_fork"), [unstableAttachPoint], { target: "5.4, 6.1" });
  expect(found.map(({ severity, message }) => [severity, message])).toEqual([
    ["warning", "6.1 has no function _do_fork(); the tracepoint sched/sched_process_fork tells the same"],
  ]);
  const older = findingsIn(program("kprobe/_do_fork"), [unstableAttachPoint], { target: "5.4" });
  expect(older.map(({ severity }) => severity)).toEqual(["hint"]);
});

test("silent while a target has no such tracepoint", () => {
  checkNoFindings(unstableAttachPoint, program("kprobe/tcp_set_state"), { target: "4.15" });
  checkNoFindings(unstableAttachPoint, program("kprobe/blk_account_io_done"), { target: "6.1" });
});

test("silent on what a tracepoint does not tell", () => {
  for (const section of [
    "kretprobe/do_exit",
    "fexit/do_exit",
    "kprobe/do_exit+0x10",
    "?kprobe/do_exit",
    "kprobe/vfs_read",
    "tracepoint/sched/sched_process_exit",
    "kprobe.multi/do_exit",
    "kprobe",
  ])
    checkNoFindings(unstableAttachPoint, program(section));
});

test("silent where the file has the other way as well", () => {
  checkNoFindings(unstableAttachPoint, program("kprobe/do_exit") + program("tp_btf/sched_process_exit", "g"));
  checkNoFindings(
    unstableAttachPoint,
    program("kprobe/kmem_cache_alloc") + program("kprobe/kmem_cache_alloc_noprof", "g"),
  );
  checkNoFindings(unstableAttachPoint, `#ifdef OLD\n${program("kprobe/do_exit")}#endif\n`);
});
