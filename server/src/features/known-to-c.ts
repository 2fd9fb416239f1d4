/**
 * What a server for C knows as well: names that the file or its headers declare. What no header of the file declares would
 * not compile either, so what is left out for it here is missing nowhere.
 */

import { isKernelTypes } from "../analysis/header.ts";
import { isLibbpfHeader } from "../analysis/kernel-headers.ts";
import type { EnumKind, KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import type { BpfModel } from "../analysis/model.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { BesideC } from "./card.ts";

const HELPERS = /(?:^|\/)bpf_helper(?:s|_defs)\.h$/;
/** Headers for user space include others, which depends on the system. */
const BRINGS_MORE = /^(?!linux\/(?:bpf|types)\.h$)(?:linux|asm|net|netinet|sys|arpa|uapi)\//;
/** clangd knows C's own library without any include, and adds that. */
const OF_C = /^(?:linux|asm|asm-generic)\/(?:errno|errno-base|signal|limits|time|wait)\.h$/;
const KERNEL_NUMBER = /^__(?:[us]|be|le)\d+$/;
const ENUMS: readonly EnumKind[] = ["map-type", "program-type", "attach-type", "link-type", "command", "flag"];

export function knownToC({ model }: Snapshot, kb: KnowledgeBase, { missing }: BesideC): (name: string) => boolean {
  const has = headersOf(model, new Set(missing));
  const own = ownNames(model);
  return (name) => {
    if (
      KERNEL_NUMBER.test(name) ||
      own.has(name) ||
      model.redefines(name) ||
      model.recordOf(`struct ${name}`) !== undefined
    )
      return true;
    if (kb.helper(name) !== undefined) return has.libbpf(HELPERS);
    const macro = kb.macro(name);
    if (macro !== undefined) return has.libbpf(new RegExp(`(?:^|/)${macro.header.replace(".", "\\.")}$`));
    const constant = kb.constant(name);
    if (constant !== undefined) {
      const { header, inBtf, inBtfSince } = constant;
      return OF_C.test(header) || has.kernel(header, inBtf === true || inBtfSince !== undefined);
    }
    const isOfBpf = kb.context(name) !== undefined || ENUMS.some((kind) => kb.enumerator(kind, name) !== undefined);
    return isOfBpf && has.kernel("linux/bpf.h", true);
  };
}

interface HeadersOfFile {
  /** Whether one of libbpf's headers is included, wherever it lies. */
  libbpf(header: RegExp): boolean;
  /** Whether a header of the kernel is included, or all its types are. */
  kernel(header: string, isInBtf: boolean): boolean;
}

function headersOf(model: BpfModel, missing: ReadonlySet<string>): HeadersOfFile {
  const isThere = (path: string): boolean => !missing.has(path);
  // Behind a header of the project that is not found nothing is found either.
  const isCut = [...missing].some((path) => !isOfSystem(path));
  const paths = (isCut ? model.includes.map(({ path }) => path) : model.included()).filter(isThere);
  const named = new Set(paths);
  // A program that compiles has what it uses from somewhere: a header that nobody could read must be it.
  const isUnclear = model.unread().some(isThere);
  const bringsMore = isUnclear || paths.some((path) => BRINGS_MORE.test(path));
  const allTypes = paths.some((path) => isKernelTypes({ path }));
  return {
    libbpf: (header) => isUnclear || paths.some((path) => header.test(path)),
    kernel: (header, isInBtf) => bringsMore || named.has(header) || (isInBtf && allTypes),
  };
}

function isOfSystem(path: string): boolean {
  return isKernelTypes({ path }) || isLibbpfHeader(path) || BRINGS_MORE.test(path) || path.startsWith("linux/");
}

function ownNames({ maps, outside, functions, kfuncs, globals }: BpfModel): ReadonlySet<string> {
  return new Set([...maps, ...outside.maps, ...functions, ...kfuncs, ...globals].map(({ name }) => name));
}
