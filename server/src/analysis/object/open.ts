/** An object of BPF, opened: its sections, its types, its functions. What it holds is described from here. */

import { type Btf, BtfError, readBtf } from "../btf/btf.ts";
import { type BtfExt, readBtfExt } from "../btf/btf-ext.ts";
import { BadObject, LONGEST_TEXT } from "../elf/bytes.ts";
import { type Elf, readElf, type Section, SHF, SHT } from "../elf/elf.ts";
import { type CodeFunction, functionsIn } from "./functions.ts";
import { thrifty } from "./thrifty.ts";

export interface OpenObject {
  readonly elf: Elf;
  readonly btf: Btf | undefined;
  readonly ext: BtfExt | undefined;
  /** In the order of the file. */
  readonly functions: readonly CodeFunction[];
  /** What could not be read, where the rest could. */
  readonly problems: readonly string[];
}

/** A section with code is far smaller; what is made up to be large must not use up the memory. */
const MOST_CODE = 16 * 1024 * 1024;

/** @throws {BadObject} where the bytes are no object for BPF, or a damaged one */
export function openObject(file: Uint8Array): OpenObject {
  const elf = readElf(file);
  const code = elf.sections.filter(isCode);
  if (code.reduce((sum, { size }) => sum + size, 0) > MOST_CODE)
    throw new BadObject("The object has more code than any kernel would take: it is not looked at.");
  const problems: string[] = [];
  const contentOf = (name: string): Uint8Array | undefined =>
    elf.sections.find((one) => one.name === name && one.content.length > 0)?.content.raw();
  const btf = attempt("Its types (.BTF)", problems, contentOf(".BTF"), (bytes) => {
    if (longestText(bytes) > LONGEST_TEXT) throw new BtfError("A text in it is longer than any name or line would be.");
    return thrifty(readBtf(bytes));
  });
  const ext = attempt("Its line information (.BTF.ext)", problems, contentOf(".BTF.ext"), (bytes) =>
    btf === undefined ? undefined : readBtfExt(bytes, btf),
  );
  return { elf, btf, ext, functions: functionsIn(elf, code), problems };
}

/** The longest run of bytes without a zero; of other bytes than texts it says nothing, but there no run is long. */
function longestText(bytes: Uint8Array): number {
  let longest = 0;
  for (let at = 0; at < bytes.length; ) {
    const zero = bytes.indexOf(0, at);
    const end = zero < 0 ? bytes.length : zero;
    longest = Math.max(longest, end - at);
    at = end + 1;
  }
  return longest;
}

/** A loader would say of each section which one it knows; code is what is to be executed. */
function isCode({ type, flags, content }: Section): boolean {
  return type === SHT.progbits && (flags & SHF.code) !== 0 && content.length > 0;
}

function attempt<T>(
  what: string,
  problems: string[],
  bytes: Uint8Array | undefined,
  read: (bytes: Uint8Array) => T,
): T | undefined {
  if (bytes === undefined) return undefined;
  try {
    return read(bytes);
  } catch (error) {
    if (!(error instanceof BtfError)) throw error;
    problems.push(`${what} cannot be read: ${error.message}`);
    return undefined;
  }
}
