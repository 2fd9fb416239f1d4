/** Rule: an address that is a number to the verifier is followed as a pointer. */

import { insertInclude, replace } from "../edits.ts";
import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { isForBcc } from "../for-rules/file-kinds.ts";
import { typedTask } from "../for-rules/typed-task.ts";
import { hasRelocatedTypes } from "../kernel-headers.ts";
import type { BpfModel } from "../model.ts";
import type { Fix, Rule } from "../rule.ts";

export const rawPointer: Rule = {
  walks: true,
  meta: {
    id: "raw-pointer",
    group: "paths",
    summary: "Address that is a number to the verifier, followed as a pointer",
    rationale: `The verifier lets a program follow only pointers of which it knows what they point to. What a kprobe, a uprobe or a
plain tracepoint is given, what \`bpf_get_current_task()\` returns and what \`BPF_CORE_READ()\` has fetched are numbers to it,
whatever the program casts them to. Such an address may be wrong, so it is read by a helper that survives that:
\`BPF_CORE_READ(file, f_inode, i_ino)\` for \`file->f_inode->i_ino\`, and \`BPF_PROBE_READ_USER()\` for the memory of a process.

In programs whose arguments the verifier knows by their types (\`fentry\`, \`fexit\`, \`tp_btf\`, \`lsm\`, \`struct_ops\`) pointers to
structures may be followed as they are, and so may what \`bpf_get_current_task_btf()\` returns.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `SEC("kprobe/vfs_fsync")
int BPF_KPROBE(on_fsync, struct file *file)
{
	bpf_printk("inode %lu", file->f_inode->i_ino);
	return 0;
}`,
        good: `SEC("kprobe/vfs_fsync")
int BPF_KPROBE(on_fsync, struct file *file)
{
	bpf_printk("inode %lu", BPF_CORE_READ(file, f_inode, i_ino));
	return 0;
}`,
        refused: { by: "kernel", says: "invalid mem access 'scalar'" },
      },
      {
        bad: `SEC("tracepoint/sched/sched_switch")
int on_switch(void *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	bpf_printk("parent %d", task->real_parent->tgid);
	return 0;
}`,
        good: `SEC("tracepoint/sched/sched_switch")
int on_switch(void *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	bpf_printk("parent %d", BPF_CORE_READ(task, real_parent, tgid));
	return 0;
}`,
        refused: { by: "kernel", says: "invalid mem access 'scalar'" },
      },
      {
        bad: `struct pair {
	int first;
	int second;
};

SEC("uprobe")
int BPF_KPROBE(on_pair, struct pair *pair)
{
	bpf_printk("first %d", pair->first);
	return 0;
}`,
        good: `struct pair {
	int first;
	int second;
};

SEC("uprobe")
int BPF_KPROBE(on_pair, struct pair *pair)
{
	bpf_printk("first %d", BPF_PROBE_READ_USER(pair, first));
	return 0;
}`,
        refused: { by: "kernel", says: "invalid mem access 'scalar'" },
      },
    ],
  },

  *check(ctx) {
    if (isForBcc(ctx)) return;
    const { model } = ctx;
    const { lines } = model.code;
    for (const found of flowOf(ctx).of("raw followed")) {
      const isUser = isOfProcess(found);
      const fixes = [readFix(found, isUser, model), typedTask(found, ctx)];
      yield {
        range: lines.rangeOf(found.span),
        message: messageOf(found, isUser),
        ...(found.story !== undefined &&
          found.story.length > 0 && {
            related: found.story.map(({ span, message }) => ({ range: lines.rangeOf(span), message })),
          }),
        fixes: fixes.filter((fix) => fix !== undefined),
      };
    }
  },
};

function messageOf({ facts = {}, about }: Found, isUser: boolean): string {
  const { origin, isWrite } = facts;
  const what =
    origin === "parameter" || origin === "global"
      ? about
      : origin === "call"
        ? `what ${about}() gives`
        : "an address that was read before";
  const subject = `${what} is a number to the verifier`;
  if (isWrite === true) return `${subject}, which refuses to write there`;
  const reader = isUser ? "bpf_probe_read_user()" : "bpf_probe_read_kernel()";
  return `${subject}, which refuses to follow it; ${reader} can`;
}

const OF_PROCESS = /^BPF_(?:UPROBE|URETPROBE|KSYSCALL|KPROBE_SYSCALL|USDT)$/;

/** Whether the address is one of the process's memory. */
function isOfProcess({ facts = {}, about, root }: Found): boolean {
  const { origin, from } = facts;
  if (origin === "call") return /_user$|_USER(?:_|$)|_SYSCALL$/.test(about);
  const { fn, params } = root.routine;
  if (fn?.macro !== undefined && OF_PROCESS.test(fn.macro)) return true;
  if (/^uprobe|^uretprobe|^usdt|^ksyscall|^kretsyscall/.test(root.meaning?.word ?? "")) return true;
  return from === "context" && /sys_enter|syscall/.test(params[0]?.type ?? "");
}

/** The whole chain of arrows as one call. */
function readFix({ facts = {}, node }: Found, isUser: boolean, model: BpfModel): Fix | undefined {
  const { baseStart, baseEnd, end, fields, isHere } = facts;
  if (node?.kind === "call" && isHere === true && !model.redefines(node.name)) {
    const macro = node.name.replace(/(_SYSCALL)?$/, "_CORE$1");
    const nameRange = model.code.lines.rangeOf(node.nameSpan);
    return { title: `Replace with ${macro}()`, edits: [replace(nameRange, macro)] };
  }
  if (isHere !== true || typeof baseStart !== "number" || typeof baseEnd !== "number" || typeof end !== "number")
    return undefined;
  const { lines } = model.code;
  const range = lines.rangeOf({ start: baseStart, end });
  const base = model.code.textOf(lines.rangeOf({ start: baseStart, end: baseEnd }));
  const chain = model.code.textOf(range);
  // What a macro made is not written there.
  const written = `${base}->${String(fields).replace(/, /g, "->")}`;
  if (withoutBlanks(chain) !== withoutBlanks(written)) return undefined;
  const macro = isUser ? "BPF_PROBE_READ_USER" : hasRelocatedTypes(model) ? "BPF_CORE_READ" : "BPF_PROBE_READ";
  if (model.redefines(macro)) return undefined;
  // What is a chain already becomes a longer one.
  const longer = base.startsWith(`${macro}(`) && base.endsWith(")") ? base.slice(macro.length + 1, -1) : undefined;
  const text = `${macro}(${longer ?? withoutParentheses(base)}, ${fields})`;
  const isIncluded = model.includes.length === 0 || model.includes.some(({ path }) => /bpf_core_read\.h$/.test(path));
  const include = isIncluded ? [] : [insertInclude("bpf/bpf_core_read.h", model)];
  return { title: `Replace with ${text}`, edits: [...include, replace(range, text)] };
}

function withoutBlanks(text: string): string {
  return text.replace(/\s+/g, "");
}

/** `((struct x *)p)` → `(struct x *)p`: the macro puts its own around it. */
function withoutParentheses(text: string): string {
  return /^\((\(.*\)[\w.>-]*)\)$/s.exec(text)?.[1] ?? text;
}
