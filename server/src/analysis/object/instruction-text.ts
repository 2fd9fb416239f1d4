/** Instructions as the verifier's log and `bpftool prog dump xlated` spell them. */

import { CALLS, CLASS, classOf, fromRegister, type Instruction, LOAD_64, MODE, operationOf } from "./instructions.ts";

/** What an instruction alone does not say. */
export interface Names {
  /** A helper's name by its number. */
  readonly helper: (id: number) => string | undefined;
  /** What a call of a subprogram or kfunc goes to, or what a load of 64 bits loads. */
  readonly target: (instruction: Instruction) => string | undefined;
}

/** `(85) call bpf_map_lookup_elem#1` */
export function instructionText(instruction: Instruction, names: Names): string {
  return `(${hex2(instruction.code)}) ${spelt(instruction, names) ?? "no known instruction"}`;
}

const spellers: Readonly<Record<number, (one: Instruction, names: Names) => string | undefined>> = {
  [CLASS.alu]: arithmetic,
  [CLASS.alu64]: arithmetic,
  [CLASS.jmp]: jump,
  [CLASS.jmp32]: jump,
  [CLASS.ld]: load,
  [CLASS.ldx]: loadFrom,
  [CLASS.st]: (one) =>
    mode(one) === MODE.mem ? `${memory(one, one.dst)} = ${one.imm}` : mode(one) === MODE.atomic ? "nospec" : undefined,
  [CLASS.stx]: store,
};

function spelt(one: Instruction, names: Names): string | undefined {
  return spellers[classOf(one.code)]?.(one, names);
}

const OPERATIONS = ["+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "neg", "%=", "^=", "=", "s>>=", "end"];
const NEG = 0x80;
const END = 0xd0;
const MOV = 0xb0;
/** Offsets of a move that make it something else. */
const ADDRESS_SPACE = 1;
const PER_CPU = -1;

function arithmetic(one: Instruction): string | undefined {
  const { code, offset, imm } = one;
  const wide = classOf(code) === CLASS.alu64;
  const register = (n: number): string => `${wide ? "r" : "w"}${n}`;
  const [dst, src] = [register(one.dst), register(one.src)];
  const operation = operationOf(code);
  if (operation === END) return byteOrder(one, wide);
  if (operation === NEG) return `${dst} = -${dst}`;
  const spelling = OPERATIONS[operation >> 4];
  if (spelling === undefined) return undefined;
  const signed = (spelling === "/=" || spelling === "%=") && offset === 1 ? `s${spelling}` : spelling;
  if (!fromRegister(code)) return `${dst} ${signed} ${imm}`;
  if (operation !== MOV) return `${dst} ${signed} ${src}`;
  if (wide && offset === ADDRESS_SPACE) return `${dst} = addr_space_cast(${src}, ${imm >>> 16}, ${imm & 0xffff})`;
  if (wide && offset === PER_CPU) return `${dst} = &(void __percpu *)(${src})`;
  return `${dst} = ${offset === 0 ? "" : `(s${offset})`}${src}`;
}

function byteOrder({ code, dst, imm }: Instruction, wide: boolean): string {
  const how = wide ? "bswap" : fromRegister(code) ? "be" : "le";
  return `r${dst} = ${how}${imm} r${dst}`;
}

const COMPARISONS: Readonly<Record<number, string>> = {
  16: "==",
  32: ">",
  48: ">=",
  64: "&",
  80: "!=",
  96: "s>",
  112: "s>=",
  160: "<",
  176: "<=",
  192: "s<",
  208: "s<=",
};

function jump(one: Instruction, names: Names): string | undefined {
  const { code, offset, imm } = one;
  const wide = classOf(code) === CLASS.jmp;
  const operation = operationOf(code);
  if (operation === 0x00)
    return fromRegister(code) ? `gotox r${one.dst}` : wide ? `goto ${place(offset)}` : `gotol ${place(imm)}`;
  if (operation === 0x80) return wide ? `call ${callee(one, names)}` : undefined;
  if (operation === 0x90) return wide ? "exit" : undefined;
  if (operation === 0xe0) return one.src === 0 ? `may_goto ${place(offset)}` : undefined;
  const comparison = COMPARISONS[operation];
  if (comparison === undefined) return undefined;
  const letter = wide ? "r" : "w";
  const other = fromRegister(code) ? `${letter}${one.src}` : `0x${(imm >>> 0).toString(16)}`;
  return `if ${letter}${one.dst} ${comparison} ${other} goto ${place(offset)}`;
}

function callee(one: Instruction, { helper, target }: Names): string {
  const { code, src, imm } = one;
  if (fromRegister(code)) return `r${imm === 0 ? one.dst : imm}`;
  const name = target(one);
  if (src === CALLS.helper) return `${helper(imm) ?? "unknown"}#${imm}`;
  if (src === CALLS.kfunc) return name ?? `kernel-function#${imm}`;
  return name ?? `pc${signed(imm)}`;
}

const SIZES: Readonly<Record<number, string>> = { 0: "32", 8: "16", 16: "8", 24: "64" };

const bits = ({ code }: Instruction): string => SIZES[code & 0x18] ?? "";
const mode = ({ code }: Instruction): number => code & 0xe0;

/** `*(u64 *)(r10 -8)` */
function memory(one: Instruction, base: number, letter = "u"): string {
  return `*(${letter}${bits(one)} *)(r${base} ${signed(one.offset)})`;
}

function load(one: Instruction, { target }: Names): string | undefined {
  const { code, src, imm, high } = one;
  if (code === LOAD_64) {
    const value = (BigInt(high >>> 0) << 32n) | BigInt(imm >>> 0);
    return `r${one.dst} = ${target(one) ?? `0x${value.toString(16)}`}`;
  }
  if (mode(one) === MODE.abs) return `r0 = *(u${bits(one)} *)skb[${imm}]`;
  if (mode(one) === MODE.ind) return `r0 = *(u${bits(one)} *)skb[r${src} + ${imm}]`;
  return undefined;
}

function loadFrom(one: Instruction): string | undefined {
  if (mode(one) !== MODE.mem && mode(one) !== MODE.memsx) return undefined;
  return `r${one.dst} = ${memory(one, one.src, mode(one) === MODE.mem ? "u" : "s")}`;
}

function store(one: Instruction): string | undefined {
  if (mode(one) === MODE.mem) return `${memory(one, one.dst)} = r${one.src}`;
  return mode(one) === MODE.atomic ? atomic(one) : undefined;
}

const FETCH = 1;
const ATOMICS: Readonly<Record<number, string>> = { 0: "add", 64: "or", 80: "and", 160: "xor" };

function atomic(one: Instruction): string | undefined {
  const { imm, src } = one;
  const place = `(u${bits(one)} *)(r${one.dst} ${signed(one.offset)})`;
  const width = bits(one) === "64" ? "64" : "";
  if (imm === 0xe1) return `r${src} = atomic${width}_xchg(${place}, r${src})`;
  if (imm === 0xf1) return `r0 = atomic${width}_cmpxchg(${place}, r0, r${src})`;
  if (imm === 0x100) return `r${one.dst} = load_acquire((u${bits(one)} *)(r${src} ${signed(one.offset)}))`;
  if (imm === 0x110) return `store_release(${place}, r${src})`;
  const name = ATOMICS[imm & ~FETCH];
  if (name === undefined) return undefined;
  if ((imm & FETCH) !== 0) return `r${src} = atomic${width}_fetch_${name}(${place}, r${src})`;
  return `lock *${place} ${OPERATIONS[(imm & 0xf0) >> 4]} r${src}`;
}

const place = (distance: number): string => `pc${signed(distance)}`;
const signed = (n: number): string => (n < 0 ? `${n}` : `+${n}`);
const hex2 = (n: number): string => n.toString(16).padStart(2, "0");
