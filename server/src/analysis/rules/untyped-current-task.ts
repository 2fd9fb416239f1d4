/** Rule: the current task as a number that is cast to a pointer. */

import { replace } from "../edits.ts";
import { callsNamed } from "../for-rules/calls.ts";
import { isAlternative } from "../for-rules/guarded.ts";
import { haveKernelTypes, programsFor } from "../for-rules/newer.ts";
import { hasRelocatedTypes } from "../kernel-headers.ts";
import type { BpfModel, Call } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import type { Range } from "../text.ts";

const NEWER = "bpf_get_current_task_btf";

export const untypedCurrentTask: Rule = {
  meta: {
    id: "untyped-current-task",
    group: "better ways",
    summary: "The current task as a number that must be cast",
    rationale: `\`bpf_get_current_task()\` returns a number, through which every field must be fetched by a call. The program
casts it to \`struct task_struct *\`, but the verifier goes on to see a number: \`BPF_CORE_READ(task, tgid)\`, or
\`bpf_probe_read_kernel()\`, is needed. Of \`bpf_get_current_task_btf()\` it knows that the result is a task:
\`task->real_parent->tgid\` is a plain access, which is faster and shorter, and the task can be handed to what asks for one,
\`bpf_task_storage_get()\` for instance. What was written for the old helper works with the new one as it is.

The kernel must describe its own types (\`CONFIG_DEBUG_INFO_BTF\`).`,
    severity: "hint",
    since: "5.11",
    fix: "unsafe",
    bpflint: "get-current-task",
    examples: [
      {
        bad: `SEC("kprobe/do_unlinkat")
int BPF_KPROBE(on_unlink)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	bpf_printk("parent %d", BPF_CORE_READ(task, real_parent, tgid));
	return 0;
}`,
        good: `SEC("kprobe/do_unlinkat")
int BPF_KPROBE(on_unlink)
{
	struct task_struct *task = bpf_get_current_task_btf();

	bpf_printk("parent %d", BPF_CORE_READ(task, real_parent, tgid));
	return 0;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    const calls = callsNamed("bpf_get_current_task", model).filter(({ closed }) => closed);
    if (calls.length === 0 || !haveKernelTypes(ctx) || !hasRelocatedTypes(model)) return;
    // Whoever has both chooses between them.
    if (model.code.mentions(NEWER) || model.redefines("bpf_get_current_task")) return;
    for (const call of calls) {
      const cast = castBefore(call, model);
      if (cast === undefined || isNumber(cast, call, model) || isAlternative(call.range, call.in, model)) continue;
      if (programsFor(call, { kind: "helper", name: NEWER }, ctx) === undefined) continue;
      yield {
        range: call.nameRange,
        message: `bpf_get_current_task() returns a number; of ${NEWER}() the fields can be read without calls`,
        fixes: [withType(call, cast)],
      };
    }
  },
};

/** `(struct task_struct *)` directly before the call. */
interface Cast {
  readonly type: string;
  /** With the blanks behind it. */
  readonly range: Range;
  /** What the result is put into. */
  readonly variable: string | undefined;
}

/** A cast to the task's structure, or to `void *` where the variable says what is meant. */
function castBefore({ nameRange: { start } }: Call, { code }: BpfModel): Cast | undefined {
  const before = code.lines.textOf(start.line).slice(0, start.character);
  const [text, type = ""] = /\(\s*((?:const\s+)?(?:struct\s+task_struct\w*|void))\s*\*\s*\)\s*$/.exec(before) ?? [];
  if (text === undefined) return undefined;
  const isTask = /task_struct(?:___\w+)?$/.test(type);
  const assigned = before.slice(0, -text.length);
  if (!isTask && !/\bstruct\s+task_struct\s*\*\s*\w+\s*=\s*$/.test(assigned)) return undefined;
  const [, variable] = /(?<![.>\w])(\w+)\s*=\s*$/.exec(assigned) ?? [];
  const range = { start: { line: start.line, character: start.character - text.length }, end: start };
  return { type, range, variable };
}

/** Whether the address itself is wanted, `(u64)task`: where the verifier asks for a number, a task will not do. */
function isNumber({ variable }: Cast, { in: fn }: Call, { code }: BpfModel): boolean {
  if (variable === undefined || fn === undefined) return false;
  return new RegExp(
    `\\(\\s*(?:\\w*int\\w*|(?:unsigned\\s+)?long|size_t|(?:__)?[us]64)(?:\\s+\\w+)?\\s*\\)\\s*${variable}\\b`,
  ).test(code.textOf(fn.range));
}

/** A flavour of the structure, `struct task_struct___old`, is still to be cast to. */
function withType({ nameRange }: Call, { type, range }: Cast): Fix {
  const isNeedless = !type.includes("___");
  return {
    title: `Replace with ${NEWER}()`,
    edits: [replace(isNeedless ? { start: range.start, end: nameRange.end } : nameRange, NEWER)],
  };
}
