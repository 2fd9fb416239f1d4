/** Rule: an atomic operation on fewer than 32 bits. */

import { callsWhere } from "../for-rules/calls.ts";
import { isForBpf } from "../for-rules/file-kinds.ts";
import type { BpfModel, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const narrowAtomic: Rule = {
  meta: {
    id: "narrow-atomic",
    group: "toolchain",
    summary: "An atomic operation on one or two bytes",
    rationale: `BPF's atomic instructions work on 32 and 64 bits, and clang refuses them for less. For a \`__u8\`, a \`__u16\`
or a \`bool\` clang has none to choose: \`unsupported atomic operation, please use 32/64 bit version\`, often followed by a
crash of the compiler that says nothing to anybody. Make the counter a \`__u32\` or a \`__u64\`; in a map the value then grows
by a few bytes, which user space must know.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `__u16 packets;

SEC("xdp")
int f(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&packets, 1);
	return XDP_PASS;
}`,
        good: `__u32 packets;

SEC("xdp")
int f(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&packets, 1);
	return XDP_PASS;
}`,
        refused: { by: "clang", says: "unsupported atomic operation" },
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    if (!isForBpf(model)) return;
    for (const call of callsWhere((name) => ATOMIC.test(name), model)) {
      const [first] = call.args;
      const type = first && typeOfPlace(first.text, call, model);
      const size = type === undefined ? undefined : model.layoutOf(type)?.size;
      if (first === undefined || (size !== 1 && size !== 2)) continue;
      yield {
        range: first.range,
        message: `${call.name}() on ${type}: BPF's atomic operations work on 32 and 64 bits`,
      };
    }
  },
};

/** Loads and stores are left out: what compilers make of those differs. */
const ATOMIC =
  /^__(?:sync_(?:fetch_and_\w+|\w+_and_fetch|val_compare_and_swap|bool_compare_and_swap|lock_test_and_set)|atomic_(?:fetch_\w+|\w+_fetch|exchange(?:_n)?|compare_exchange(?:_n)?))$/;

const QUALIFIER = /\b(?:static|const|volatile|extern|__arena|__hidden|__weak)\b\s*/g;

/** Of `&variable` or `pointer`: the type that is written; undefined for all else, for that is not read here. */
function typeOfPlace(text: string, call: Call, model: BpfModel): string | undefined {
  const variable = /^&\s*([A-Za-z_]\w*)$/.exec(text)?.[1];
  const pointer = /^([A-Za-z_]\w*)$/.exec(text)?.[1];
  const type = variable === undefined ? pointer && typeOf(pointer, call, model) : typeOf(variable, call, model);
  const plain = type?.replace(QUALIFIER, "").trim();
  if (plain === undefined || plain === "void *") return undefined;
  if (variable !== undefined) return plain.includes("*") ? undefined : plain;
  return plain.endsWith("*") && !/\*\s*\*/.test(plain) ? plain.slice(0, -1).trim() : undefined;
}

function typeOf(name: string, call: Call, model: BpfModel): string | undefined {
  if (model.redefines(name)) return undefined;
  const locals = call.in === undefined ? [] : model.code.locals(call.in).filter((local) => local.text === name);
  if (locals.length > 0) return locals.length === 1 && locals[0]?.dimensions.length === 0 ? locals[0].type : undefined;
  const param = call.in?.params.find((one) => one.name === name);
  if (param !== undefined) return param.type;
  const global = model.globals.find((one) => one.name === name);
  return global !== undefined && !/\[/.test(model.code.textOf(global.range)) ? global.type : undefined;
}
