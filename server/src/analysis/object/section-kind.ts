/** What a section of an object is for, as libbpf takes it by its name. */

import { type Section, SHF, SHT } from "../elf/elf.ts";
import { dataSection } from "../knowledge/sections.ts";

export type SectionKind =
  | "code"
  | "maps"
  | "data"
  | "struct_ops"
  | "licence"
  | "version"
  | "types"
  | "debug information"
  | "relocations"
  | "symbols and names"
  | "other";

export function sectionKind({ name, type, flags }: Pick<Section, "name" | "type" | "flags">): SectionKind {
  if (type === SHT.rel || type === SHT.rela) return "relocations";
  if (type === SHT.symtab || type === SHT.strtab) return "symbols and names";
  if (name === ".BTF" || name === ".BTF.ext") return "types";
  if (name.startsWith(".debug_") || name.startsWith(".zdebug_")) return "debug information";
  if (type === SHT.progbits && (flags & SHF.code) !== 0) return "code";
  switch (dataSection(name)) {
    case "maps":
    case "legacy-maps":
      return "maps";
    case "license":
      return "licence";
    case "version":
      return "version";
    case "struct-ops":
    case "struct-ops-link":
      return "struct_ops";
    case "rodata":
    case "data":
    case "bss":
    case "arena":
      return "data";
    default:
      return "other";
  }
}
