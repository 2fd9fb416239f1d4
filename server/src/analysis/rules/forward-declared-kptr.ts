/** Rule: a kernel pointer to a structure that is only declared. */

import { isMainFile } from "../for-rules/file-kinds.ts";
import { KNOWN_INCLUDES } from "../kernel-headers.ts";
import type { BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const forwardDeclaredKptr: Rule = {
  meta: {
    id: "forward-declared-kptr",
    group: "maps",
    summary: "A kernel pointer in a map whose structure is only declared",
    rationale: `A pointer in a map's value to a structure that is only declared is no kernel pointer, but a plain number.
\`struct task_struct __kptr *\` lets the value hold a reference to a kernel object. The kernel looks up the structure by name,
but only where the program's BTF has it as a structure. One that is only declared, with \`struct task_struct;\`, is a forward
declaration there: the kernel refuses the map's BTF, and libbpf makes the map without it. \`bpf_kptr_xchg()\` then says \`has
no valid kptr\`; a kernel function with such a parameter is \`incompatible with kernel\` before that. Include \`vmlinux.h\`,
or define the structure with the fields that you need and \`__attribute__((preserve_access_index))\`.`,
    severity: "warning",
    fix: "none",
    examples: [
      {
        bad: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct;

struct slot {
	struct task_struct __kptr *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct slot);
	__uint(max_entries, 1);
} slots SEC(".maps");

extern struct task_struct *bpf_task_from_pid(int pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

SEC("syscall")
int keep(void *ctx)
{
	struct task_struct *task, *old;
	__u32 key = 0;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);

	if (!slot)
		return 0;
	task = bpf_task_from_pid(1);
	if (!task)
		return 0;
	old = bpf_kptr_xchg(&slot->task, task);
	if (old)
		bpf_task_release(old);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";`,
        good: `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

struct slot {
	struct task_struct __kptr *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct slot);
	__uint(max_entries, 1);
} slots SEC(".maps");

extern struct task_struct *bpf_task_from_pid(int pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

SEC("syscall")
int keep(void *ctx)
{
	struct task_struct *task, *old;
	__u32 key = 0;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);

	if (!slot)
		return 0;
	task = bpf_task_from_pid(1);
	if (!task)
		return 0;
	old = bpf_kptr_xchg(&slot->task, task);
	if (old)
		bpf_task_release(old);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";`,
        refused: { by: "libbpf", says: "incompatible with kernel" },
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    if (!model.maps.some(({ dialect }) => dialect === "btf")) return;
    for (const tag of ["__kptr", "__kptr_untrusted", "__percpu_kptr"]) {
      for (const { range } of model.code.uses(tag)) {
        const before = model.code.lines.textOf(range.start.line).slice(0, range.start.character);
        const name = /\bstruct\s+(\w+)\s*$/.exec(before)?.[1];
        if (name === undefined || !isOnlyDeclared(name, model)) continue;
        yield {
          range,
          message: `struct ${name} is only declared: without a definition in BTF the kernel sees no pointer to keep here`,
        };
      }
    }
  },
};

function isOnlyDeclared(name: string, model: BpfModel): boolean {
  const type = `struct ${name}`;
  const isDefined = model.recordOf(type) !== undefined || model.layoutOf(type) !== undefined;
  return !isDefined && isMainFile(model) && model.includes.length > 0 && model.includesOnly(KNOWN_INCLUDES);
}
