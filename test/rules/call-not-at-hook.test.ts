import { test } from "vitest";
import { callNotAtHook } from "../../server/src/analysis/rules/call-not-at-hook.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

test("where paths may be asked for", () => {
  checkRule(
    callNotAtHook,
    `
static void ask(struct path *path) { char text[64]; bpf_d_path(path, text, sizeof(text)); }
//                                                  ^^^^^^^^^^ bpf_d_path() is for a few functions, and do_unlinkat() is none of them: the verifier refuses the program
SEC("fentry/do_unlinkat")
int BPF_PROG(on_unlink) { ask(0); return 0; }
`,
  );
  for (const section of [
    "fentry/filp_close",
    "fexit.s/vfs_getattr",
    "iter/task",
    "lsm/file_open",
    "fentry",
    "freplace/f",
  ])
    checkNoFindings(
      callNotAtHook,
      `SEC("${section}") int BPF_PROG(f, struct file *file) { char text[64]; return bpf_d_path(&file->f_path, text, 64); }`,
    );
});

test("a function that several programs share, and that asks which it is", () => {
  checkNoFindings(
    callNotAtHook,
    `
static u64 where(void *ctx, bool traced) { return traced ? bpf_get_func_ip(ctx) : 0; }
SEC("fentry/f") int BPF_PROG(f) { return where(ctx, true) == 1; }
SEC("tp_btf/sched_switch") int BPF_PROG(g) { return where(ctx, false) == 1; }
`,
  );
});

test("the address of the traced function", () => {
  checkRule(
    callNotAtHook,
    `
SEC("raw_tp/sched_switch") int f(void *ctx) { return bpf_get_func_ip(ctx) == 1; }
//                                                   ^^^^^^^^^^^^^^^ bpf_get_func_ip() is only for kprobe, fentry, fexit and fmod_ret: the verifier refuses the program
`,
  );
  for (const section of ["kprobe/f", "uprobe", "fentry/f", "fmod_ret/f", "kprobe.multi/f*", "unknown"])
    checkNoFindings(callNotAtHook, `SEC("${section}") int f(void *ctx) { return bpf_get_func_ip(ctx) == 1; }`);
});

test("storage of sockets, where the kernel frees it", () => {
  const program = (section: string, label = "") => `
SEC("${section}")
int BPF_PROG(f, struct sock *sk)
{
    bpf_sk_storage_delete(&m, sk);${label}
    return 0;
}
`;
  checkRule(
    callNotAtHook,
    program(
      "fexit/bpf_sk_storage_free",
      `
//  ^^^^^^^^^^^^^^^^^^^^^ bpf_sk_storage_delete() is not for bpf_sk_storage_free(), which it calls itself: the verifier refuses the program`,
    ),
  );
  for (const section of ["iter/bpf_sk_storage_map", "fentry/inet_release", "tp_btf/f", "cgroup/sock_create"])
    checkNoFindings(callNotAtHook, program(section));
});

test("the tasks of a cgroup", () => {
  const program = (section: string, label = "") => `
SEC("${section}")
int f(void *ctx)
{
    struct task_struct *task;

    bpf_for_each(css_task, task, 0, 0) {}${label}
    return 0;
}
`;
  checkRule(
    callNotAtHook,
    program(
      "fentry/f",
      `
//  ^^^^^^^^^^^^ bpf_iter_css_task_new() is only for LSM programs, iterators and programs that may sleep: the verifier refuses the program`,
    ),
  );
  for (const section of ["fentry.s/f", "lsm/file_open", "iter/cgroup"])
    checkNoFindings(callNotAtHook, program(section));
  checkNoFindings(callNotAtHook, program("fentry/f").replace("css_task,", "task,"));
});

test("options of a socket, from operations", () => {
  const file = (members: string, label = "") => `
SEC("struct_ops")
void BPF_PROG(end, struct sock *sk)
{
    bpf_setsockopt(sk, 6, 13, sk, 1);${label}
}
SEC(".struct_ops") struct tcp_congestion_ops mine = { ${members} .name = "mine" };
`;
  checkRule(
    callNotAtHook,
    file(
      ".release = (void *)end,",
      `
//  ^^^^^^^^^^^^^^ bpf_setsockopt() is not for release() of a congestion control: the verifier refuses the program`,
    ),
  );
  checkNoFindings(callNotAtHook, file(".init = (void *)end,"));
  checkNoFindings(callNotAtHook, file(".release = (void *)end, .init = (void *)end,"));
  checkNoFindings(callNotAtHook, file("OF(end)"));
});

test("a function of the file's own with such a name", () => {
  checkNoFindings(
    callNotAtHook,
    `
static long bpf_d_path(struct path *path, char *to, u32 size) { return 0; }
SEC("tp_btf/f") int BPF_PROG(f) { return bpf_d_path(0, 0, 0); }
`,
  );
});
