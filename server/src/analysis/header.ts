/** What a file takes over from the headers it includes: macros, types, maps, functions. */

import { once, remembered } from "./remember.ts";
import { Cursor } from "./syntax/cursor.ts";
import { type Lowered, lowerWhenAsked, type MapMember, split } from "./syntax/dialect.ts";
import { TYPE_WORDS } from "./syntax/dialect-words.ts";
import type { Define } from "./syntax/macros.ts";
import { type Outline, outermost, outlineOf } from "./syntax/outline.ts";
import { IDENTIFIER, tokenize } from "./syntax/tokens.ts";
import { type CType, type Lookup, type RecordType, readTypes, type TypeTable } from "./syntax/types.ts";
import { type Span, spansWithin } from "./text.ts";

export interface Include {
  /** As written between the quotes or brackets. */
  readonly path: string;
  readonly quoted: boolean;
  readonly span: Span;
}

/** One header, read once. Its own includes are separate headers. */
export interface Header {
  readonly uri: string;
  readonly lowered: Lowered;
  readonly outline: Outline;
  readonly types: FileTypes;
  /** The names that each of its functions calls. */
  readonly calls: ReadonlyMap<string, readonly string[]>;
}

export interface FileTypes extends TypeTable {
  readonly records: Lookup<RecordType>;
  readonly typedefs: Lookup<CType>;
  /** Map attributes in the body of a named type, by `struct x` or the typedef's name. */
  readonly members: Lookup<readonly MapMember[]>;
}

/** All headers of a file, in the order in which they come. One object as long as nothing about them changes. */
export interface Headers {
  readonly list: readonly Header[];
  readonly defines: Lookup<Define>;
  readonly types: FileTypes;
  /** Another source takes the file in, and may have what it lacks. */
  readonly isPart: boolean;
}

export const noHeaders: Headers = headersOf([]);

/** Kernel types in full: megabytes that are never read as C. */
const KERNEL_TYPES = /(?:^|\/)vmlinux[^/]*\.h$/;
/** The list of all helpers, which is known without being read. */
const HELPER_LIST = /(?:^|\/)bpf_helper_defs\.h$/;
/** libbpf's own headers in a copy: their macros are understood as they are. Others may have the same names. */
const LIBBPF_COPY =
  /^[ \t]*#[ \t]*ifndef[ \t]+__(?:BPF_HELPERS__|BPF_TRACING_H__|BPF_CORE_READ_H__|BPF_ENDIAN__|USDT_BPF_H__)\b/m;

export function isLibbpfCopy(text: string): boolean {
  return LIBBPF_COPY.test(text);
}

/** What compilers and systems bring: a program means the same with or without their headers at hand. */
const SYSTEM =
  /^(?:(?:linux|asm|asm-generic|sys|net|netinet|arpa|uapi|bits|gnu|bpf)\/.*|(?:assert|ctype|dirent|elf|endian|errno|fcntl|features|float|getopt|inttypes|limits|locale|math|poll|pthread|sched|setjmp|signal|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|strings|time|unistd|wchar)\.h)$/;

/**
 * A copy of the kernel's types. Made by bpftool it has megabytes and nothing that is asked of a header; made by hand it is
 * short, and often has the constants that BTF does not know.
 */
export function isKernelTypes({ path }: Pick<Include, "path">): boolean {
  return KERNEL_TYPES.test(path);
}

/** Whether following an include would tell anything that is not known. */
export function isWorthReading({ path, quoted }: Pick<Include, "path" | "quoted">): boolean {
  if (KERNEL_TYPES.test(path) || HELPER_LIST.test(path)) return false;
  return quoted ? !/^(?:linux|bpf)\//.test(path) : !SYSTEM.test(path);
}

/** The includes of a text that has not been read yet, by its lines. */
export function includeLines(text: string): readonly Pick<Include, "path" | "quoted">[] {
  return [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)/gm)].map(([, quoted, angled]) => ({
    path: quoted ?? angled ?? "",
    quoted: quoted !== undefined,
  }));
}

const INCLUDE = /^\s*(?:"([^"\n]+)"|<([^>\n]+)>)/;

type Read = Pick<Lowered, "source" | "tokens">;

const includesIn = new WeakMap<Read, readonly Include[]>();

/** Asked again for each file that includes a header. */
export function includesOf(text: Read): readonly Include[] {
  const known = includesIn.get(text) ?? readIncludes(text);
  includesIn.set(text, known);
  return known;
}

function readIncludes({ source, tokens }: Read): readonly Include[] {
  const found: Include[] = [];
  for (const { name, start, bodyStart, end } of tokens.directives) {
    const read = name === "include" ? readInclude(source.slice(bodyStart, end)) : undefined;
    if (read !== undefined) found.push({ path: read.path, quoted: read.quoted, span: { start, end } });
  }
  return found;
}

const readInclude = remembered((text): Omit<Include, "span"> | undefined => {
  const [, quoted, angled] = INCLUDE.exec(text) ?? [];
  const path = quoted ?? angled;
  return path === undefined ? undefined : { path, quoted: quoted !== undefined };
});

/** libbpf's headers for programs, also where a project keeps a copy of them under a path of its own. */
const LIBBPF_HEADER = /(?:^|\/)(?:bpf_(?:helpers|helper_defs|tracing|core_read|endian)|usdt\.bpf)\.h$/;

const endOfAddress = remembered((path) => `/${encodeURI(path.replace(/^(?:\.{1,2}\/)+/, ""))}`);

/** Includes of a file and its headers that were not followed. One that was is known by the end of its address. */
export function unfollowed(
  texts: readonly Pick<Lowered, "source" | "tokens">[],
  { list }: Headers,
): readonly Include[] {
  return texts.flatMap(includesOf).filter(({ path }) => {
    const end = endOfAddress(path);
    return !list.some(({ uri }) => uri.endsWith(end));
  });
}

/** Those of them that may bring anything. */
export function mayBringAnything({ path, quoted }: Include): boolean {
  if (LIBBPF_HEADER.test(path)) return false;
  // `<bpf/ctx/skb.h>` is no header of libbpf's.
  return isWorthReading({ path, quoted }) || /^bpf\/./.test(path);
}

/** Reads one header, knowing the macros of those before it. Many questions are about macros alone: the rest is read when asked for. */
export function readHeader(uri: string, text: string, before: Lookup<Define>): Header {
  const lowered = lowerWhenAsked(split(text, before));
  const outline = once(() => outlineOf(lowered));
  const calls = once(() => callsIn(lowered, outline()));
  return {
    uri,
    lowered,
    types: typesWhenAsked(lowered),
    get outline() {
      return outline();
    },
    get calls() {
      return calls();
    },
  };
}

/** Reads all of a header, as if somebody had asked for it. */
export function readWhole({ outline: _, types }: Header): void {
  types.records.get("");
}

export function headersOf(list: readonly Header[], isPart = false): Headers {
  // Later headers win, as later definitions do.
  const reversed = [...list].reverse();
  return {
    list,
    defines: definesBehind(reversed.map(({ lowered }) => lowered.defines)),
    types: typesBehind(reversed.map(({ types }) => types)),
    isPart,
  };
}

/** What one header switches off is open when another says something else: the build may choose between the two. */
function definesBehind(lookups: readonly Lookup<Define>[]): Lookup<Define> {
  const all = behind(lookups);
  return {
    get: (name) => {
      const found = all.get(name);
      if (found?.isOff !== true) return found;
      const isAgreed = lookups.every((lookup) => (lookup.get(name)?.body ?? found.body) === found.body);
      return isAgreed ? found : opened(found);
    },
  };
}

/** The same object each time: by that it is seen that nothing has changed. */
function opened(define: Define): Define {
  const copy = open.get(define) ?? { ...define, isOff: false };
  open.set(define, copy);
  return copy;
}

const open = new WeakMap<Define, Define>();

/** The types of a file before those of its headers. */
export function typesBehind(tables: readonly FileTypes[]): FileTypes {
  return {
    records: behind(tables.map(({ records }) => records)),
    typedefs: behind(tables.map(({ typedefs }) => typedefs)),
    enumerators: behind(tables.map(({ enumerators }) => enumerators)),
    members: behind(tables.map(({ members }) => members)),
  };
}

/** Looks in each in turn. */
export function behind<T>(lookups: readonly Lookup<T>[]): Lookup<T> {
  return {
    get: (name) => {
      for (const lookup of lookups) {
        const found = lookup.get(name);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** Sizes and types are asked for only where something has a size, so they are read only then. */
export function typesWhenAsked(lowered: Lowered): FileTypes {
  const types = once(() => typesOf(lowered));
  const lookup = <K extends keyof FileTypes>(key: K): FileTypes[K] =>
    ({ get: (name: string) => types()[key].get(name) }) as unknown as FileTypes[K];
  return {
    records: lookup("records"),
    typedefs: lookup("typedefs"),
    enumerators: lookup("enumerators"),
    members: lookup("members"),
  };
}

function typesOf({ source, cursor, islands, macros }: Lowered): FileTypes {
  const isAttribute = (word: string): boolean => !TYPE_WORDS.has(word) && macros.isAttribute(word);
  const tables = [readTypes(source, cursor, isAttribute)];
  for (const { text } of islands.expansions) {
    if (text !== undefined) tables.push(readTypes(text, new Cursor(text, tokenize(text)), isAttribute));
  }
  const records = behind(tables.map((table) => table.records));
  const typedefs = behind(tables.map((table) => table.typedefs));
  const enumerators = behind(tables.map((table) => table.enumerators));
  const members = {
    get: (name: string): readonly MapMember[] | undefined => {
      const alias = typedefs.get(name);
      const record =
        alias?.kind === "record"
          ? alias.record
          : records.get(alias?.kind === "tagged" ? `${alias.tag} ${alias.name}` : name);
      if (record === undefined) return undefined;
      const inside = outermost(spansWithin(islands.members, record.span.start, record.span.end));
      return inside.length === 0 ? undefined : inside;
    },
  };
  return { records, typedefs, enumerators, members };
}

/** By tokens alone: a header's functions matter only for what they reach. */
function callsIn({ source, tokens }: Lowered, { functions }: Outline): ReadonlyMap<string, readonly string[]> {
  const cursor = new Cursor(source, tokens);
  const calls = new Map<string, readonly string[]>();
  let i = 0;
  for (const { name, bodySpan } of functions) {
    const called = new Set<string>();
    while (i < cursor.count && cursor.start(i) < bodySpan.start) i++;
    for (; i < cursor.count && cursor.end(i) <= bodySpan.end; i++) {
      if (cursor.kind(i) === IDENTIFIER && cursor.is(i + 1, "(")) called.add(cursor.text(i));
    }
    calls.set(name, [...called]);
  }
  return calls;
}
