/** Rule: memory on the stack whose size only the running program knows. */

import type { Local } from "../code.ts";
import { callsIn, callsWhere } from "../for-rules/calls.ts";
import { isForBpf } from "../for-rules/file-kinds.ts";
import { functionHas } from "../for-rules/function-text.ts";
import type { BpfFunction, BpfModel, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const variableLengthArray: Rule = {
  meta: {
    id: "variable-length-array",
    group: "toolchain",
    summary: "An array on the stack whose length is not constant",
    rationale: `BPF's stack pointer cannot be moved, so clang refuses an array whose length is known only when the program
runs. Every function has a frame of a size that is known when it is compiled, and the verifier follows each byte of it. clang
says \`unsupported dynamic stack allocation\`, for \`__builtin_alloca()\` as well. Give the array the largest size that is
needed and pass on how much of it is used, or keep large buffers in a per-CPU array map.

Nothing is said where the length comes to a constant: \`const int n = 8; char name[n];\` compiles.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("tracepoint/syscalls/sys_enter_write")
int f(struct trace_event_raw_sys_enter *ctx)
{
	__u64 length = ctx->args[2] & 63;
	char text[length];
	bpf_probe_read_user(text, length, (void *)ctx->args[1]);
	return text[0] == 'a';
}`,
        good: `SEC("tracepoint/syscalls/sys_enter_write")
int f(struct trace_event_raw_sys_enter *ctx)
{
	__u64 length = ctx->args[2] & 63;
	char text[64];
	bpf_probe_read_user(text, length, (void *)ctx->args[1]);
	return text[0] == 'a';
}`,
        refused: { by: "clang", says: "unsupported dynamic stack allocation" },
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    if (!isForBpf(model)) return;
    for (const fn of model.functions) {
      if (!functionHas(fn, HAS_NAME_IN_BRACKETS) || !functionHas(fn, MAY_DECLARE)) continue;
      for (const local of model.code.locals(fn)) {
        const bound = local.dimensions.find((dimension) => isComputed(dimension, fn, model));
        if (bound === undefined || isStatic(local)) continue;
        yield {
          range: local.range,
          message: `${local.text} is as long as ${bound} says, and the size of a BPF stack frame is fixed; use the largest size`,
        };
      }
    }
    for (const call of callsWhere((name) => ALLOCA.test(name), model)) {
      if (call.in === undefined) continue;
      const [size] = call.args;
      if (size === undefined) continue;
      if (!isOwnName(call, model) && isComputed(size.text, call.in, model))
        yield {
          range: call.range,
          message: `${call.name}() of ${size.text} moves the stack pointer, which BPF cannot`,
        };
    }
  },
};

/** `char name[length`: what is worth a look at the variables of every function. */
const MAY_DECLARE = /\w[ \t]+[A-Za-z_]\w*\[[ \t]*[a-z_]/;
/** Costs less to ask. */
const HAS_NAME_IN_BRACKETS = /\[[ \t]*[a-z_]/;

const ALLOCA = /^(?:__builtin_)?alloca$/;

function isOwnName({ name }: Call, model: BpfModel): boolean {
  return model.redefines(name);
}

function isStatic({ type }: Local): boolean {
  return /\b(?:static|extern|typedef)\b/.test(type);
}

/** A single variable that is filled from what only the running program knows. Parameters may turn out to be constants. */
function isComputed(expression: string, fn: BpfFunction, model: BpfModel): boolean {
  if (!/[a-z]/.test(expression)) return false;
  if (/\b(?:sizeof|offsetof|__builtin_\w+)\b/.test(expression) || model.valueOf(expression) !== undefined) return false;
  return (expression.match(/(?<![\w.>])[A-Za-z_]\w*(?!\s*\()/g) ?? []).some((name) => {
    const declared = model.code.locals(fn).filter((local) => local.text === name);
    const [only] = declared;
    return declared.length === 1 && only !== undefined && isFilledAtRun(only, fn, model);
  });
}

function isFilledAtRun({ initialiser, dimensions, range }: Local, fn: BpfFunction, model: BpfModel): boolean {
  if (initialiser === undefined || dimensions.length > 0) return false;
  // What the program was given, or what a helper has answered.
  const fromContext = fn.params.some(({ type, name }) => type.includes("*") && reads(initialiser, name));
  const fromHelper = callsIn(fn, model).some(
    (call) => call.name.startsWith("bpf_") && call.range.start.line === range.start.line,
  );
  return fromContext || fromHelper;
}

function reads(expression: string, pointer: string): boolean {
  return pointer !== "" && new RegExp(`(?<!\\w)${pointer}\\s*->`).test(expression);
}
