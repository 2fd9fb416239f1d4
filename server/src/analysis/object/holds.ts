/** What a map holds from the beginning: maps, programs, or the functions of a structure of the kernel's. */

import type { Btf } from "../btf/btf.ts";
import type { Relocation } from "../elf/elf.ts";
import type { Place } from "./places.ts";

/** `[1] on_packet` of an array, `init = my_init` of a structure; nothing without types. */
export function holdsOf(
  { offset, type }: Place,
  relocations: readonly Relocation[],
  btf: Btf | undefined,
): readonly string[] {
  const definition = btf === undefined || type === undefined ? undefined : btf.typeAt(btf.resolve(type) ?? 0);
  if (btf === undefined || definition?.kind !== "struct") return [];
  return relocations.map((one) => {
    const at = (one.offset - offset) * 8;
    const member = definition.members.findLast(({ bitOffset }) => bitOffset <= at);
    if (member === undefined) return one.symbol.name;
    const isArray = btf.kindOf(btf.resolve(member.type) ?? 0) === "array";
    return isArray
      ? `[${(at - member.bitOffset) / POINTER}] ${one.symbol.name}`
      : `${member.name} = ${one.symbol.name}`;
  });
}

/** In bits. */
const POINTER = 64;
