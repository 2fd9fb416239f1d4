/** Rule: a function that takes any number of arguments. */

import { callsIn } from "../for-rules/calls.ts";
import { isForBpf } from "../for-rules/file-kinds.ts";
import { outlined } from "../for-rules/inlining.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const variadicFunction: Rule = {
  meta: {
    id: "variadic-function",
    group: "toolchain",
    summary: "A function with a variable number of arguments",
    rationale: `A function with \`...\` looks for its arguments on its caller's stack, where BPF passes none, so clang refuses it.
It says \`variadic functions are not supported\`. Not even inlining helps one that reads them with \`va_start()\`. A macro does, with
\`__VA_ARGS__\`: that is how \`bpf_printk()\` and \`BPF_SNPRINTF()\` put any number of values into an array, whose address and
size they pass on.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `int log_line(const char *format, ...)
{
	return 0;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	log_line("packet %d", ctx->rx_queue_index);
	return XDP_PASS;
}`,
        good: `#define log_line(format, args...) bpf_printk(format, ##args)

SEC("xdp")
int f(struct xdp_md *ctx)
{
	log_line("packet %d", ctx->rx_queue_index);
	return XDP_PASS;
}`,
        refused: { by: "clang", says: "variadic functions are not supported" },
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    if (!isForBpf(model)) return;
    for (const fn of model.functions) {
      if (!isVariadic(fn) || fn.macro !== undefined) continue;
      if (!readsArguments(fn, model) && outlined(fn, model)?.how !== "global") continue;
      yield {
        range: fn.nameRange,
        message: `${fn.name}() takes any number of arguments, which BPF cannot pass; a macro with __VA_ARGS__ can`,
      };
    }
  },
};

function isVariadic({ params }: BpfFunction): boolean {
  return params.some(({ type, name }) => type === "..." || name === "...");
}

function readsArguments(fn: BpfFunction, model: BpfModel): boolean {
  return callsIn(fn, model).some((call) => /^(?:__builtin_)?va_start$/.test(call.name));
}
