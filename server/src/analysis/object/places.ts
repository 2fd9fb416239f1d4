/** Where maps and global variables lie in the sections of an object, from its types and its symbols. */

import type { Btf } from "../btf/btf.ts";
import type { Elf, ElfSymbol, Section } from "../elf/elf.ts";
import { groupedBy } from "./grouped.ts";
import { sectionKind } from "./section-kind.ts";

export interface Place {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** Its type in BTF; undefined where that does not have it. */
  readonly type: number | undefined;
  readonly isStatic: boolean;
}

/** By the number of the section, in the order of their places. */
export function placesIn({ sections, symbols }: Elf, btf: Btf | undefined): ReadonlyMap<number, readonly Place[]> {
  const named = symbols.filter(({ name, kind }) => name !== "" && (kind === "object" || kind === "none"));
  const bySection = groupedBy(named, ({ section }) => section);
  const held = sections.filter((section) => HOLDERS.has(sectionKind(section)));
  const seen = new Set<string>();
  return new Map(
    held.map((section) => {
      // Of several with one name libbpf, too, looks at one.
      const types = seen.has(section.name) ? undefined : btf;
      seen.add(section.name);
      return [section.index, placesOf(section, bySection.get(section.index) ?? [], types)];
    }),
  );
}

const HOLDERS: ReadonlySet<string> = new Set(["maps", "data", "struct_ops"]);

/** The last that begins at or before an offset. */
export function placeAt(places: readonly Place[], offset: number): Place | undefined {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle]?.offset ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return places[low - 1];
}

function placesOf({ name }: Section, symbols: readonly ElfSymbol[], btf: Btf | undefined): readonly Place[] {
  const found = new Map<number, Place>();
  const byName = new Map(symbols.map((symbol) => [symbol.name, symbol]));
  for (const one of btf === undefined ? [] : variablesOf(btf, name)) {
    // clang leaves the places of what other files may see to the symbols, and libbpf looks there as well.
    const symbol = byName.get(one.name);
    const offset = symbol?.value ?? one.offset;
    found.set(offset, { ...one, offset, size: symbol?.size || one.size });
  }
  for (const symbol of symbols) {
    const { value: offset, size, binding } = symbol;
    if (symbol.kind !== "object" || found.has(offset)) continue;
    found.set(offset, { name: symbol.name, offset, size, type: undefined, isStatic: binding === "local" });
  }
  return [...found.values()].sort((a, b) => a.offset - b.offset);
}

function variablesOf(btf: Btf, section: string): readonly Place[] {
  const found: Place[] = [];
  for (const id of btf.findAll(section, ["datasec"])) {
    const type = btf.typeAt(id);
    if (type.kind !== "datasec") continue;
    for (const { type: variable, offset, size } of type.vars) {
      const one = btf.typeAt(variable);
      if (one.kind !== "var") continue;
      found.push({ name: one.name, offset, size, type: one.type, isStatic: one.linkage === 0 });
    }
  }
  return found;
}
