import { test } from "vitest";
import { untrustedPointer } from "../../server/src/analysis/rules/untrusted-pointer.ts";
import { wrongKernelObject } from "../../server/src/analysis/rules/wrong-kernel-object.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string, section = "tp_btf/task_newtask"): string => `
extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;
extern bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *cpumask) __ksym;
extern void bpf_cpumask_set_cpu(u32 cpu, struct bpf_cpumask *cpumask) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
struct slot { struct task_struct __kptr *task; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, struct slot); } slots SEC(".maps");
struct bpf_cpumask __kptr *global_mask;

SEC("${section}")
int BPF_PROG(f, struct task_struct *task)
{
    u32 key = 0;
    struct slot *slot = bpf_map_lookup_elem(&slots, &key);
    struct task_struct *mine = NULL;
    struct bpf_cpumask *mask;
    if (!slot)
        return 0;
${body}
    if (mine)
        bpf_task_release(mine);
    return 0;
}
`;

test("flags what fields lead to, a few aside", () => {
  checkRule(
    untrustedPointer,
    program(`    mine = bpf_task_acquire(task->last_wakee);
//                          ^^^^^^^^^^^^^^^^ what the field last_wakee leads to may be gone: the verifier refuses bpf_task_acquire()
    key = bpf_cpumask_test_cpu(0, task->user_cpus_ptr);
//                                ^^^^^^^^^^^^^^^^^^^ what the field user_cpus_ptr leads to may be gone: the verifier refuses bpf_cpumask_test_cpu()
    bpf_cpumask_set_cpu(0, (struct bpf_cpumask *)task->cpus_ptr);
//                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ what the field cpus_ptr leads to may be gone: the verifier refuses bpf_cpumask_set_cpu()`),
  );
  checkNoFindings(
    untrustedPointer,
    program(`    mine = bpf_task_acquire(task->group_leader);
    key = bpf_cpumask_test_cpu(0, task->cpus_ptr) + bpf_cpumask_test_cpu(0, &task->cpus_mask);`),
  );
});

test("what a program is given depends on where it runs", () => {
  const body = (told = ""): string => `    mine = bpf_task_acquire(task);\n${told}`;
  const gone = body(
    "//                          ^^^^ task may not be there any more where this program runs: the verifier refuses bpf_task_acquire()",
  );
  for (const section of ["fentry/wake_up_new_task", "fexit/wake_up_new_task", "lsm/task_free"])
    checkRule(untrustedPointer, program(gone, section));
  for (const section of ["tp_btf/task_newtask", "lsm/task_kill", "struct_ops/enqueue"])
    checkNoFindings(untrustedPointer, program(body(), section));
  // It asks for trust since 7.0 only.
  const copy = "    key = bpf_copy_from_user_task_str(&key, sizeof(key), 0, task, 0);";
  checkNoFindings(
    untrustedPointer,
    `extern int bpf_copy_from_user_task_str(void *to, u32 to__sz, const void *from__ign, struct task_struct *task, u64 flags) __ksym;
${program(copy, "fentry.s/wake_up_new_task")}`,
  );
});

test("what a kprobe is given is a number", () => {
  checkRule(
    untrustedPointer,
    `extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
SEC("kprobe/wake_up_new_task")
int BPF_KPROBE(f, struct task_struct *task)
{
    return bpf_task_acquire(task) != NULL;
//                          ^^^^ task is a number to the verifier, which refuses to give it to bpf_task_acquire()
}
`,
  );
});

test("what a map or a variable keeps is safe until the RCU section is left, and once it is read again", () => {
  checkRule(
    untrustedPointer,
    program(`    bpf_rcu_read_lock();
    mask = global_mask;
    if (mask)
        bpf_cpumask_set_cpu(1, mask);
    bpf_rcu_read_unlock();
    if (mask)
        bpf_cpumask_set_cpu(1, mask);
//                             ^^^^ global_mask was read in an RCU section that is over: the verifier refuses bpf_cpumask_set_cpu()`),
  );
  checkNoFindings(
    untrustedPointer,
    program(`    bpf_rcu_read_lock();
    mine = slot->task;
    bpf_rcu_read_unlock();
    bpf_rcu_read_lock();
    mine = slot->task;
    if (mine)
        mine = bpf_task_acquire(mine);
    bpf_rcu_read_unlock();
    bpf_rcu_read_lock();
    mask = global_mask;
    if (mask)
        bpf_cpumask_set_cpu(1, mask);
    bpf_rcu_read_unlock();`),
  );
});

test("a structure of another kind", () => {
  checkRule(
    wrongKernelObject,
    `extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
SEC("tp_btf/sys_enter")
int BPF_PROG(f, struct pt_regs *regs, long id)
{
    return bpf_task_acquire((struct task_struct *)regs) != NULL;
//                          ^^^^^^^^^^^^^^^^^^^^^^^^^^ bpf_task_acquire() wants a struct task_struct, and regs is another structure: the verifier refuses it
}
`,
  );
});
