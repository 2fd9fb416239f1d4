/** The instructions of BPF, taken apart; `instruction-text.ts` spells them. */

import { BadObject, type Bytes } from "../elf/bytes.ts";

export interface Instruction {
  /** How many slots of eight bytes stand before it in its section. */
  readonly index: number;
  /** 2 for a load of 64 bits, which takes the place of two. */
  readonly slots: 1 | 2;
  readonly code: number;
  readonly dst: number;
  readonly src: number;
  readonly offset: number;
  readonly imm: number;
  /** The upper half of a load of 64 bits. */
  readonly high: number;
}

export const CLASS = { ld: 0, ldx: 1, st: 2, stx: 3, alu: 4, jmp: 5, jmp32: 6, alu64: 7 } as const;
export const MODE = { imm: 0x00, abs: 0x20, ind: 0x40, mem: 0x60, memsx: 0x80, special: 0xa0, atomic: 0xc0 } as const;

export const LOAD_64 = 0x18;
export const CALL = 0x85;
/** What the source register of a call says: which kind of function it is. */
export const CALLS = { helper: 0, subprogram: 1, kfunc: 2 } as const;

export const classOf = (code: number): number => code & 7;
export const operationOf = (code: number): number => code & 0xf0;
export const fromRegister = (code: number): boolean => (code & 8) !== 0;

/** @param code a section, or a part of one that begins with a whole instruction */
export function decode(code: Bytes, first = 0): readonly Instruction[] {
  if (code.length % SLOT !== 0)
    throw new BadObject(`The object is damaged: its code has ${code.length} bytes, and every instruction has ${SLOT}.`);
  const found: Instruction[] = [];
  for (let at = 0; at < code.length; ) {
    const slots = code.u8(at) === LOAD_64 && at + SLOT < code.length ? 2 : 1;
    const registers = code.u8(at + 1);
    const [low, high] = [registers & 15, registers >> 4];
    found.push({
      index: first + at / SLOT,
      slots,
      code: code.u8(at),
      dst: code.little ? low : high,
      src: code.little ? high : low,
      offset: code.i16(at + 2),
      imm: code.i32(at + 4),
      high: slots === 2 ? code.i32(at + SLOT + 4) : 0,
    });
    at += slots * SLOT;
  }
  return found;
}

export const SLOT = 8;

export type InstructionSet = "v1" | "v2" | "v3" | "v4";

/** The least of clang's `-mcpu` that makes all of these. */
export function instructionSet(instructions: Iterable<Instruction>): InstructionSet {
  let least = 1;
  for (const one of instructions) least = Math.max(least, versionOf(one));
  return `v${least}` as InstructionSet;
}

function versionOf({ code, offset, imm }: Instruction): number {
  const operation = operationOf(code);
  switch (classOf(code)) {
    case CLASS.alu:
      if (isDivision(operation) && offset !== 0) return 4;
      if (operation === 0xb0 && offset !== 0) return 4;
      // Turning bytes round is of this class, and was there from the beginning.
      return operation === 0xd0 ? 1 : 3;
    case CLASS.alu64:
      if (isDivision(operation) && offset !== 0) return 4;
      if (operation === 0xd0) return 4;
      return operation === 0xb0 && SIGN_EXTENSIONS.includes(offset) && fromRegister(code) ? 4 : 1;
    case CLASS.jmp32:
      return operation === 0 ? 4 : 3;
    case CLASS.jmp:
      return operation >= 0xa0 && operation <= 0xd0 ? 2 : 1;
    case CLASS.ldx:
      return (code & 0xe0) === MODE.memsx ? 4 : 1;
    case CLASS.stx:
      if ((code & 0xe0) !== MODE.atomic) return 1;
      if (imm === 0x100 || imm === 0x110) return 4;
      // An addition whose result nobody asks for is the only one of the first version.
      return imm === 0 ? 1 : 3;
    default:
      return 1;
  }
}

/** `(s8)`, `(s16)` and `(s32)` of a move, by their bits. */
const SIGN_EXTENSIONS = [8, 16, 32];

const isDivision = (operation: number): boolean => operation === 0x30 || operation === 0x90;
