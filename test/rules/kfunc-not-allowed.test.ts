import { test } from "vitest";
import { kfuncNotAllowed } from "../../server/src/analysis/rules/kfunc-not-allowed.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const LOOKUP = `
extern int bpf_dynptr_from_xdp(struct xdp_md *x, __u64 flags, struct bpf_dynptr *ptr__uninit) __ksym;
SEC("tc")
int f(struct __sk_buff *skb) { return bpf_dynptr_from_xdp((void *)skb, 0, 0); }
`;

test("says which kfunc is for these programs", () => {
  checkRule(
    kfuncNotAllowed,
    `${LOOKUP}//                                    ^^^^^^^^^^^^^^^^^^^ tc programs cannot call bpf_dynptr_from_xdp() on any kernel; they have bpf_dynptr_from_skb()\n`,
  );
});

test("what a newer kernel allows is silent without targets, and told with them", () => {
  const source = `
extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
SEC("xdp")
int f(struct xdp_md *ctx) { return !bpf_task_from_pid(1); }
`;
  checkNoFindings(kfuncNotAllowed, source);
  checkRule(
    kfuncNotAllowed,
    `${source}//                                  ^^^^^^^^^^^^^^^^^ xdp programs cannot call bpf_task_from_pid() on 6.5: first in 6.8, perhaps in 6.7\n`,
    { target: "6.5, 6.1" },
  );
});

test("only what is known to be the kernel's", () => {
  // Nobody says where it comes from.
  checkNoFindings(kfuncNotAllowed, LOOKUP.replace(/extern.*/, '#include "own.h"'));
  checkNoFindings(kfuncNotAllowed, LOOKUP.replace(" __ksym", ""));
  checkNoFindings(kfuncNotAllowed, `#include "vmlinux.h"\n#include "own.h"\n${LOOKUP.replace(/extern.*/, "")}`);
});

test("a vmlinux.h may declare it", () => {
  checkRule(
    kfuncNotAllowed,
    `
#include "vmlinux.h"
SEC("tc")
int f(struct __sk_buff *skb) { return bpf_dynptr_from_xdp((void *)skb, 0, 0); }
//                                    ^^^^^^^^^^^^^^^^^^^ tc programs cannot call bpf_dynptr_from_xdp() on any kernel; they have bpf_dynptr_from_skb()
`,
  );
});

test("asked for before it is called", () => {
  checkNoFindings(
    kfuncNotAllowed,
    LOOKUP.replace(") __ksym", ") __ksym __weak").replace("return", "if (bpf_ksym_exists(bpf_dynptr_from_xdp)) return"),
  );
});

test("every program type may call some", () => {
  checkNoFindings(
    kfuncNotAllowed,
    `extern void bpf_rcu_read_lock(void) __ksym;\nSEC("perf_event")\nint f(void *ctx) { bpf_rcu_read_lock(); return 0; }`,
  );
});

test("what only the newest kernels allow", () => {
  const source = `
extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
SEC("raw_tp/f")
int f(void *ctx) { return !bpf_task_from_pid(1); }
`;
  checkRule(
    kfuncNotAllowed,
    `${source}//                         ^^^^^^^^^^^^^^^^^ raw_tp programs cannot call bpf_task_from_pid() before 7.0\n`,
  );
  checkNoFindings(kfuncNotAllowed, source, { target: "7.1" });
});

test("what is new itself is a matter for targets", () => {
  checkNoFindings(
    kfuncNotAllowed,
    `extern int bpf_stream_print_stack(int stream_id) __ksym;\nSEC("raw_tp/f")\nint f(void *ctx) { return bpf_stream_print_stack(1); }`,
  );
});
