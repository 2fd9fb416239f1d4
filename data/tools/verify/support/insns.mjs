// @ts-check
/** Single eBPF instructions as the hexadecimal digits of their eight bytes, little endian. */

const SIZE_BITS = /** @type {Readonly<Record<number, number>>} */ ({ 1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18 });

/** @param {number} code @param {number} dst @param {number} src @param {number} off @param {number} imm */
function insn(code, dst, src, off, imm) {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(code, 0);
  bytes.writeUInt8((src << 4) | dst, 1);
  bytes.writeInt16LE(off, 2);
  bytes.writeInt32LE(imm, 4);
  return bytes.toString("hex");
}

/** `r<dst> = imm` @param {number} dst @param {number} imm */
export const set = (dst, imm) => insn(0xb7, dst, 0, 0, imm);

/** `r<dst> = r<src>` @param {number} dst @param {number} src */
export const copy = (dst, src) => insn(0xbf, dst, src, 0, 0);

/** `r<dst> = *(u<size * 8> *)(r<src> + off)` @param {number} size @param {number} dst @param {number} src @param {number} off */
export const load = (size, dst, src, off) => insn((0x61 & 0x07) | 0x60 | (SIZE_BITS[size] ?? 0), dst, src, off, 0);

/** `*(u<size * 8> *)(r<dst> + off) = r<src>` @param {number} size @param {number} dst @param {number} off @param {number} src */
export const store = (size, dst, off, src) => insn((0x63 & 0x07) | 0x60 | (SIZE_BITS[size] ?? 0), dst, src, off, 0);

/** @param {number} helper */
export const call = (helper) => insn(0x85, 0, 0, 0, helper);

export const exit = insn(0x95, 0, 0, 0, 0);
