import { test } from "vitest";
import { kernelStructAccess } from "../../server/src/analysis/rules/kernel-struct-access.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string, section = "tp_btf/task_newtask"): string => `
const volatile int chosen;
SEC("${section}")
int BPF_PROG(f, struct task_struct *task, u64 flags)
{
    char own[16] = {};
    int i;
${body}
}
`;

test("flags an index that only the running program knows, and what is behind", () => {
  checkRule(
    kernelStructAccess,
    program(`    if (flags < 16)
        return task->comm[flags];
//             ^^^^^^^^^^^^^^^^^ the field comm is the kernel's, and which of its bytes are meant varies: the verifier refuses the program
    return task[1].pid;
//         ^^^^^^^^^^^ what stands behind task is none of its fields: the verifier refuses the program`),
  );
});

test("silent about what the verifier knows: constants, turns of a loop, what a loader fills in", () => {
  checkNoFindings(
    kernelStructAccess,
    program(`    for (i = 0; i < 16; i++)
        own[0] += task->comm[i];
    return task->comm[3] + task->comm[chosen] + task[0].pid;`),
  );
});

test("silent where only the address is taken, or the index is decided", () => {
  checkNoFindings(
    kernelStructAccess,
    program(`    bpf_probe_read_kernel(own, 1, &task->comm[flags & 7]);
    if (flags == 3)
        return task->comm[flags];
    return own[flags & 7];`),
  );
});

test("silent where nobody knows what it is: in a program that is given numbers, in a function by itself", () => {
  checkNoFindings(kernelStructAccess, program("    return task->comm[flags & 7];", "raw_tp/task_newtask"));
  checkNoFindings(
    kernelStructAccess,
    "__noinline int g(struct task_struct *task, int i) { return task ? task->comm[i & 7] : 0; }",
  );
});

test("more bytes of comm than it has", () => {
  checkRule(
    kernelStructAccess,
    program(`    if (bpf_strncmp(task->comm, 17, "init") == 0)
//                  ^^^^^^^^^^ comm has 16 bytes, and more are asked for: the verifier refuses the program
        return 1;
    return bpf_strncmp(task->comm + 1, 16, "nit");
//                     ^^^^^^^^^^^^^^ comm has 16 bytes, and more are asked for: the verifier refuses the program`),
  );
  checkNoFindings(
    kernelStructAccess,
    program(`    bpf_probe_read_kernel(own, 16, task->comm + 1);
    return bpf_strncmp(task->comm + 1, 15, "nit") + bpf_strncmp(task->comm, 16, "init");`),
  );
});
