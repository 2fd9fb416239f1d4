/** Rule: two programs of one name. */

import type { BpfFunction } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const duplicateProgram: Rule = {
  meta: {
    id: "duplicate-program",
    group: "sections",
    summary: "Two programs with the same name in one file",
    rationale: `A program's name is that of its function, and clang refuses a second function of one name, whatever its section is.
It is mostly what is left when a program was copied to start the next one. User space finds programs by that name too, so it
should say what the program does.`,
    severity: "error",
    fix: "none",
    saidByC: true,
    examples: [
      {
        bad: `SEC("tracepoint/syscalls/sys_enter_openat")
int trace(void *ctx)
{
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_openat")
int trace(void *ctx)
{
	return 0;
}`,
        good: `SEC("tracepoint/syscalls/sys_enter_openat")
int trace_enter(void *ctx)
{
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_openat")
int trace_exit(void *ctx)
{
	return 0;
}`,
        refused: { by: "clang", says: "redefinition of 'trace'" },
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    const firsts = new Map<string, BpfFunction>();
    for (const fn of model.functions) {
      const first = firsts.get(fn.name);
      if (first === undefined) {
        firsts.set(fn.name, fn);
        continue;
      }
      if (first.section === undefined || fn.section === undefined || fn.name === "") continue;
      // Alternatives of the preprocessor, and names that a macro puts together.
      const { code } = model;
      const isWritten = code.textOf(fn.nameRange) === fn.name && code.textOf(first.nameRange) === fn.name;
      if (!isWritten || code.compiledWhen(fn.nameRange).length > 0 || code.compiledWhen(first.nameRange).length > 0)
        continue;
      yield {
        range: fn.nameRange,
        message: `this file has a program ${fn.name}() already: clang refuses a second one`,
        related: [{ range: first.nameRange, message: `the first ${fn.name}()` }],
      };
    }
  },
};
