/** What `BPF_PROG` and its kin make: a function that takes the context, and takes your parameters out of it. */

import { ATTRIBUTE_WORDS } from "../../analysis/syntax/dialect-words.ts";
import type { CardFact } from "../card.ts";
import type { MacroUse } from "./macro-use.ts";
import { machineRegister } from "./registers.ts";
import { type Expansion, tooMany } from "./sketch.ts";

/** Where parameters come from. */
interface Source {
  readonly context: string;
  /** As far as libbpf's counting macros go. */
  readonly most: number;
  /** What a parameter is set to, counted from 0. */
  readonly value: (index: number) => string;
  /** Said behind it. */
  readonly remark?: (index: number) => string;
  /** What stands before the first. */
  readonly first?: string;
  readonly facts?: readonly CardFact[];
}

const SLOTS: Source = { context: "unsigned long long *ctx", most: 12, value: (i) => `ctx[${i}]` };

const REGISTERS: Source = {
  context: "struct pt_regs *ctx",
  most: 8,
  value: (i) => `PT_REGS_PARM${i + 1}(ctx)`,
  remark: (i) => machineRegister(i + 1, false),
};

const RESULT: Source = {
  context: "struct pt_regs *ctx",
  most: 1,
  value: () => "PT_REGS_RC(ctx)",
  remark: () => "rax on x86-64, x0 on arm64",
};

const SYSCALL: Source = {
  context: "struct pt_regs *ctx",
  most: 7,
  first: "struct pt_regs *regs = LINUX_HAS_SYSCALL_WRAPPER ? (struct pt_regs *)PT_REGS_PARM1(ctx) : ctx;",
  value: (i) => `PT_REGS_PARM${i + 1}_CORE_SYSCALL(regs)`,
  remark: (i) => machineRegister(i + 1, true),
  facts: [
    {
      label: "`LINUX_HAS_SYSCALL_WRAPPER`",
      text: "put in by libbpf at load; where it is 0, `PT_REGS_PARM…_SYSCALL(regs)` takes the place of the reads",
    },
  ],
};

const PROBE_ARGUMENTS: Source = {
  context: "struct pt_regs *ctx",
  most: 12,
  value: (i) => `({ long x; bpf_usdt_arg(ctx, ${i}, &x); x; })`,
};

const SOURCES: Readonly<Record<string, Source>> = {
  BPF_PROG: SLOTS,
  BPF_KPROBE: REGISTERS,
  BPF_UPROBE: REGISTERS,
  BPF_KRETPROBE: RESULT,
  BPF_URETPROBE: RESULT,
  BPF_KSYSCALL: SYSCALL,
  BPF_KPROBE_SYSCALL: SYSCALL,
  BPF_USDT: PROBE_ARGUMENTS,
};

export function programFunction(use: MacroUse): Expansion | undefined {
  const [name, ...params] = use.args;
  if (name === undefined || !/^[A-Za-z_]\w*$/.test(name)) return undefined;
  if (use.name === "BPF_PROG2") return pairedFunction(use, name, params);
  const source = SOURCES[use.name];
  if (source === undefined) return undefined;
  if (params.length > source.most) return tooMany("parameters", source.most, params.length);
  const lines = params.map((param, i) => {
    const remark = source.remark?.(i);
    return `${param} = ${source.value(i)};${remark === undefined ? "" : ` // ${remark}`}`;
  });
  const before = source.first !== undefined && params.length > 0 ? [source.first] : [];
  return made(use, name, source.context, [...before, ...lines], params.length > 0 ? (source.facts ?? []) : []);
}

function made(use: MacroUse, name: string, context: string, lines: readonly string[], facts: readonly CardFact[]) {
  const type = returnType(use);
  const head = `${type}${type.endsWith("*") ? "" : " "}${name}(${context})`;
  return {
    code: [`${head} {`, ...[...lines, "…"].map((line) => `    ${line}`), "}"],
    facts: [
      { label: "Your body", text: `is that of \`____${name}\`, inlined there; it sees \`ctx\` as well` },
      ...facts,
    ],
  };
}

const NO_TYPE = new Set(["static", "inline", "extern"]);

/** The words before the macro, on its line or alone on the one above. */
function returnType({ file: { lines, model }, range: { start } }: MacroUse): string {
  const before = lines.textOf(start.line).slice(0, start.character);
  const words =
    before.trim() === ""
      ? /^\s*((?:[A-Za-z_]\w*[\s*]*)+)$/.exec(lines.textOf(start.line - 1))?.[1]
      : /((?:\b[A-Za-z_]\w*[\s*]*)+)$/.exec(before)?.[1];
  const own = (words ?? "").match(/\w+|\*/g) ?? [];
  const type = own.filter((word) => !NO_TYPE.has(word) && !ATTRIBUTE_WORDS.has(word) && !model.redefines(word));
  return type.join(" ").replaceAll("* *", "**") || "int";
}

/** `BPF_PROG2(name, int, a, struct s, b)`: a structure takes as many slots as it has eight bytes. */
function pairedFunction(use: MacroUse, name: string, words: readonly string[]): Expansion | undefined {
  if (words.length % 2 === 1) return undefined;
  if (words.length > SLOTS.most * 2) return tooMany("parameters", SLOTS.most, words.length / 2);
  let slot: number | undefined = 0;
  const lines: string[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const [type = "", variable = ""] = words.slice(i, i + 2);
    const slots: number | undefined = slot === undefined ? undefined : slotsOf(use, type);
    const declared = `${type}${type.endsWith("*") ? "" : " "}${variable}`;
    lines.push(slots === 1 ? `${declared} = ctx[${slot}];` : `${declared}; // from ${slotsText(slot, slots)}`);
    slot = slot === undefined || slots === undefined ? undefined : slot + slots;
  }
  return made(use, name, SLOTS.context, lines, []);
}

function slotsText(slot: number | undefined, slots: number | undefined): string {
  if (slot === undefined) return "the slots behind";
  return slots === undefined ? `ctx[${slot}] on` : `ctx[${slot}] and ctx[${slot + 1}]`;
}

/** Undefined for a type whose size the file does not tell. */
function slotsOf({ file: { model } }: MacroUse, type: string): number | undefined {
  const size = type.endsWith("*") ? 8 : model.layoutOf(type)?.size;
  if (size === undefined) return undefined;
  return size <= 8 ? 1 : size === 16 ? 2 : undefined;
}
