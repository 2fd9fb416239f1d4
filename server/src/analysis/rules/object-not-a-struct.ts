/** Rule: bpf_obj_new(), bpf_percpu_obj_new() or bpf_core_cast() to a type that no object can have. */

import { callsWhere } from "../for-rules/calls.ts";
import { mayBeLeftOut } from "../for-rules/runs.ts";
import type { BpfModel, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const objectNotAStruct: Rule = {
  meta: {
    id: "object-not-a-struct",
    group: "calls",
    summary: "An object made of a type that cannot be one",
    rationale: `\`bpf_obj_new()\` makes objects of the program's own \`struct\` types, and the verifier refuses any other type. What
\`bpf_percpu_obj_new()\` makes is copied bytewise for each CPU: a struct of numbers alone, without pointers, locks, lists or
timers, of 512 bytes at most. What \`bpf_core_cast()\` makes of an address is a struct of the kernel's.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;

SEC("tc")
int make(struct __sk_buff *skb)
{
	u64 *number = bpf_obj_new_impl(bpf_core_type_id_local(u64), NULL);

	if (number)
		bpf_obj_drop_impl(number, NULL);
	return 0;
}`,
        good: `struct number {
	u64 value;
};

extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;

SEC("tc")
int make(struct __sk_buff *skb)
{
	struct number *number = bpf_obj_new_impl(bpf_core_type_id_local(struct number), NULL);

	if (number)
		bpf_obj_drop_impl(number, NULL);
	return 0;
}`,
        refused: { by: "kernel", says: "type ID argument must be of a struct" },
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    for (const call of callsWhere((name) => CASTS.test(name) || MAKERS.test(name), model)) {
      const match = MAKERS.exec(call.name);
      const arg = call.args[CASTS.test(call.name) ? 1 : 0];
      if (arg === undefined || !call.closed) continue;
      if (CASTS.test(call.name)) {
        const to = castTo(call);
        const wrong = to === undefined || MAY_BE_CAST_TO.test(to) ? undefined : whatIsWrong(to, false, model);
        if (wrong !== undefined && !mayBeLeftOut(call, model) && !model.redefines(call.name))
          yield { range: arg.range, message: `${wrong}: the verifier refuses ${call.name}() to it` };
        continue;
      }
      if (match === null) continue;
      const type = typeIn(call);
      const wrong = type === undefined ? numberIn(arg.text, model) : whatIsWrong(type, match[1] !== undefined, model);
      if (wrong === undefined || mayBeLeftOut(call, model)) continue;
      yield { range: arg.range, message: `${wrong}: the verifier refuses ${call.name.replace(/_impl$/, "")}() of it` };
    }
  },
};

/** By these a number becomes a pointer to a structure of the kernel's. */
const CASTS = /^bpf_(?:core|rdonly)_cast$/;
/** `void` since 6.17. */
const MAY_BE_CAST_TO = /^(?:void|union\b.*)$/s;

function castTo({ name, args: [, arg] }: Call): string | undefined {
  const text = arg?.text.trim();
  return name === "bpf_core_cast" ? text : /^bpf_core_type_id_kernel\s*\(([^()]*)\)$/.exec(text ?? "")?.[1]?.trim();
}

const MAKERS = /^bpf_(percpu_)?obj_new(?:_impl)?$/;
/** BPF_GLOBAL_PERCPU_MA_MAX_SIZE of linux:include/linux/bpf.h */
const MAX_PER_CPU = 512;

/** Of the macro, or as the macro says it to the function. */
function typeIn({ name, args: [arg] }: Call): string | undefined {
  const text = arg?.text.trim();
  if (!name.endsWith("_impl")) return text;
  const local =
    /^bpf_core_type_id_local\s*\(([\s\S]*)\)$/.exec(text ?? "") ??
    /^__builtin_btf_type_id\s*\(\s*\*\s*\(([^()]+)\*\s*\)\s*0\s*,/.exec(text ?? "");
  return local?.[1]?.trim();
}

/** Types have numbers of four bytes. */
const MAX_TYPE = 0xffffffffn;

function numberIn(text: string, model: BpfModel): string | undefined {
  const value = model.valueOf(text);
  const isType = value === undefined || (value >= 0n && value <= MAX_TYPE);
  return isType ? undefined : `${text} is not the number of a type`;
}

function whatIsWrong(type: string, isPerCpu: boolean, model: BpfModel): string | undefined {
  if (/^(?:union|enum)\b/.test(type)) return `${type.replace(/\s*\{[\s\S]*/, " { … }")} is no struct`;
  const behind = model.types.behind(model.types.read(type));
  // A name of the kernel's for a number stays a name.
  const isNumber = behind.kind === "scalar" || (behind.kind === "typedef" && model.types.layout(behind) !== undefined);
  if (isNumber || behind.kind === "pointer") return `${type} is no struct`;
  if (!isPerCpu) return undefined;
  const size = model.layoutOf(type)?.size;
  if (size !== undefined && size > MAX_PER_CPU) return `${type} has ${size} bytes, more than ${MAX_PER_CPU}`;
  const read = model.types.read(type);
  for (const { name, type: field = "" } of model.recordOf(type)?.fields ?? []) {
    const isPointer = model.types.field(read, name)?.type.kind === "pointer";
    if (isPointer || NO_NUMBER.test(field)) return `${type} has ${isPointer ? "a pointer" : `a ${field}`} in it`;
  }
  return undefined;
}

const NO_NUMBER = /^struct bpf_(?:spin_lock|timer|wq|list_head|list_node|rb_root|rb_node|refcount)\b/;
