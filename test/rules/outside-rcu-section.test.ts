import { test } from "vitest";
import { outsideRcuSection } from "../../server/src/analysis/rules/outside-rcu-section.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (section: string, body: string): string => `
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task, unsigned int flags) __ksym;
extern void bpf_iter_task_destroy(struct bpf_iter_task *it) __ksym;

SEC("${section}")
int f(void *ctx)
{
    struct bpf_iter_task it;
${body}
    bpf_iter_task_destroy(&it);
    return 0;
}
`;

test("flags it where the program may sleep, before the section and after it", () => {
  checkRule(
    outsideRcuSection,
    program(
      "syscall",
      `    bpf_rcu_read_lock();
    bpf_rcu_read_unlock();
    bpf_iter_task_new(&it, NULL, 0);
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ bpf_iter_task_new() needs an RCU section, and this program may sleep: the verifier refuses the call`,
    ),
  );
});

test("silent within the section, and in a program that never sleeps", () => {
  checkNoFindings(
    outsideRcuSection,
    program("syscall", "    bpf_rcu_read_lock();\n    bpf_iter_task_new(&it, NULL, 0);\n    bpf_rcu_read_unlock();"),
  );
  checkNoFindings(outsideRcuSection, program("raw_tp/sched_switch", "    bpf_iter_task_new(&it, NULL, 0);"));
});

test("silent where a function that nobody has seen may have entered one", () => {
  checkNoFindings(outsideRcuSection, program("syscall", "    enter();\n    bpf_iter_task_new(&it, NULL, 0);"));
});
