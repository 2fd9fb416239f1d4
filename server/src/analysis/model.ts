/** What a BPF C file means: programs, maps and calls, each with its range, without a trace of syntax types. */

import { bccMap } from "./bcc.ts";
import { type Code, CodeView } from "./code.ts";
import { LazyRoutine, type Routine } from "./flow/routine.ts";
import {
  type FileTypes,
  type Header,
  type Headers,
  type Include,
  includesOf,
  mayBringAnything,
  noHeaders,
  typesBehind,
  typesWhenAsked,
  unfollowed,
} from "./header.ts";
import { definitionsOf, type MapDefinition } from "./map-definitions.ts";
import { type Names, namesOf } from "./names/names.ts";
import { nameIn, type Reach, reachOf } from "./reach.ts";
import { once, remembered, rememberedOf } from "./remember.ts";
import { type Marks, sight } from "./sight.ts";
import { type SizeParts, type Sizes, type Structure, sizesOf, type Types } from "./sizes.ts";
import { type Suppression, suppressionsOf } from "./suppressions.ts";
import { type Again, readAgain } from "./syntax/again.ts";
import { type Around, readAround } from "./syntax/around.ts";
import { Cursor } from "./syntax/cursor.ts";
import type { CallMark, Lowered, MapMember, SectionMark } from "./syntax/dialect.ts";
import { ATTRIBUTE_WORDS } from "./syntax/dialect-words.ts";
import type { FunctionOutline, Outline, PrototypeOutline, VariableOutline } from "./syntax/outline.ts";
import type { Shape } from "./syntax/shape.ts";
import { IDENTIFIER, tokenize } from "./syntax/tokens.ts";
import { asksTheKernel, type GuardNode, LazyTree, type Syntax } from "./syntax/tree.ts";
import type { Layout, Lookup } from "./syntax/types.ts";
import { type Word, wordAt } from "./syntax/words.ts";
import { type Lines, linesOf, type Position, type Range, type Span, withoutComments } from "./text.ts";

export interface BpfModel {
  readonly programs: readonly Program[];
  readonly functions: readonly BpfFunction[];
  readonly maps: readonly BpfMap[];
  /** A map of the file, or else of a header of it. */
  readonly mapNamed: (name: string) => MapFacts | undefined;
  readonly calls: readonly Call[];
  readonly globals: readonly Global[];
  /** Functions that the kernel provides, as the file declares them: `extern … __ksym`. */
  readonly kfuncs: readonly Kfunc[];
  readonly guards: readonly Guard[];
  readonly licence: Licence | undefined;
  readonly includes: readonly Inclusion[];
  readonly suppressions: readonly Suppression[];
  /** What the included headers add. Their ranges are not in this file, so they have none here. */
  readonly outside: Outside;
  /** Places that are no C. Asked of the tree, so only until that is disposed of. */
  readonly errors: () => readonly Range[];
  /** The number a constant expression comes to. */
  readonly valueOf: (expression: string) => bigint | undefined;
  /** Size, alignment and padding of a type given by its text. */
  readonly layoutOf: (type: string) => Layout | undefined;
  readonly types: Types;
  /** Every function of the file and its headers that can run when this one does, itself included. */
  readonly reaches: (name: string) => ReadonlySet<string>;
  /** Whether one function can run when another does. No header is read where the file's own calls lead there. */
  readonly runs: (from: string, name: string) => boolean;
  /** The calls of a function, and those to which it is handed over: `bpf_loop(n, each, …)`. */
  readonly sitesOf: (name: string) => readonly Call[];
  /** Whether the file or a header of it makes something of its own of a name: a function or a macro, not the kernel's. */
  readonly redefines: (name: string) => boolean;
  /** How the file, or else a header of it, declares a function without a body. */
  readonly declared: (name: string) => Declaration | undefined;
  /** Paths of includes, of the file and its headers, that nobody could follow and that may bring anything. */
  readonly unread: () => readonly string[];
  /** What stands in function bodies. */
  readonly code: Code;
  /** A function of the file, or else of a header of it, as it runs. Undefined where there are several of that name. */
  readonly routine: (name: string) => Routine | undefined;
  /** The maps of libbpf's form that the file itself spells out, with every member. */
  readonly definitions: readonly MapDefinition[];
  /** What a type given by its text consists of, where the file or a header defines it as a structure. */
  readonly recordOf: (type: string) => Structure | undefined;
  /** What a value of a type given by its text is made of, as far down as numbers and text. */
  readonly shapeOf: (type: string) => Shape | undefined;
  /** The headers that were followed. */
  readonly headers: readonly Header[];
  /** What the file and the headers that were followed include, compiled or not. */
  readonly included: () => readonly string[];
  /** Whether every include was followed, or is one of `known`. */
  readonly includesOnly: (known: RegExp) => boolean;
  /** Whether a word stands anywhere in the code of a followed header, or could be pasted together there. */
  readonly isInHeaders: (word: string) => boolean;
  /** Whether a followed header defines a macro, compiled or not. */
  readonly isMacroOfHeaders: (name: string) => boolean;
  /** The word of code at a position; undefined in comments, strings and blanks. */
  readonly wordAt: (position: Position) => Word | undefined;
  /** What names refer to, and where else that is spoken of. */
  readonly names: Names;
  readonly marks: Marks;
}

/** A function with a body, whether the kernel calls it or the file's own code does. */
export interface BpfFunction {
  readonly name: string;
  readonly nameRange: Range;
  readonly range: Range;
  readonly section: Section | undefined;
  readonly params: readonly Param[];
  /** The macro in the place of its declarator, `BPF_PROG` or one of the project's own. */
  readonly macro: string | undefined;
  readonly isStatic: boolean;
  /** As written, and what of it stands before the name. */
  readonly text: string;
  readonly head: string;
}

export interface Param {
  readonly type: string;
  readonly name: string;
}

/** A function that the loader hands to the kernel. */
export interface Program extends BpfFunction {
  readonly section: Section;
}

export interface Section {
  /** The string libbpf sees; undefined when a macro from elsewhere is part of it. */
  readonly name: string | undefined;
  readonly nameRange: Range;
  /** The whole `SEC("…")`. */
  readonly range: Range;
}

/** How a map is written: libbpf's BTF form, the struct that libbpf 1.0 gave up, or a macro of bcc's. */
export type MapDialect = "btf" | "legacy" | "bcc";

export interface MapFacts {
  readonly name: string;
  readonly dialect: MapDialect;
  /** `BPF_MAP_TYPE_HASH`, as written; undefined when the definition does not say it. */
  readonly type: string | undefined;
  readonly keyType: string | undefined;
  readonly valueType: string | undefined;
  readonly keySize: number | undefined;
  readonly valueSize: number | undefined;
  readonly maxEntries: number | undefined;
  readonly flags: number | undefined;
  readonly pinning: string | undefined;
}

export interface BpfMap extends MapFacts {
  readonly nameRange: Range;
  readonly range: Range;
  readonly section: Section | undefined;
  readonly attributes: readonly MapAttribute[];
  /** Names in its initialiser: inner maps, or the programs of a program array. */
  readonly values: readonly string[];
}

export interface MapAttribute {
  readonly name: string;
  readonly nameRange: Range;
  readonly value: string;
  readonly valueRange: Range;
  readonly range: Range;
}

export interface Call {
  readonly name: string;
  readonly nameRange: Range;
  readonly range: Range;
  readonly args: readonly Argument[];
  /** False while its closing parenthesis is missing. */
  readonly closed: boolean;
  /** The function whose body holds the call. */
  readonly in: BpfFunction | undefined;
  /** The guards that must hold for it to run. */
  readonly guards: readonly Guard[];
}

export interface Argument {
  readonly text: string;
  readonly range: Range;
  /** The map, of this file or its headers, that the argument is the address of. */
  readonly map: MapFacts | undefined;
}

export interface Global {
  readonly name: string;
  readonly nameRange: Range;
  readonly range: Range;
  readonly type: string;
  /** What stands behind the name: `[16][4]`. */
  readonly bounds: string;
  readonly section: Section | undefined;
  readonly kind: "rodata" | "data" | "bss" | "kconfig" | "ksym" | "extern" | "section";
}

export interface Kfunc {
  readonly name: string;
  readonly nameRange: Range;
  readonly isWeak: boolean;
}

/** A function without a body: `extern int f(void) __ksym;`. */
export interface Declaration {
  /** From its first word to the semicolon. */
  readonly text: string;
  readonly isKsym: boolean;
  /** Undefined in a header. */
  readonly range: Range | undefined;
}

/** `if (bpf_core_field_exists(…)) { … }`: what runs only where the kernel has something. */
export interface Guard {
  /** The condition as written. */
  readonly condition: string;
  /** Whether the region runs when the condition holds, or when it does not. */
  readonly holds: boolean;
  readonly range: Range;
}

export interface Licence {
  readonly text: string;
  readonly range: Range;
}

export interface Inclusion {
  readonly path: string;
  readonly quoted: boolean;
  readonly range: Range;
}

export interface Outside {
  readonly maps: readonly (MapFacts & { readonly header: string })[];
  readonly programs: readonly {
    readonly name: string;
    readonly section: string | undefined;
    readonly header: string;
  }[];
  /** The licence that a header, or the source around it, gives; empty where it may give one, but does not spell it out. */
  readonly licence: string | undefined;
}

/** A model together with what the next version of the same file can reuse. */
export interface Built {
  readonly model: BpfModel;
  readonly lasting: Lasting;
  /** The types of the file itself. */
  readonly ownTypes: FileTypes;
  readonly plain: Plain;
  readonly lines: Lines;
  readonly lowered: Lowered;
  readonly outline: Outline;
  readonly headers: Headers;
  readonly tree: LazyTree;
  readonly sizes: Sizes;
}

export interface BuildOptions {
  /** The same file before: it is read incrementally. Without its tree that stays as it is. */
  readonly previous?: (Omit<Built, "tree"> & Partial<Pick<Built, "tree">>) | undefined;
  readonly headers?: Headers | undefined;
}

/** Without a parser only a text that does not ask about its kernel can be read: see `asksTheKernel`. */
export function buildModel(
  source: string,
  syntax: Syntax | undefined,
  { previous, headers = noHeaders }: BuildOptions = {},
): Built {
  const again = previous?.headers === headers ? readAgain(source, previous) : undefined;
  const same = previous?.lowered.source === source ? previous : undefined;
  const known = headers.list.length === 0 ? undefined : headers.defines;
  const reading = again ?? readAround(source, known, previous);
  const { lowered, outline } = reading;
  const tree = new LazyTree(syntax, lowered.text, previous?.tree);
  const lines = same?.lines ?? linesOf(source);
  const ownTypes = (reading.sameWords ? previous?.ownTypes : undefined) ?? typesWhenAsked(lowered);
  const types = typesBehind([ownTypes, headers.types]);
  const sizes = sizesOf({ lowered, outline, headers, types }, previous?.sizes);
  const marks = marksOf(reading, previous, sizes);
  const before = previous?.model.marks;
  const lasting =
    (before?.outside === marks.outside ? previous?.lasting : undefined) ??
    lastingOf(lowered, headers, { sizes, types });
  const reach = before?.calls === marks.calls ? previous?.model : undefined;
  const plain = (reading.sameWords ? same?.plain : undefined) ?? plainOf({ lowered, outline, lines });
  const model = modelOf({ lowered, outline, headers, tree, lines, types, sizes, marks, lasting, plain, reach });
  return { model, lines, lowered, outline, headers, tree, sizes, lasting, ownTypes, plain };
}

/** What the text itself says, whatever its headers make of it. */
interface Plain {
  readonly functions: readonly BpfFunction[];
  readonly code: () => CodeView;
  readonly globals: () => readonly Global[];
  readonly kfuncs: () => readonly Kfunc[];
  readonly includes: () => readonly Inclusion[];
  readonly suppressions: () => readonly Suppression[];
}

function plainOf({ lowered, outline, lines }: Pick<ModelParts, "lowered" | "outline" | "lines">): Plain {
  const functions = outline.functions.map((fn): BpfFunction => new FunctionView(fn, lowered.source, lines));
  return {
    functions,
    code: once(() => new CodeView({ lowered, outline, functions, lines })),
    globals: once(() => outline.variables.flatMap((variable) => globalOf(variable, lines))),
    kfuncs: once(() => outline.prototypes.flatMap((prototype) => kfuncOf(prototype, lines))),
    includes: once(() => includesOf(lowered).map((include) => inclusionOf(include, lines))),
    suppressions: once(() => suppressionsOf(lowered, lines)),
  };
}

/** What has no positions, and hangs on nothing within functions. */
interface Lasting {
  readonly outside: () => Outside;
  readonly included: () => readonly string[];
  readonly includesOnly: (known: RegExp) => boolean;
  readonly unread: () => readonly string[];
}

function lastingOf(lowered: Lowered, headers: Headers, meanings: Meanings): Lasting {
  const texts = once(() => [lowered, ...headers.list.map((header) => header.lowered)]);
  const notFollowed = once(() => unfollowed(texts(), headers));
  const hasNameless = once(() => texts().some(hasUnnamed));
  const pathsOf = (includes: readonly Include[]): string[] => includes.map(({ path }) => path);
  return {
    outside: once(() => outsideOf(headers, meanings)),
    included: once(() => pathsOf(texts().flatMap(includesOf))),
    includesOnly: (known) => !hasNameless() && notFollowed().every(({ path }) => known.test(path)),
    unread: once(() => [...new Set(pathsOf(notFollowed().filter(mayBringAnything)))]),
  };
}

interface ModelParts extends SizeParts {
  readonly tree: LazyTree;
  readonly lines: Lines;
  readonly sizes: Sizes;
  readonly marks: Marks;
  readonly lasting: Lasting;
  readonly plain: Plain;
  /** Names alone are in it. */
  readonly reach: Reach | undefined;
}

function marksOf({ sameCalls }: Again | Around, previous: BuildOptions["previous"], sizes: Sizes): Marks {
  // A type may be defined in a function as well.
  if (sameCalls === undefined || previous === undefined || previous.sizes !== sizes) return { outside: {}, calls: {} };
  const { marks } = previous.model;
  return sameCalls ? marks : { outside: marks.outside, calls: {} };
}

/** What nobody asks for is not made: a key must not cost what only a hover needs. */
function modelOf({
  lowered,
  outline,
  tree,
  lines,
  headers,
  types,
  sizes,
  marks,
  lasting,
  plain,
  reach,
}: ModelParts): BpfModel {
  const { functions, code, globals, kfuncs, includes, suppressions } = plain;
  const meanings: Meanings = { sizes, types };
  const maps = once(() => [
    ...outline.variables.filter(isMap).map((variable) => mapOf(variable, meanings, lines)),
    ...bccMaps(lowered, sizes, lines),
  ]);
  const guards = once(() => guardsOf(lowered, tree, lines));
  // Most words stand in none: to search their texts costs less than to look at all of their words.
  const isInHeaders: BpfModel["isInHeaders"] = (word) =>
    headers.list.some(({ lowered: header }) => {
      const { source: text } = header;
      return text.includes("##") || (text.includes(word) && wordsOf(header).words.has(word));
    });
  const mapNamed = mapFinder(maps, lasting.outside, isInHeaders);
  const calls = once(() => callsOf({ lowered, lines, outline, functions, guards, mapNamed }));
  const { reaches, runs } = reach ?? reachOf(calls, functions, headers.list);
  const ownFunctions = once(() => new Set(functions.map(({ name }) => name)));
  const sites = once(() => sitesIn(calls(), outline, code()));
  const names = namesOf({ lowered, outline, lines, headers: headers.list });
  const definitions = once(() =>
    definitionsOf({
      lowered,
      variables: outline.variables,
      lines,
      factsOf: (name, members) => mapFacts(name, "btf", members, sizes),
    }),
  );
  return {
    functions,
    mapNamed,
    programs: functions.filter((fn): fn is Program => fn.section !== undefined),
    get maps() {
      return maps();
    },
    get calls() {
      sight().calls = true;
      return calls();
    },
    get globals() {
      return globals();
    },
    get kfuncs() {
      return kfuncs();
    },
    get guards() {
      sight().bodies = true;
      return guards().map(({ guard }) => guard);
    },
    licence: licenceOf(outline, lines),
    get includes() {
      return includes();
    },
    get suppressions() {
      sight().bodies = true;
      return suppressions();
    },
    get outside() {
      return lasting.outside();
    },
    get code() {
      return code();
    },
    get definitions() {
      return definitions();
    },
    routine: routineFinder({ lowered, outline, functions, headers, sizes }),
    recordOf: sizes.recordOf,
    shapeOf: sizes.shapeOf,
    headers: headers.list,
    included: lasting.included,
    includesOnly: lasting.includesOnly,
    isInHeaders,
    isMacroOfHeaders: (name) => headers.list.some((header) => wordsOf(header.lowered).macros.has(name)),
    errors: () => {
      sight().bodies = true;
      return tree
        .get()
        .errors()
        .map((span) => lines.rangeOf(span));
    },
    valueOf: sizes.valueOf,
    layoutOf: sizes.layoutOf,
    types: sizes.types,
    reaches,
    runs,
    sitesOf: (name) => {
      sight().calls = true;
      sight().name(name);
      return sites().get(name) ?? [];
    },
    redefines: (name) =>
      lowered.macros.defines.get(name) !== undefined ||
      ownFunctions().has(name) ||
      (isInHeaders(name) && headers.list.some((header) => functionNames(header).has(name))),
    declared: (name) => {
      const own = declarationIn(outline, lowered, name, lines);
      if (own !== undefined) return own;
      for (const header of headers.list) {
        const found = declarationIn(header.outline, header.lowered, name);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    unread: lasting.unread,
    wordAt: (position) => {
      sight().bodies = true;
      return wordAt(lowered, lines, position);
    },
    get names() {
      sight().bodies = true;
      return names;
    },
    marks,
  };
}

/** Headers stay while the file that includes them changes. */
const wordsOf = rememberedOf(({ source }: Lowered) => ({
  words: new Set(withoutComments(source).match(/[\w$\u0080-\uffff]+/g)),
  macros: new Set([...source.matchAll(/#\s*define\s+(\w+)/g)].map(([, name = ""]) => name)),
}));

const functionNames = rememberedOf(({ outline }: Header) => new Set(outline.functions.map(({ name }) => name)));

interface RoutineParts {
  readonly lowered: Lowered;
  readonly outline: Outline;
  readonly functions: readonly BpfFunction[];
  readonly headers: Headers;
  readonly sizes: Sizes;
}

/** Bodies are read when somebody asks for one of them. */
function routineFinder({ lowered, outline, functions, headers, sizes }: RoutineParts): BpfModel["routine"] {
  const known = new Map<string, Routine | undefined>();
  const own = once(() => placesByName(outline));
  return (name) => {
    sight().bodies = true;
    if (known.has(name)) return known.get(name);
    const places = own().get(name) ?? [];
    const [place] = places;
    let found: Routine | undefined;
    if (place !== undefined) {
      const fn = outline.functions[place];
      if (places.length === 1 && fn !== undefined) found = routineOf(lowered, fn, functions[place], sizes);
    } else {
      const there = headers.list.flatMap((header) =>
        header.outline.functions.flatMap((fn) => (fn.name === name ? [{ header, fn }] : [])),
      );
      const [only] = there;
      if (only !== undefined && there.length === 1) found = routineOf(only.header.lowered, only.fn, undefined, sizes);
    }
    known.set(name, found);
    return found;
  };
}

function placesByName({ functions }: Outline): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  functions.forEach(({ name }, i) => {
    const list = places.get(name);
    if (list === undefined) places.set(name, [i]);
    else list.push(i);
  });
  return places;
}

/** Macros that hand the context to the body beside its own parameters, by the name `ctx`. */
const WITH_CONTEXT = /^BPF_(?:PROG2?|KPROBE|KRETPROBE|UPROBE|URETPROBE|KSYSCALL|KPROBE_SYSCALL|USDT)$/;

function routineOf(lowered: Lowered, outline: FunctionOutline, fn: BpfFunction | undefined, sizes: Sizes): Routine {
  const own = fn?.params ?? paramsOf(outline.params);
  const isMade = outline.macro !== undefined && WITH_CONTEXT.test(outline.macro);
  const params = isMade ? [...own, { type: "unsigned long long *", name: "ctx" }] : own;
  const head = lowered.source.slice(outline.start, Math.max(outline.start, outline.nameSpan.start));
  return new LazyRoutine({ lowered, outline, fn, params, head }, sizes);
}

function declarationIn(
  { prototypes }: Outline,
  { source }: Lowered,
  name: string,
  lines?: Lines,
): Declaration | undefined {
  const found =
    prototypes.find((prototype) => prototype.name === name) ??
    // `extern int f(void) __ksym, g(void) __ksym;` goes by its first name.
    prototypes.find(({ start, end }) => isDeclaredIn(source.slice(start, end), name));
  if (found === undefined) return undefined;
  const { start, end, isKsym } = found;
  return { text: source.slice(start, end), isKsym, range: lines?.rangeOf({ start, end }) };
}

function isDeclaredIn(prototype: string, name: string): boolean {
  return prototype.includes(name) && new RegExp(`[\\s*]${name}\\s*\\(`).test(prototype);
}

function kfuncOf({ isKsym, name, nameSpan, isWeak }: PrototypeOutline, lines: Lines): readonly Kfunc[] {
  return isKsym ? [{ name, nameRange: lines.rangeOf(nameSpan), isWeak }] : [];
}

function inclusionOf({ path, quoted, span }: Include, lines: Lines): Inclusion {
  return { path, quoted, range: lines.rangeOf(span) };
}

/** A macro may say what is included. */
function hasUnnamed(lowered: Lowered): boolean {
  return unnamedIn(lowered).some;
}

const unnamedIn = rememberedOf((lowered: Lowered) => {
  let count = 0;
  for (const { name } of lowered.tokens.directives) if (name.startsWith("include")) count++;
  return { some: includesOf(lowered).length < count };
});

/** Classes rather than objects with getters of their own: there are hundreds of them on every key. */
class FunctionView implements BpfFunction {
  readonly name: string;
  readonly section: Section | undefined;
  readonly macro: string | undefined;
  readonly isStatic: boolean;
  private readonly outline: FunctionOutline;
  private readonly source: string;
  private readonly lines: Lines;
  private foundText: string | undefined;
  private foundParams: readonly Param[] | undefined;
  private foundRange: Range | undefined;

  constructor(outline: FunctionOutline, source: string, lines: Lines) {
    this.name = outline.name;
    this.section = outline.section && sectionOf(outline.section, lines);
    this.macro = outline.macro;
    this.isStatic = outline.isStatic;
    this.outline = outline;
    this.source = source;
    this.lines = lines;
  }

  get text(): string {
    sight().bodies = true;
    this.foundText ??= this.source.slice(this.outline.start, this.outline.end);
    return this.foundText;
  }

  get head(): string {
    return this.source.slice(this.outline.start, Math.max(this.outline.start, this.outline.nameSpan.start));
  }

  get nameRange(): Range {
    return this.lines.rangeOf(this.outline.nameSpan);
  }

  get range(): Range {
    this.foundRange ??= this.lines.rangeOf(this.outline);
    return this.foundRange;
  }

  get params(): readonly Param[] {
    this.foundParams ??= paramsOf(this.outline.params);
    return this.foundParams;
  }

  /** As JSON a view is what it shows, not what it is made of. */
  toJSON(): Omit<BpfFunction, "text" | "head"> {
    const { name, nameRange, range, section, params, macro, isStatic } = this;
    return { name, nameRange, range, section, params, macro, isStatic };
  }
}

function sectionOf(mark: SectionMark, lines: Lines): Section {
  return new SectionView(mark, lines);
}

class SectionView implements Section {
  readonly name: string | undefined;
  private readonly mark: SectionMark;
  private readonly lines: Lines;

  constructor(mark: SectionMark, lines: Lines) {
    this.name = mark.name;
    this.mark = mark;
    this.lines = lines;
  }

  get nameRange(): Range {
    return this.lines.rangeOf(this.mark.nameSpan);
  }

  get range(): Range {
    return this.lines.rangeOf(this.mark);
  }

  toJSON(): Section {
    const { name, nameRange, range } = this;
    return { name, nameRange, range };
  }
}

/** `struct xdp_md *ctx, int n` as types and names. */
const paramsOf = remembered((text: string): readonly Param[] => {
  if (text === "" || text === "void") return [];
  const whole = `(${text})`;
  const cursor = new Cursor(whole, tokenize(whole));
  const close = cursor.closing(0);
  const bounds = [0, ...cursor.commas(0, close), close];
  return bounds.slice(1).flatMap((end, n) => {
    const first = (bounds[n] ?? 0) + 1;
    if (first >= end) return [];
    const name = nameAt(cursor, first, end);
    if (name === undefined) return [{ type: whole.slice(cursor.start(first), cursor.end(end - 1)), name: "" }];
    const type = whole.slice(cursor.start(first), cursor.start(name)).trim();
    // An array is handed over as a pointer to its first element.
    return [{ type: cursor.is(name + 1, "[") ? `${type} *` : type, name: cursor.text(name) }];
  });
});

/** The parameter's name: the last word, before array bounds and attributes, or the one in `(*name)(…)`, `(name)(…)`. */
function nameAt(cursor: Cursor, first: number, end: number): number | undefined {
  for (let i = first; i + 2 < end; i++) {
    if (!cursor.is(i, "(")) continue;
    if (cursor.is(i + 1, "*")) return i + 2;
    if (i > first && cursor.kind(i + 1) === IDENTIFIER && cursor.is(i + 2, ")") && cursor.is(i + 3, "(")) return i + 1;
  }
  let i = end - 1;
  for (;;) {
    if (ATTRIBUTE_WORDS.has(cursor.text(i))) {
      i--;
    } else if (cursor.is(i, "]")) {
      while (i > first && !cursor.is(i, "[")) i--;
      i--;
    } else {
      break;
    }
  }
  return i > first && cursor.kind(i) === IDENTIFIER ? i : undefined;
}

function isMap({ section }: VariableOutline): boolean {
  const name = section?.name;
  return name === ".maps" || name === "maps" || name?.startsWith("maps/") === true;
}

interface Meanings {
  readonly sizes: Sizes;
  readonly types: FileTypes;
}

function mapOf(variable: VariableOutline, { sizes, types }: Meanings, lines: Lines): BpfMap {
  const isLegacy = variable.section?.name !== ".maps";
  const members = variable.members.length > 0 || isLegacy ? variable.members : namedMembers(variable.type, types);
  const inFile = variable.members.length > 0;
  const attributes = isLegacy
    ? legacyAttributes(variable, lines)
    : members.map((m) => new AttributeView(m, lines, inFile ? m : variable));
  return Object.assign(mapFacts(variable.name, isLegacy ? "legacy" : "btf", attributes, sizes), {
    nameRange: lines.rangeOf(variable.nameSpan),
    range: lines.rangeOf(variable),
    section: variable.section && sectionOf(variable.section, lines),
    attributes,
    values: namesIn(variable.initialiser),
  });
}

/** A type that is defined elsewhere in the file or in a header: `struct events_map events SEC(".maps")`. */
function namedMembers(type: string, types: FileTypes): readonly MapMember[] {
  return types.members.get(type.replace(/\b(?:static|const|volatile|extern)\b\s*/g, "").trim()) ?? [];
}

/** Most are asked for their value alone. One of a type that stands elsewhere is shown where the map is. */
class AttributeView implements MapAttribute {
  readonly name: string;
  readonly value: string;
  private readonly lines: Lines;
  private readonly nameSpan: Span;
  private readonly valueSpan: Span;
  private readonly span: Span;

  constructor(
    { name, value }: MapMember,
    lines: Lines,
    place: Span & { readonly nameSpan: Span; readonly valueSpan?: Span },
  ) {
    this.name = name;
    this.value = value;
    this.lines = lines;
    this.nameSpan = place.nameSpan;
    this.valueSpan = place.valueSpan ?? place.nameSpan;
    this.span = place.valueSpan === undefined ? place.nameSpan : place;
  }

  get nameRange(): Range {
    return this.lines.rangeOf(this.nameSpan);
  }

  get valueRange(): Range {
    return this.lines.rangeOf(this.valueSpan);
  }

  get range(): Range {
    return this.lines.rangeOf(this.span);
  }

  toJSON(): MapAttribute {
    const { name, nameRange, value, valueRange, range } = this;
    return { name, nameRange, value, valueRange, range };
  }
}

/** iproute2's loader has names of its own for the same fields. */
const IPROUTE2_NAMES: ReadonlyMap<string, string> = new Map([
  ["size_key", "key_size"],
  ["size_value", "value_size"],
  ["max_elem", "max_entries"],
  ["flags", "map_flags"],
]);

/** `{ .type = X, .key_size = sizeof(u32) }`. */
function legacyAttributes({ initialiser, nameSpan }: VariableOutline, lines: Lines): readonly MapAttribute[] {
  const range = lines.rangeOf(nameSpan);
  const text = initialiser ?? "";
  const cursor = new Cursor(text, tokenize(text));
  if (!cursor.is(0, "{")) return [];
  const bounds = [0, ...cursor.commas(0, cursor.closing(0)), cursor.closing(0)];
  return bounds.slice(1).flatMap((end, n) => {
    const first = (bounds[n] ?? 0) + 1;
    if (!cursor.is(first, ".") || !cursor.is(first + 2, "=") || end <= first + 3) return [];
    const value = text.slice(cursor.start(first + 3), cursor.end(end - 1));
    const name = cursor.text(first + 1);
    return [{ name: IPROUTE2_NAMES.get(name) ?? name, nameRange: range, value, valueRange: range, range }];
  });
}

function mapFacts(
  name: string,
  dialect: MapDialect,
  attributes: readonly Pick<MapAttribute, "name" | "value">[],
  sizes: Sizes,
): MapFacts {
  const value = (attribute: string): string | undefined => attributes.find((a) => a.name === attribute)?.value;
  const number = (attribute: string): number | undefined => {
    const text = value(attribute);
    // What is not said is none: a ring buffer has neither key nor value.
    return text === undefined ? 0 : toNumber(sizes.valueOf(text));
  };
  const size = (type: string, explicit: string): number | undefined => {
    const text = value(type);
    if (text === undefined) return number(explicit);
    // `__type(value, sizeof(x))` is taken as it stands: what `sizeof` gives is a number of 8 bytes.
    return /^sizeof\b/.test(text) ? 8 : sizes.layoutOf(text)?.size;
  };
  const keySize = once(() => size("key", "key_size"));
  // Inner maps and programs are held by a number, whatever they are.
  const valueSize = once(() => (value("values") === undefined ? size("value", "value_size") : 4));
  const maxEntries = once(() => number("max_entries"));
  const flags = once(() => number("map_flags"));
  return {
    name,
    dialect,
    type: value("type"),
    keyType: value("key"),
    valueType: value("value"),
    get keySize() {
      return keySize();
    },
    get valueSize() {
      return valueSize();
    },
    get maxEntries() {
      return maxEntries();
    },
    get flags() {
      return flags();
    },
    pinning: value("pinning"),
  };
}

function toNumber(value: bigint | undefined): number | undefined {
  // The compiler keeps 32 bits of what a map attribute comes to.
  return value === undefined ? undefined : Number(BigInt.asUintN(32, value));
}

function namesIn(initialiser: string | undefined): readonly string[] {
  if (initialiser === undefined) return [];
  return [...initialiser.matchAll(/&\s*([A-Za-z_]\w*)|=\s*(?:\([^()]*\)\s*)?([A-Za-z_]\w*)\s*[,}]/g)].map(
    ([, address, plain]) => address ?? plain ?? "",
  );
}

function bccMaps({ islands }: Lowered, sizes: Sizes, lines: Lines): readonly BpfMap[] {
  return islands.expansions.flatMap((call) => {
    const map = call.text === undefined ? bccMap(call.macro, call.args) : undefined;
    if (map === undefined) return [];
    const range = lines.rangeOf(call);
    const nameRange = lines.rangeOf(call.argSpans[map.nameAt] ?? call);
    const attributes = map.attributes.map(({ name, value }) => ({
      name,
      value,
      nameRange: range,
      valueRange: range,
      range,
    }));
    const facts = mapFacts(map.name, "bcc", attributes, sizes);
    return [Object.assign(facts, { nameRange, range, section: undefined, attributes, values: [] })];
  });
}

function outsideOf({ list, isPart }: Headers, meanings: Meanings): Outside {
  const maps = list.flatMap(({ uri, outline }) =>
    outline.variables
      .filter(isMap)
      .map((variable) => Object.assign(mapOf(variable, meanings, nowhere), { header: uri })),
  );
  const programs = list.flatMap(({ uri, outline }) =>
    outline.functions.flatMap(({ name, section }) =>
      section === undefined ? [] : [{ name, section: section.name, header: uri }],
    ),
  );
  return { maps, programs, licence: licenceIn(list) ?? (isPart ? "" : undefined) };
}

/** A macro that is made to give one names the section. */
function licenceIn(list: readonly Header[]): string | undefined {
  const given = list.flatMap(({ outline, lowered: { source } }) => {
    const variable = outline.variables.find(({ section }) => section?.name === "license");
    if (variable !== undefined) return [variable.string?.text ?? ""];
    return source.includes('"license"') ? [""] : [];
  });
  return given.find((text) => text !== "") ?? given[0];
}

/** For what stands in another file: its positions mean nothing here. */
const nowhere: Lines = linesOf("");

function mapFinder(
  maps: () => readonly BpfMap[],
  outside: () => Outside,
  isInHeaders: BpfModel["isInHeaders"],
): (name: string) => MapFacts | undefined {
  const byName = once(() => new Map<string, MapFacts>(maps().map((map) => [map.name, map])));
  // Of several by one name the first counts.
  const elsewhere = once(() => new Map<string, MapFacts>([...outside().maps].reverse().map((map) => [map.name, map])));
  return (name) => byName().get(name) ?? (isInHeaders(name) ? elsewhere().get(name) : undefined);
}

interface CallContext {
  readonly lowered: Lowered;
  readonly lines: Lines;
  readonly outline: Outline;
  readonly functions: readonly BpfFunction[];
  readonly guards: () => readonly PlacedGuard[];
  readonly mapNamed: (name: string) => MapFacts | undefined;
}

function callsOf({ outline, functions, ...context }: CallContext): readonly Call[] {
  let at = 0;
  // Calls and functions both come in the order of the text, so one pass finds each call's function.
  const enclosing = (offset: number): BpfFunction | undefined => {
    while (at < outline.functions.length && (outline.functions[at]?.end ?? 0) <= offset) at++;
    const fn = outline.functions[at];
    return fn !== undefined && fn.start <= offset ? functions[at] : undefined;
  };
  return context.lowered.islands.calls.map((mark) => new CallView(mark, enclosing(mark.start), context));
}

class CallView implements Call {
  readonly name: string;
  readonly closed: boolean;
  readonly in: BpfFunction | undefined;
  private readonly mark: CallMark;
  private readonly context: Omit<CallContext, "outline" | "functions">;
  private foundArgs: readonly Argument[] | undefined;
  private foundRange: Range | undefined;

  constructor(mark: CallMark, fn: BpfFunction | undefined, context: Omit<CallContext, "outline" | "functions">) {
    this.name = mark.name;
    this.closed = mark.closed;
    this.in = fn;
    this.mark = mark;
    this.context = context;
  }

  get nameRange(): Range {
    const { lines, lowered } = this.context;
    return lines.rangeOf(lowered.cursor.span(this.mark.token));
  }

  get range(): Range {
    this.foundRange ??= this.context.lines.rangeOf(this.mark);
    return this.foundRange;
  }

  get args(): readonly Argument[] {
    this.foundArgs ??= this.readArgs();
    return this.foundArgs;
  }

  private readArgs(): readonly Argument[] {
    const { cursor } = this.context.lowered;
    const { token, lastToken, closed } = this.mark;
    const found: Argument[] = [];
    let first = token + 2;
    const upTo = (end: number): void => {
      if (end > first) found.push(new ArgumentView(cursor.start(first), cursor.end(end - 1), this.context));
      first = end + 1;
    };
    for (const comma of cursor.commas(token + 1, lastToken)) upTo(comma);
    upTo(closed ? lastToken : lastToken + 1);
    return found;
  }

  get guards(): readonly Guard[] {
    sight().bodies = true;
    const { start, end } = this.mark;
    const around = this.context.guards().filter(({ region }) => region.start <= start && end <= region.end);
    return around.map(({ guard }) => guard);
  }

  toJSON(): Call {
    const { name, nameRange, range, args, closed, in: within, guards } = this;
    return { name, nameRange, range, args, closed, in: within, guards };
  }
}

/** Most are asked for their text alone. */
class ArgumentView implements Argument {
  readonly text: string;
  private readonly start: number;
  private readonly end: number;
  private readonly context: Pick<CallContext, "lines" | "mapNamed">;

  constructor(start: number, end: number, context: Pick<CallContext, "lines" | "mapNamed" | "lowered">) {
    this.text = context.lowered.source.slice(start, end);
    this.start = start;
    this.end = end;
    this.context = context;
  }

  get range(): Range {
    const { start, end } = this;
    return this.context.lines.rangeOf({ start, end });
  }

  get map(): MapFacts | undefined {
    const name = this.text.startsWith("&") ? addressed(this.text) : undefined;
    return name === undefined ? undefined : this.context.mapNamed(name);
  }

  toJSON(): Argument {
    const { text, range, map } = this;
    return { text, range, map };
  }
}

/** `f` of `&f`. */
const addressed = remembered((text) => /^&\s*(\w+)$/.exec(text)?.[1]);

interface PlacedGuard {
  readonly guard: Guard;
  readonly region: Span;
}

function guardsOf({ source }: Lowered, tree: LazyTree, lines: Lines): readonly PlacedGuard[] {
  if (!asksTheKernel(source)) return [];
  return tree.get().guards.map(({ condition, holds, region }: GuardNode) => ({
    guard: { condition: source.slice(condition.start, condition.end), holds, range: lines.rangeOf(region) },
    region,
  }));
}

function globalOf(variable: VariableOutline, lines: Lines): readonly Global[] {
  const { type, section, attributes, initialiser } = variable;
  if (isMap(variable) || section?.name === "license") return [];
  return [new GlobalView(variable, globalKind(type, section, attributes, initialiser), lines)];
}

/** Most are asked for name and kind alone. */
class GlobalView implements Global {
  readonly name: string;
  readonly type: string;
  readonly bounds: string;
  readonly kind: Global["kind"];
  private readonly variable: VariableOutline;
  private readonly lines: Lines;

  constructor(variable: VariableOutline, kind: Global["kind"], lines: Lines) {
    this.name = variable.name;
    this.type = variable.type;
    this.bounds = variable.bounds;
    this.kind = kind;
    this.variable = variable;
    this.lines = lines;
  }

  get nameRange(): Range {
    return this.lines.rangeOf(this.variable.nameSpan);
  }

  get range(): Range {
    return this.lines.rangeOf(this.variable);
  }

  get section(): Section | undefined {
    const { section } = this.variable;
    return section && sectionOf(section, this.lines);
  }

  toJSON(): Global {
    const { name, nameRange, range, type, bounds, section, kind } = this;
    return { name, nameRange, range, type, bounds, section, kind };
  }
}

function globalKind(
  type: string,
  section: SectionMark | undefined,
  attributes: readonly string[],
  initialiser: string | undefined,
): Global["kind"] {
  if (attributes.includes("__kconfig")) return "kconfig";
  if (attributes.includes("__ksym")) return "ksym";
  if (section !== undefined) return "section";
  if (/\bextern\b/.test(type)) return "extern";
  // `const` behind the last star makes the variable itself constant; one before it, what it points to.
  if (/\bconst\b[^*]*$/.test(type)) return "rodata";
  return initialiser === undefined || /^(?:0|NULL|false|\{\s*(?:0\s*)?\})$/.test(initialiser) ? "bss" : "data";
}

function licenceOf(outline: Outline, lines: Lines): Licence | undefined {
  const variable = outline.variables.find(({ section }) => section?.name === "license");
  const string = variable?.string;
  return string && { text: string.text, range: lines.rangeOf(string.span) };
}

function sitesIn(calls: readonly Call[], { functions }: Outline, code: CodeView): Lookup<readonly Call[]> {
  const found = new Map<string, Call[]>(functions.map(({ name }) => [name, []]));
  // Few functions are ever handed over.
  const handed = new Set<string>();
  for (const { name, nameSpan } of functions) if (code.isNamedAlone(name, nameSpan)) handed.add(name);
  for (const call of calls) {
    found.get(call.name)?.push(call);
    if (handed.size === 0) continue;
    for (const { text } of call.args) {
      const name = nameIn(text);
      if (handed.has(name)) found.get(name)?.push(call);
    }
  }
  return found;
}
