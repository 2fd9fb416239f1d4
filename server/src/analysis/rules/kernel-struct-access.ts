/** Rule: a structure of the kernel's is looked into at a place that varies, or behind its end. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const kernelStructAccess: Rule = {
  walks: true,
  meta: {
    id: "kernel-struct-access",
    group: "paths",
    summary: "Kernel structure read at a place that varies, or behind its end",
    rationale: `By a pointer to a structure of the kernel's the verifier lets a program read the fields that it knows.
An index that only the running program knows could lead to any of them, and what stands behind the structure is none. Copy the
array by \`bpf_probe_read_kernel()\` and index the copy, or read one element at \`&task->comm[i]\`.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task, u64 flags)
{
	return task->comm[flags & 7];
}`,
        good: `SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task, u64 flags)
{
	char letter = 0;

	bpf_probe_read_kernel(&letter, 1, &task->comm[flags & 7]);
	return letter;
}`,
        refused: { by: "kernel", says: "invalid variable offset" },
      },
      {
        bad: `SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task, u64 flags)
{
	return *(int *)(task + 1);
}`,
        good: `SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task, u64 flags)
{
	return task->pid;
}`,
        refused: { by: "kernel", says: "access beyond struct task_struct" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { span, about, facts } of flowOf(ctx).of("kernel place unknown")) {
      const whole = facts?.["isField"] === true ? `the field ${about}` : about;
      const what = WORDS.get(String(facts?.["how"]))?.replace("$whole", whole);
      yield { range: ctx.model.code.lines.rangeOf(span), message: `${what}: the verifier refuses the program` };
    }
  },
};

const WORDS: ReadonlyMap<string, string> = new Map([
  ["behind", "what stands behind $whole is none of its fields"],
  ["varies", "$whole is the kernel's, and which of its bytes are meant varies"],
  ["too far", "comm has 16 bytes, and more are asked for"],
]);
