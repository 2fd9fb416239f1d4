import { test } from "vitest";
import { untypedCurrentTask } from "../../server/src/analysis/rules/untyped-current-task.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const MESSAGE =
  "bpf_get_current_task() returns a number; of bpf_get_current_task_btf() the fields can be read without calls";

const program = (body: string, section = "kprobe/f") =>
  `SEC("${section}")\nint f(void *ctx)\n{\n\t${body}\n\treturn 0;\n}\n`;

test("flags the helper's name", () => {
  checkRule(
    untypedCurrentTask,
    `
SEC("kprobe/f")
int f(void *ctx)
{
    struct task_struct *task = (struct task_struct *)bpf_get_current_task();
//                                                   ^^^^^^^^^^^^^^^^^^^^ ${MESSAGE}
	return 0;
}
`,
  );
});

test("takes the cast away, except to a flavour of the structure", () => {
  checkFix(
    untypedCurrentTask,
    program("struct task_struct *task = (void *)bpf_get_current_task();"),
    program("struct task_struct *task = bpf_get_current_task_btf();"),
  );
  checkFix(
    untypedCurrentTask,
    program("struct task_struct___o *task = (struct task_struct___o *)bpf_get_current_task();"),
    program("struct task_struct___o *task = (struct task_struct___o *)bpf_get_current_task_btf();"),
  );
});

test("silent where the number is wanted", () => {
  checkNoFindings(untypedCurrentTask, program("__u64 id = bpf_get_current_task();"));
  checkNoFindings(untypedCurrentTask, program("void *task = (void *)bpf_get_current_task();"));
  const cast = "struct task_struct *task = (struct task_struct *)bpf_get_current_task();";
  checkNoFindings(untypedCurrentTask, program(`${cast}\n\tg((uintptr_t)task);`));
  checkNoFindings(untypedCurrentTask, program(`${cast}\n\tg((unsigned long)task);`));
});

test("silent where a program may not call the newer one, and where no program is known", () => {
  const body = "struct task_struct *task = (struct task_struct *)bpf_get_current_task();";
  checkNoFindings(untypedCurrentTask, program(body, "xdp"), { target: "5.12" });
  checkNoFindings(untypedCurrentTask, program(body), { target: "5.10" });
  checkNoFindings(untypedCurrentTask, program(body), { target: "6.1, 5.4" });
  checkNoFindings(untypedCurrentTask, program(body, "own/section"));
  checkNoFindings(untypedCurrentTask, `static int f(void)\n{\n\t${body}\n\treturn 0;\n}\n`);
});

test("silent where the file chooses by the kernel", () => {
  checkNoFindings(
    untypedCurrentTask,
    program(
      "struct task_struct *task;\n\tif (LINUX_KERNEL_VERSION < KERNEL_VERSION(5, 11, 0))\n\t\ttask = (struct task_struct *)bpf_get_current_task();",
    ),
  );
  checkNoFindings(
    untypedCurrentTask,
    `${program("struct task_struct *task = (struct task_struct *)bpf_get_current_task();")}
SEC("kprobe/g")
int g(void *ctx) { return bpf_get_current_task_btf()->pid; }
`,
  );
});

test("a setting that is tested before does not silence it", () => {
  const source = (name: string, cast: string) => `const volatile bool verbose;

${program(`if (!verbose)\n\t\treturn 0;\n\tstruct task_struct *task = ${cast}${name}();`)}`;
  checkFix(
    untypedCurrentTask,
    source("bpf_get_current_task", "(struct task_struct *)"),
    source("bpf_get_current_task_btf", ""),
  );
});

test("silent with kernel headers instead of vmlinux.h", () => {
  const source = program("struct task_struct *task = (struct task_struct *)bpf_get_current_task();");
  checkNoFindings(untypedCurrentTask, `#include <linux/sched.h>\n${source}`);
});
