/** What a global variable begins with, spelt as C would initialise it. */

import type { Btf } from "../btf/btf.ts";
import type { BtfStruct } from "../btf/types.ts";
import { type Bytes, utf8 } from "../elf/bytes.ts";
import { sizeOf } from "./c-type.ts";

/** What is longer is cut: a table shows it in a cell. */
const LONGEST = 100;
const DEEPEST = 3;
const MOST = 8;
const MOST_LOOKED_AT = 512;

/** @param bytes exactly those of the variable */
export function valueText(btf: Btf | undefined, type: number | undefined, bytes: Bytes): string {
  if (bytes.raw().every((byte) => byte === 0)) return "0";
  const text = btf === undefined || type === undefined ? hex(bytes) : spelt(btf, type, bytes, 0);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function spelt(btf: Btf, id: number, bytes: Bytes, depth: number): string {
  const type = btf.typeAt(btf.resolve(id) ?? 0);
  if (depth > DEEPEST) return "…";
  switch (type.kind) {
    case "int":
      return type.size === bytes.length ? integer(bytes, type) : hex(bytes);
    case "enum":
    case "enum64": {
      const value = number(bytes, type.signed);
      return type.values.find((one) => one.value === value)?.name ?? `${value}`;
    }
    case "array":
      return array(btf, type.type, bytes, depth);
    case "struct":
      return members(btf, type, bytes, depth);
    default:
      return hex(bytes);
  }
}

function integer(bytes: Bytes, { signed, bool, name }: { signed: boolean; bool: boolean; name: string }): string {
  const value = number(bytes, signed);
  if (bool) return value === 0n ? "false" : "true";
  const isText = name === "char" && value >= 0x20n && value < 0x7fn;
  return isText ? `'${String.fromCharCode(Number(value))}'` : `${value}`;
}

function array(btf: Btf, element: number, bytes: Bytes, depth: number): string {
  const size = sizeOf(btf, element) ?? 0;
  const type = btf.typeAt(btf.resolve(element) ?? 0);
  if (type.kind === "int" && type.size === 1 && type.name === "char") return string(bytes);
  if (size === 0) return hex(bytes);
  const count = Math.min(MOST, Math.floor(bytes.length / size));
  const shown = Array.from({ length: count }, (_, i) => part(btf, element, bytes, i * size, size, depth));
  return `{ ${shown.join(", ")}${count * size < bytes.length ? ", …" : ""} }`;
}

function string(bytes: Bytes): string {
  const raw = bytes.raw();
  const end = raw.indexOf(0);
  const text = utf8(raw.subarray(0, Math.min(end < 0 ? raw.length : end, LONGEST)));
  // What follows the end may matter as well, but is no text.
  return JSON.stringify(text);
}

function members(btf: Btf, { members: all }: BtfStruct, bytes: Bytes, depth: number): string {
  const shown: string[] = [];
  for (const { name, type, bitOffset, bitSize } of all.slice(0, MOST_LOOKED_AT)) {
    const size = sizeOf(btf, type) ?? 0;
    const at = bitOffset / 8;
    if (bitSize !== 0 || !Number.isInteger(at) || size === 0 || at + size > bytes.length) continue;
    const value = bytes.slice(at, size, "a member");
    if (value.raw().every((byte) => byte === 0)) continue;
    if (shown.length === MOST) return `{ ${shown.join(", ")}, … }`;
    shown.push(`${name === "" ? "" : `.${name} = `}${spelt(btf, type, value, depth + 1)}`);
  }
  return shown.length === 0 ? hex(bytes) : `{ ${shown.join(", ")} }`;
}

function part(btf: Btf, type: number, bytes: Bytes, at: number, size: number, depth: number): string {
  if (at + size > bytes.length) return "…";
  return spelt(btf, type, bytes.slice(at, size, "an element"), depth + 1);
}

/** A number of 1, 2, 4, 8 or 16 bytes. */
function number(bytes: Bytes, signed: boolean): bigint {
  const raw = [...bytes.raw().subarray(0, 16)];
  if (bytes.little) raw.reverse();
  const value = raw.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return signed ? BigInt.asIntN(raw.length * 8, value) : value;
}

function hex(bytes: Bytes): string {
  const raw = bytes.raw();
  const shown = [...raw.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return raw.length > 16 ? `${shown} …` : shown;
}
