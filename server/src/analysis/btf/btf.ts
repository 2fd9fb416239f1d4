/** Reads BTF: of a kernel, of one of its modules or of an object. All is checked at first, so that nothing fails later. */

import { checkReferences, offsetsOf } from "./check.ts";
import { readHeader, type Sections } from "./header.ts";
import { type NameIndex, nameIndex } from "./name-index.ts";
import { recordAt } from "./record.ts";
import { hashAt, hashOf, textAt } from "./strings.ts";
import { type BtfKind, type BtfType, KINDS } from "./types.ts";

export { BtfError } from "./error.ts";
export type { BtfKind, BtfType } from "./types.ts";

export interface Btf {
  readonly littleEndian: boolean;
  /** The first id of its own: 1, or the one after the last of the base. */
  readonly start: number;
  /** One more than the last id, those of the base counted. */
  readonly count: number;
  /** Where the strings end, those of the base counted. */
  readonly stringsEnd: number;
  /** "void" for 0 and for ids that there are not. */
  kindOf(id: number): BtfKind;
  /** Empty for what has none. */
  nameOf(id: number): string;
  typeAt(id: number): BtfType;
  /** The first type of that name, of one of these kinds where they are given. */
  find(name: string, kinds?: readonly BtfKind[]): number | undefined;
  findAll(name: string, kinds?: readonly BtfKind[]): readonly number[];
  /** A string by its offset, as `.BTF.ext` gives them. */
  stringAt(offset: number): string;
  /** What stands behind qualifiers, tags and typedefs; undefined for a circle of them. */
  resolve(id: number): number | undefined;
}

/**
 * @param base for split BTF, as kernel modules have it
 * @throws BtfError
 */
export function readBtf(bytes: Uint8Array, base?: Btf): Btf {
  const sections = readHeader(bytes);
  const offsets = offsetsOf(sections.words, base?.count ?? 1);
  const reader = new Reader(sections, offsets, base);
  checkReferences(sections.words, offsets, reader);
  return reader;
}

const VOID: BtfType = { kind: "void" };
/** Nobody nests typedefs and qualifiers that deep. */
const MAX_CHAIN = 128;

class Reader implements Btf {
  readonly littleEndian: boolean;
  readonly start: number;
  readonly count: number;
  readonly stringsEnd: number;
  private readonly words: Uint32Array;
  private readonly strings: Uint8Array;
  private readonly stringsFrom: number;
  private readonly offsets: Uint32Array;
  private readonly base: Btf | undefined;
  private index: NameIndex | undefined;

  constructor({ words, stringBytes, littleEndian }: Sections, offsets: Uint32Array, base: Btf | undefined) {
    this.words = words;
    this.strings = stringBytes;
    this.littleEndian = littleEndian;
    this.offsets = offsets;
    this.base = base;
    this.start = base?.count ?? 1;
    this.count = this.start + offsets.length;
    this.stringsFrom = base?.stringsEnd ?? 0;
    this.stringsEnd = this.stringsFrom + stringBytes.length;
  }

  kindOf(id: number): BtfKind {
    if (id < this.start) return this.base?.kindOf(id) ?? "void";
    const at = this.offsets[id - this.start];
    return at === undefined ? "void" : (KINDS[((this.words[at + 1] ?? 0) >>> 24) & 0x1f] ?? "void");
  }

  nameOf(id: number): string {
    if (id < this.start) return this.base?.nameOf(id) ?? "";
    const at = this.offsets[id - this.start];
    return at === undefined ? "" : this.stringAt(this.words[at] ?? 0);
  }

  typeAt(id: number): BtfType {
    if (id < this.start) return this.base?.typeAt(id) ?? VOID;
    const at = this.offsets[id - this.start];
    return at === undefined ? VOID : recordAt(this.words, at, (offset) => this.stringAt(offset));
  }

  stringAt(offset: number): string {
    if (offset < this.stringsFrom) return this.base?.stringAt(offset) ?? "";
    return textAt(this.strings, offset - this.stringsFrom);
  }

  find(name: string, kinds?: readonly BtfKind[]): number | undefined {
    return this.findAll(name, kinds)[0];
  }

  findAll(name: string, kinds?: readonly BtfKind[]): readonly number[] {
    this.index ??= nameIndex(this.offsets.length, (n) => this.hashOfName(this.words[this.offsets[n] ?? 0] ?? 0));
    const own = this.index
      .candidates(name)
      .map((n) => n + this.start)
      .filter((id) => (kinds === undefined || kinds.includes(this.kindOf(id))) && this.nameOf(id) === name);
    return this.base === undefined ? own : [...this.base.findAll(name, kinds), ...own];
  }

  resolve(id: number): number | undefined {
    let at = id;
    for (let steps = 0; steps < MAX_CHAIN; steps++) {
      const type = this.typeAt(at);
      if (!isModifier(type)) return at;
      at = type.type;
    }
    return undefined;
  }

  private hashOfName(offset: number): number {
    if (offset < this.stringsFrom) return hashOf(this.stringAt(offset));
    return hashAt(this.strings, offset - this.stringsFrom);
  }
}

type Modifier = Extract<BtfType, { readonly kind: "typedef" | "const" | "volatile" | "restrict" | "type_tag" }>;

function isModifier(type: BtfType): type is Modifier {
  return ["typedef", "const", "volatile", "restrict", "type_tag"].includes(type.kind);
}
