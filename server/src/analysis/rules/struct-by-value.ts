/** Rule: a structure handed over whole, as a result or an argument. */

import { isForBpf } from "../for-rules/file-kinds.ts";
import { inlineIt, outlined } from "../for-rules/inlining.ts";
import type { BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

/** Two registers hold the members of a smaller one. */
const MOST_BYTES = 16;

export const structByValue: Rule = {
  meta: {
    id: "struct-by-value",
    group: "toolchain",
    summary: "A function that returns a structure, or takes a large one",
    rationale: `A BPF function returns one register, so clang refuses one that returns a structure, or takes a large one as it
is. However small that is, clang says \`aggregate returns are not supported\`. An argument may be a structure of up to 16 bytes,
which takes two registers; for a larger one it says \`pass by value not supported\`. Hand over the address of a structure that
belongs to the caller, or make the function \`static __always_inline\`, because then nothing is handed over at all.

Static functions that clang is free to inline are not reported.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `struct port_range {
	__u32 low, high;
};

struct port_range around(__u32 port)
{
	struct port_range found = { port & 0xff00, port | 0xff };
	return found;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return around(ctx->rx_queue_index).high > 80 ? XDP_PASS : XDP_DROP;
}`,
        good: `struct port_range {
	__u32 low, high;
};

static __always_inline struct port_range around(__u32 port)
{
	struct port_range found = { port & 0xff00, port | 0xff };
	return found;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return around(ctx->rx_queue_index).high > 80 ? XDP_PASS : XDP_DROP;
}`,
        refused: { by: "clang", says: "aggregate returns are not supported" },
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    if (!isForBpf(model)) return;
    for (const fn of model.functions) {
      const kept = fn.macro === undefined ? outlined(fn, model) : undefined;
      if (kept === undefined) continue;
      if (isStructure(kept.type, model)) {
        yield {
          range: fn.nameRange,
          message: `${fn.name}() returns ${kept.type} by value, and a BPF function returns one register`,
          fixes: inlineIt(fn, model),
        };
        continue;
      }
      // A global one may be inlined where it is called, and is never called from elsewhere.
      if (kept.how === "global") continue;
      const large = fn.params.find(
        ({ type }) => isStructure(type, model) && (model.layoutOf(type)?.size ?? 0) > MOST_BYTES,
      );
      if (large === undefined) continue;
      yield {
        range: fn.nameRange,
        message: `${fn.name}() takes ${large.type} by value, which is larger than ${MOST_BYTES} bytes; take its address`,
        fixes: inlineIt(fn, model),
      };
    }
  },
};

function isStructure(type: string, model: BpfModel): boolean {
  if (type.includes("*")) return false;
  return /^(?:const\s+)?(?:struct|union)\s+\w+$/.test(type) || model.recordOf(type) !== undefined;
}
