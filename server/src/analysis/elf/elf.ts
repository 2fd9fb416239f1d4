/** Reads ELF objects as compilers write them for BPF: 64 bits, either byte order, relocatable. */

import { BadObject, Bytes } from "./bytes.ts";

export interface Elf {
  readonly little: boolean;
  readonly sections: readonly Section[];
  readonly symbols: readonly ElfSymbol[];
}

export interface Section {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly size: number;
  /** Empty for a section that takes no place in the file, as `.bss`. */
  readonly content: Bytes;
  /** What a section of relocations or groups is about. */
  readonly link: number;
  readonly info: number;
  readonly relocations: readonly Relocation[];
}

export interface ElfSymbol {
  readonly name: string;
  readonly kind: "object" | "function" | "section" | "none" | "other";
  readonly binding: "local" | "global" | "weak";
  /** Seen by no other object, as libbpf reads it. */
  readonly hidden: boolean;
  /** The section that it lies in; undefined for one that some other object, or the kernel, has. */
  readonly section: number | undefined;
  readonly value: number;
  readonly size: number;
}

export interface Relocation {
  readonly offset: number;
  readonly type: number;
  readonly symbol: ElfSymbol;
}

export const SHT = { progbits: 1, symtab: 2, strtab: 3, rela: 4, nobits: 8, rel: 9 } as const;
export const SHF = { write: 1, alloc: 2, code: 4 } as const;

const MACHINES: Readonly<Record<number, string>> = { 3: "x86", 40: "ARM", 62: "x86-64", 183: "ARM 64", 243: "RISC-V" };
const EM_BPF = 247;
const HEADER = 64;
const SECTION_HEADER = 64;
const SYMBOL = 24;
const MOST_SECTIONS = 16_384;

/** @throws {BadObject} where the bytes are no object for BPF */
export function readElf(file: Uint8Array): Elf {
  const little = byteOrder(file);
  const bytes = new Bytes(file, little);
  checkHeader(bytes);
  const headers = sectionHeaders(bytes);
  const plain = withContent(bytes, headers);
  const symbols = readSymbols(plain);
  const relocations = readRelocations(plain, symbols);
  const sections = plain.map((section) => ({ ...section, relocations: relocations.get(section.index) ?? [] }));
  return { little, sections, symbols };
}

function byteOrder(file: Uint8Array): boolean {
  if (file.length === 0) throw new BadObject("The file is empty.");
  const isElf = file[0] === 0x7f && file[1] === 0x45 && file[2] === 0x4c && file[3] === 0x46;
  if (!isElf && file[0] === 0x42 && file[1] === 0x43 && file[2] === 0xc0)
    throw new BadObject("This is LLVM bitcode, not an object: it was compiled with -emit-llvm or -flto.");
  if (!isElf) throw new BadObject("This is no object file: it does not begin as ELF files do.");
  if (file.length < HEADER) throw new BadObject("The object is cut off: not even its header is whole.");
  if (file[4] === 1) throw new BadObject("This is an object of 32 bits. BPF objects have 64.");
  if (file[4] !== 2) throw new BadObject("The object is damaged: it has neither 32 nor 64 bits.");
  if (file[5] !== 1 && file[5] !== 2) throw new BadObject("The object is damaged: it has no byte order.");
  return file[5] === 1;
}

function checkHeader(bytes: Bytes): void {
  const type = bytes.u16(16);
  const machine = bytes.u16(18);
  // Compilers before BPF had a number of its own left it at 0, and libbpf takes that.
  if (machine !== EM_BPF && machine !== 0)
    throw new BadObject(`This is an object for ${MACHINES[machine] ?? `another machine (${machine})`}, not for BPF.`);
  if (type !== 1) throw new BadObject("This is no relocatable object, as compilers make them with -c.");
}

interface Header {
  readonly name: number;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly entry: number;
}

interface Headers {
  readonly all: readonly Header[];
  readonly names: number;
}

function sectionHeaders(bytes: Bytes): Headers {
  const start = bytes.size(40);
  if (start === 0) throw new BadObject("The object has no sections: nothing can be read from it.");
  if (bytes.u16(58) !== SECTION_HEADER)
    throw new BadObject("The object is damaged: its section table has a wrong size.");
  const first = bytes.slice(start, SECTION_HEADER, "its section table");
  // What does not fit into the file's header stands in that of the first section.
  const count = bytes.u16(60) || first.size(32);
  const names = bytes.u16(62) === 0xffff ? first.u32(40) : bytes.u16(62);
  if (count > MOST_SECTIONS) throw new BadObject(`The object has ${count} sections, which no object for BPF has.`);
  const table = bytes.slice(start, count * SECTION_HEADER, "its section table");
  const all = Array.from({ length: count }, (_, i) => {
    const at = i * SECTION_HEADER;
    return {
      name: table.u32(at),
      type: table.u32(at + 4),
      flags: table.size(at + 8),
      offset: table.size(at + 24),
      size: table.size(at + 32),
      link: table.u32(at + 40),
      info: table.u32(at + 44),
      entry: table.size(at + 56),
    };
  });
  return { all, names };
}

type Plain = Omit<Section, "relocations"> & { readonly entry: number };

function withContent(bytes: Bytes, { all, names }: Headers): readonly Plain[] {
  const empty = bytes.slice(0, 0, "nothing");
  const place = all[names];
  if (place === undefined) throw new BadObject("The object is damaged: its sections have no names.");
  const texts = bytes.slice(place.offset, place.size, "the names of its sections");
  let total = 0;
  return all.map(({ name, type, flags, offset, size, link, info, entry }, index) => {
    if (index === 0) return { index, name: "", type: 0, flags: 0, size: 0, link: 0, info: 0, entry: 0, content: empty };
    const title = texts.text(name);
    const content = type === SHT.nobits ? empty : bytes.slice(offset, size, `section ${title || index}`);
    // Were the same bytes read as a thousand sections, there would be no end to the work.
    total += content.length;
    if (total > bytes.length) throw new BadObject("The object is damaged: its sections lie over one another.");
    return { index, name: title, type, flags, size, link, info, entry, content };
  });
}

const KINDS: readonly ElfSymbol["kind"][] = ["none", "object", "function", "section"];
const BINDINGS: readonly ElfSymbol["binding"][] = ["local", "global", "weak"];
/** Numbers of sections from here on mean something else: an absolute value, a common one. */
const RESERVED = 0xff00;

function readSymbols(sections: readonly Plain[]): readonly ElfSymbol[] {
  const table = sections.find(({ type }) => type === SHT.symtab);
  if (table === undefined) return [];
  const names = sections[table.link]?.content;
  if (names === undefined) throw new BadObject("The object is damaged: its symbols have no names.");
  const text = textsOf(names);
  const { content } = table;
  return Array.from({ length: Math.floor(content.length / SYMBOL) }, (_, i) => {
    const at = i * SYMBOL;
    const info = content.u8(at + 4);
    const visibility = content.u8(at + 5) & 3;
    const place = content.u16(at + 6);
    const section = place === 0 || place >= RESERVED ? undefined : place;
    const kind = KINDS[info & 15] ?? "other";
    const own = text(content.u32(at));
    return {
      name: own === "" && kind === "section" ? (sections[place]?.name ?? "") : own,
      kind,
      binding: BINDINGS[info >> 4] ?? "global",
      hidden: visibility === 1 || visibility === 2,
      section,
      value: content.size(at + 8),
      size: content.size(at + 16),
    };
  });
}

/** Many symbols have the same name, and none needs to be read twice. */
function textsOf(names: Bytes): (at: number) => string {
  const known = new Map<number, string>();
  return (at) => {
    const before = known.get(at);
    if (before !== undefined) return before;
    const found = names.text(at);
    known.set(at, found);
    return found;
  };
}

/** The relocations of each section, by its number, in the order of their places. */
function readRelocations(
  sections: readonly Plain[],
  symbols: readonly ElfSymbol[],
): ReadonlyMap<number, readonly Relocation[]> {
  const found = new Map<number, Relocation[]>();
  for (const { content, info, type } of sections) {
    if (type !== SHT.rel && type !== SHT.rela) continue;
    const own = found.get(info) ?? [];
    found.set(info, own);
    const entry = type === SHT.rel ? 16 : 24;
    for (let at = 0; at + entry <= content.length; at += entry) {
      // Two halves of one number of 64 bits, so their order is that of the bytes.
      const [low, high] = content.little ? [at + 8, at + 12] : [at + 12, at + 8];
      const symbol = symbols[content.u32(high)];
      if (symbol === undefined) throw new BadObject("The object is damaged: a relocation is about no symbol.");
      own.push({ offset: content.size(at), type: content.u32(low), symbol });
    }
  }
  for (const own of found.values()) own.sort((a, b) => a.offset - b.offset);
  return found;
}
