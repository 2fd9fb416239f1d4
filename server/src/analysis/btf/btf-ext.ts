/** Reads `.BTF.ext`: which function and which line an instruction belongs to, and what libbpf relocates by CO-RE. */

import type { Btf } from "./btf.ts";
import { BtfError } from "./error.ts";
import { byteOrder } from "./header.ts";

export interface BtfExt {
  readonly functions: readonly ExtSection<FunctionInfo>[];
  readonly lines: readonly ExtSection<LineInfo>[];
  readonly relocations: readonly ExtSection<CoreRelocation>[];
}

/** What is known of one section of programs. */
export interface ExtSection<T> {
  readonly name: string;
  readonly records: readonly T[];
}

interface Located {
  /** From the beginning of the section, in bytes. */
  readonly offset: number;
}

export interface FunctionInfo extends Located {
  /** The id of the function's type. */
  readonly type: number;
}

export interface LineInfo extends Located {
  readonly file: string;
  /** The text of the line. */
  readonly text: string;
  /** From 1, as compilers count; 0 where there is none. */
  readonly line: number;
  readonly column: number;
}

export interface CoreRelocation extends Located {
  readonly type: number;
  /** `0:1:2`: which member of which member. */
  readonly access: string;
  readonly kind: CoreKind;
}

/** In the order of their numbers. */
export const CORE_KINDS = [
  "byte_off",
  "byte_sz",
  "field_exists",
  "signed",
  "lshift_u64",
  "rshift_u64",
  "local_type_id",
  "target_type_id",
  "type_exists",
  "type_size",
  "enumval_exists",
  "enumval_value",
  "type_matches",
] as const;

/** "unknown" for what is newer than we are. */
export type CoreKind = (typeof CORE_KINDS)[number] | "unknown";

/** Without the part about CO-RE, as old compilers wrote it. */
const OLD_LENGTH = 24;
const LENGTH = 32;

/**
 * @param btf of the same object, for the strings
 * @throws BtfError
 */
export function readBtfExt(bytes: Uint8Array, btf: Btf): BtfExt {
  if (bytes.length < OLD_LENGTH) throw new BtfError("The bytes end before the header of .BTF.ext does.");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = byteOrder(view);
  const u32 = (at: number): number => view.getUint32(at, little);
  const header = u32(4);
  if (header < OLD_LENGTH) throw new BtfError("The header of .BTF.ext is shorter than it can be.");
  if (header > bytes.length) throw new BtfError("The header of .BTF.ext is cut off.");
  const read = <T>(field: number, smallest: number, record: (at: number) => T): readonly ExtSection<T>[] => {
    const from = header + u32(field);
    const to = from + u32(field + 4);
    if (to > bytes.length) throw new BtfError("A part of .BTF.ext is cut off.");
    return from === to ? [] : sections({ u32, name: (at) => btf.stringAt(u32(at)) }, { from, to, smallest }, record);
  };
  return {
    functions: read(8, 8, (at) => ({ offset: u32(at), type: u32(at + 4) })),
    lines: read(16, 16, (at) => ({
      offset: u32(at),
      file: btf.stringAt(u32(at + 4)),
      text: btf.stringAt(u32(at + 8)),
      line: u32(at + 12) >>> 10,
      column: u32(at + 12) & 0x3ff,
    })),
    relocations:
      header < LENGTH
        ? []
        : read(24, 16, (at) => ({
            offset: u32(at),
            type: u32(at + 4),
            access: btf.stringAt(u32(at + 8)),
            kind: CORE_KINDS[u32(at + 12)] ?? "unknown",
          })),
  };
}

interface Bytes {
  readonly u32: (at: number) => number;
  /** The string whose offset stands at a place. */
  readonly name: (at: number) => string;
}

interface Extent {
  readonly from: number;
  readonly to: number;
  readonly smallest: number;
}

/** The size of a record, then for each section its name, how many records, and these. */
function sections<T>(
  { u32, name }: Bytes,
  { from, to, smallest }: Extent,
  record: (at: number) => T,
): readonly ExtSection<T>[] {
  if (to - from < 4) throw new BtfError("A part of .BTF.ext is cut off.");
  const size = u32(from);
  if (size < smallest)
    throw new BtfError(`The records of .BTF.ext are ${size} bytes long, and ${smallest} are needed.`);
  const found: ExtSection<T>[] = [];
  for (let at = from + 4; at < to; ) {
    if (at + 8 > to) throw new BtfError("A section of .BTF.ext is cut off.");
    const first = at + 8;
    const count = u32(at + 4);
    const end = first + count * size;
    if (end > to) throw new BtfError("A section of .BTF.ext is cut off.");
    found.push({ name: name(at), records: Array.from({ length: count }, (_, n) => record(first + n * size)) });
    at = end;
  }
  return found;
}
