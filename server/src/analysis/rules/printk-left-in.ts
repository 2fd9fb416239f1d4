/** Rule: output for debugging that is still there. */

import { removeLines } from "../edits.ts";
import { callsTo } from "../for-rules/calls.ts";
import type { BpfModel, Call } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const printkLeftIn: Rule = {
  meta: {
    id: "printk-left-in",
    group: "better ways",
    summary: "Output to the kernel's trace pipe",
    rationale: `\`bpf_printk()\` is for looking at a program while it is written: it is slow, and all programs share its
output. Every call formats a text, which is slow where packets or system calls are counted in millions, and all programs of
the machine write into one pipe, which whoever reads it first empties. What a program has to tell in production belongs in a
ring buffer or a map, where the right process finds it.

Off until it gets a severity: for a release, or in a pipeline.`,
    severity: "hint",
    off: true,
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("tracepoint/sched/sched_process_exec")
int f(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	bpf_printk("exec by %d", id >> 32);
	return 0;
}`,
        good: `SEC("tracepoint/sched/sched_process_exec")
int f(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	return 0;
}`,
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    for (const call of callsTo(PRINTS, model)) {
      if (call.in === undefined || model.code.compiledWhen(call.range).length > 0) continue;
      yield {
        range: call.nameRange,
        message: `${call.name}() writes to the trace pipe that all programs share, and slows this one down`,
        fixes: withoutIt(call, model),
      };
    }
  },
};

const PRINTS = new Set(["bpf_printk", "bpf_trace_printk", "bpf_trace_vprintk"]);

/** Only a statement of its own on lines of its own, behind one that is complete: not the branch of an `if`. */
function withoutIt({ name, range, closed }: Call, model: BpfModel): readonly Fix[] {
  const { lines } = model.code;
  const before = lines.textOf(range.start.line).slice(0, range.start.character);
  const behind = lines.textOf(range.end.line).slice(range.end.character);
  if (!closed || before.trim() !== "" || !/^\s*;\s*$/.test(behind)) return [];
  let line = range.start.line - 1;
  while (line > 0 && lines.textOf(line).trim() === "") line--;
  if (!/[;{}]\s*$/.test(lines.textOf(line))) return [];
  return [{ title: `Remove ${name}()`, edits: [removeLines(range, model)] }];
}
