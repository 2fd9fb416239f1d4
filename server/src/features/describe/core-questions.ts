/** What `bpf_core_field_exists` and its kin become: a number that libbpf fills in when the program loads. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import type { CardFact } from "../card.ts";
import type { MacroUse } from "./macro-use.ts";
import type { Expansion } from "./sketch.ts";

interface Question {
  readonly builtin: string;
  readonly kind: string;
  readonly value: (what: string) => string;
}

const REFUSED = "where it has none, the program is refused once the verifier gets there";

/** What libbpf fills in where the kernel lacks the thing: bpf_core_calc_*_relo() of libbpf:src/relo_core.c. */
const FIELD_QUESTIONS: Readonly<Record<string, Question>> = {
  bpf_core_field_exists: field("EXISTS", (what) => `1 where the running kernel has ${what}, else 0`),
  bpf_core_field_size: field("BYTE_SIZE", (what) => `the bytes of ${what} in the running kernel; ${REFUSED}`),
  bpf_core_field_offset: field(
    "BYTE_OFFSET",
    (what) => `how many bytes into its structure the running kernel has ${what}; ${REFUSED}`,
  ),
};

const TYPE_QUESTIONS: Readonly<Record<string, Question>> = {
  bpf_core_type_exists: type("EXISTS", (what) => `1 where the running kernel has ${what}, else 0`),
  bpf_core_type_matches: type("MATCHES", (what) => `1 where the running kernel's ${what} looks like this one, else 0`),
  bpf_core_type_size: type("SIZE", (what) => `the bytes of the running kernel's ${what}; 0 where it has none`),
  bpf_core_type_id_kernel: {
    builtin: "btf_type_id",
    kind: "BPF_TYPE_ID_TARGET",
    value: (what) => `the number of ${what} in the running kernel's BTF; 0 where it has none`,
  },
  bpf_core_type_id_local: {
    builtin: "btf_type_id",
    kind: "BPF_TYPE_ID_LOCAL",
    value: (what) => `the number of ${what} in the program's own BTF`,
  },
};

const ENUM_QUESTIONS: Readonly<Record<string, Question>> = {
  bpf_core_enum_value: enumerator("VALUE", (what) => `the running kernel's number for ${what}; ${REFUSED}`),
  bpf_core_enum_value_exists: enumerator("EXISTS", (what) => `1 where the running kernel has ${what}, else 0`),
};

function field(kind: string, value: Question["value"]): Question {
  return { builtin: "preserve_field_info", kind: `BPF_FIELD_${kind}`, value };
}

function type(kind: string, value: Question["value"]): Question {
  return { builtin: "preserve_type_info", kind: `BPF_TYPE_${kind}`, value };
}

function enumerator(kind: string, value: Question["value"]): Question {
  return { builtin: "preserve_enum_value", kind: `BPF_ENUMVAL_${kind}`, value };
}

export function kernelQuestion({ name, args }: MacroUse, kb: KnowledgeBase): Expansion | undefined {
  if (name === "bpf_core_cast") return castTo(args, kb);
  const [first, second] = args;
  if (first === undefined) return undefined;
  const [ofField, ofType, ofEnum] = [FIELD_QUESTIONS[name], TYPE_QUESTIONS[name], ENUM_QUESTIONS[name]];
  if (ofField !== undefined) return fieldQuestion(ofField, args);
  if (ofType !== undefined && args.length === 1)
    return answer(ofType, `*(typeof(${first}) *)0`, `\`${essential(first)}\``, [first]);
  if (ofEnum !== undefined && second !== undefined && args.length === 2)
    return answer(
      ofEnum,
      `*(typeof(${first}) *)${second}`,
      `\`${essential(second)}\` of \`${essential(first)}\``,
      args,
    );
  return undefined;
}

/** Through a pointer, `p->field`, or by its type, `struct s, field`. */
function fieldQuestion(question: Question, args: readonly string[]): Expansion | undefined {
  const [first = "", second, ...more] = args;
  if (more.length > 0) return undefined;
  if (second === undefined) return answer(question, first, `the field \`${first}\``, []);
  const what = `the field \`${second}\` of \`${essential(first)}\``;
  return answer(question, `((typeof(${first}) *)0)->${second}`, what, [first]);
}

function answer(question: Question, asked: string, what: string, types: readonly string[]): Expansion {
  return {
    code: [`__builtin_${question.builtin}(${asked}, ${question.kind})`],
    facts: [{ label: "Value", text: question.value(what) }, ...types.map(flavourFact)],
  };
}

/** `struct task_struct` of `struct task_struct___old`: three underscores, no more, and what follows are left out. */
function essential(name: string): string {
  return /^(.*[^_])___[^_].*$/.exec(name)?.[1] ?? name;
}

function flavourFact(name: string): CardFact | false {
  const looked = essential(name);
  return looked !== name && { label: `\`${name}\``, text: `is looked up as \`${looked}\`` };
}

function castTo([pointer, target, ...more]: readonly string[], kb: KnowledgeBase): Expansion | undefined {
  if (pointer === undefined || target === undefined || more.length > 0) return undefined;
  return {
    code: [`(${target} *)bpf_rdonly_cast(${pointer}, bpf_core_type_id_kernel(${target}))`],
    facts: [{ label: "Value", text: `the same address, which the verifier lets read as \`${essential(target)}\`` }],
    calls: kb.kfunc("bpf_rdonly_cast") === undefined ? [] : [{ kind: "kfunc", name: "bpf_rdonly_cast" }],
  };
}
