import { test } from "vitest";
import { contextAccess } from "../../server/src/analysis/rules/context-access.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (section: string, head: string, body: string) =>
  `SEC("${section}")\nint ${head}\n{\n\t${body}\n\treturn 0;\n}\n`;

test("flags fields that the program's type may not read or write", () => {
  checkRule(
    contextAccess,
    `
SEC("socket")
int f(struct __sk_buff *skb)
{
    skb->cb[1] = 1;
    skb->mark = 1;
//  ^^^^^^^^^ "socket" programs may only read mark: the verifier refuses to write to it
    return skb->data;
//         ^^^^^^^^^ "socket" programs have no data: the verifier refuses the access
}

SEC("xdp")
int g(struct xdp_md *ctx)
{
    return ctx->egress_ifindex;
//         ^^^^^^^^^^^^^^^^^^^ "xdp" programs have no egress_ifindex, only others of their type: the verifier refuses the access
}

SEC("tc")
int h(struct __sk_buff *skb)
{
    return *(__u64 *)&skb->mark;
//         ^^^^^^^^^^^^^^^^^^^^ mark has 4 bytes: the verifier refuses to read more at once
}

SEC("raw_tp/sched_switch")
int i(struct bpf_raw_tracepoint_args *ctx)
{
    ctx->args[0] = 0;
//  ^^^^^^^^^^^^ "raw_tp" programs may only read args: the verifier refuses to write to it
    return ctx->args[12];
//         ^^^^^^^^^^^^^ there are 12 arguments at most: the verifier refuses to read args[12]
}
`,
  );
});

test("flags a place that is not known, and memory that helpers would have to take from the context", () => {
  checkRule(
    contextAccess,
    `
SEC("tc")
int f(struct __sk_buff *skb)
{
    bpf_skb_store_bytes(skb, 0, &skb->mark, 4, 0);
//                              ^^^^^^^^^^ bpf_skb_store_bytes() is given a part of the context, which the verifier refuses: copy it to a variable first
    return skb->cb[skb->priority & 3];
//         ^^^^^^^^^^^^^^^^^^^^^^^^^^ the place within the context is not known before the program runs: the verifier refuses the access
}
`,
  );
});

test("silent about what each may do", () => {
  checkNoFindings(contextAccess, program("tc", "f(struct __sk_buff *skb)", "skb->mark = skb->cb[0];"));
  checkNoFindings(contextAccess, program("xdp/devmap", "f(struct xdp_md *ctx)", "return ctx->egress_ifindex;"));
  checkNoFindings(
    contextAccess,
    program("tc", "f(struct __sk_buff *skb)", "for (int i = 0; i < 5; i++)\n\t\tskb->cb[i] = i;"),
  );
  checkNoFindings(
    contextAccess,
    program("sk_lookup", "f(struct bpf_sk_lookup *ctx)", "return *(__u32 *)&ctx->remote_port == 1;"),
  );
  checkNoFindings(
    contextAccess,
    program("cgroup/connect6", "f(struct bpf_sock_addr *ctx)", "return *(__u64 *)&ctx->user_ip6[0] == 1;"),
  );
  // The registers of a uprobe may be written to by now.
  checkNoFindings(contextAccess, program("uprobe", "f(struct pt_regs *ctx)", "ctx->ax = 1;"));
});

test("silent where the offset is only handed on", () => {
  checkNoFindings(
    contextAccess,
    program(
      "tp/sched/sched_process_exec",
      "f(struct trace_event_raw_sched_process_exec *ctx)",
      "char name[16];\n\tbpf_probe_read_kernel_str(name, 16, (void *)ctx + (ctx->__data_loc_filename & 0xffff));",
    ),
  );
  checkNoFindings(
    contextAccess,
    program(
      "tp/sched/sched_switch",
      "f(struct trace_event_raw_sched_switch *ctx)",
      "char name[16];\n\tbpf_probe_read_kernel(name, 16, &ctx->next_comm);",
    ),
  );
});

test("silent about the context of another type, which is another rule's matter", () => {
  checkNoFindings(contextAccess, program("xdp", "f(struct __sk_buff *skb)", "skb->mark = 1;"));
});

test("flags what lies across words, or outside", () => {
  checkRule(
    contextAccess,
    `
SEC("cgroup/connect6")
int f(struct bpf_sock_addr *ctx)
{
    return *(__u64 *)&ctx->user_ip6[1] ? 1 : 0;
//         ^^^^^^^^^^^^^^^^^^^^^^^^^^^ 8 bytes of the context are read across the borders of its words: the verifier refuses the access
}

SEC("tc")
int h(struct __sk_buff *skb)
{
    __u64 place = skb->len;

    bpf_assert_range(place, 4096, 4096);
    return *((__u8 *)skb + place);
//         ^^^^^^^^^^^^^^^^^^^^^^ the context has 192 bytes, and this lies outside: the verifier refuses the access
}

SEC("tc")
int i(struct __sk_buff *skb)
{
    __u64 place = skb->len;

    bpf_assert_range(place, 64, 128);
    bpf_skb_change_type((void *)skb + 8, 0);
//                      ^^^^^^^^^^^^^^^ bpf_skb_change_type() takes the context as it came, not a place within: the verifier refuses the call
    return *((__u8 *)skb + place);
//         ^^^^^^^^^^^^^^^^^^^^^^ the place within the context is not known before the program runs: the verifier refuses the access
}
`,
  );
});

test("silent for whole words, and for loops", () => {
  checkNoFindings(
    contextAccess,
    program("cgroup/connect6", "f(struct bpf_sock_addr *ctx)", "if (*(__u64 *)&ctx->user_ip6[2]) return 1;"),
  );
  checkNoFindings(contextAccess, program("tp_btf/task_newtask", "f(u64 *ctx)", "return ctx[1];"));
  checkNoFindings(
    contextAccess,
    program("tc", "f(struct __sk_buff *skb)", "for (int i = 0; i < 4; i++) if (skb->cb[i]) return 1;"),
  );
  checkNoFindings(contextAccess, program("tc", "f(struct __sk_buff *skb)", "return bpf_skb_change_type(skb, 0);"));
});

test("arguments that are read from the context itself", () => {
  checkRule(
    contextAccess,
    `
SEC("fentry/f") int f(u32 *ctx) { return
    ctx[2] == ctx[6] &&
    ctx[3]; }
//  ^^^^^^ each argument has 8 bytes of the context, and none begins at offset 12: the verifier refuses the access
SEC("lsm/file_open") int g(u64 *ctx) { return
    ctx[11] == ctx[12]; }
//             ^^^^^^^ there are 12 arguments at most: the verifier refuses to read ctx[12]
`,
  );
  for (const section of ["raw_tp/f", "iter/task", "kprobe/f", "struct_ops/f", "lsm_cgroup/f"])
    checkNoFindings(contextAccess, `SEC("${section}") int f(u32 *ctx) { return ctx[3] == 7; }`);
});
