/** What walking through the programs of a file finds. Rules ask for what is theirs by its kind. */

import { perModel } from "../for-rules/per-model.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { type ProgramMeaning, programMeaning } from "../knowledge/loaders.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import { Sight, sight, watched } from "../sight.ts";
import type { Span } from "../text.ts";
import { isVerifiedAlone, resultType } from "./calls.ts";
import { type CType, nameOf, readType, type TypedNames, UNKNOWN } from "./ctypes.ts";
import { unknownFrom } from "./evaluate.ts";
import { handledBy } from "./handlers.ts";
import { isPlain } from "./loads.ts";
import { writtenIn, writtenParams } from "./params.ts";
import type { Path } from "./path.ts";
import type { Routine } from "./routine.ts";
import type { Source, ThingKind, Value } from "./values.ts";
import { type Found, Walker, type World } from "./walk.ts";
import type { Root } from "./watch.ts";
import { watches } from "./watches/index.ts";

type Asked = Pick<RuleContext, "model" | "kb" | "loader">;

export interface Flow {
  of(kind: string): readonly Found[];
  /** Programs of which some ways were not walked. */
  readonly unfinished: readonly string[];
}

/** Going through the programs of one model, one after the other, for as long as somebody wants. */
class Walk implements Flow {
  readonly unfinished: string[] = [];
  private readonly byKind = new Map<string, Found[]>();
  private readonly places = new Set<string>();
  private readonly sight = new Sight();
  private readonly world: World;
  private readonly clean: Map<string, boolean>;
  private readonly starts: Iterator<Start>;
  private readonly asked: Asked;

  constructor(asked: Asked) {
    const { model, kb } = asked;
    this.asked = asked;
    this.world = worldOf(model, kb);
    this.clean = cleanBefore(model, kb);
    this.starts = rootsOf(model).values();
  }

  of(kind: string): readonly Found[] {
    return this.byKind.get(kind) ?? [];
  }

  /** Goes through the next program; false when there is none. */
  step(): boolean {
    const next = this.starts.next();
    if (next.done) return false;
    this.sight.add(watched(() => this.walk(next.value)).seen);
    return true;
  }

  whole(): Flow {
    while (this.step());
    sight().add(this.sight);
    return this;
  }

  private walk({ routine, fn, site }: Start): void {
    const { model, kb, loader } = this.asked;
    const name = fn?.section?.name;
    const meaning = name === undefined ? undefined : programMeaning(name, kb, loader);
    const isFunction = fn?.section === undefined;
    const context = isFunction ? callersContext(routine, this.asked) : contextOf(meaning, kb);
    const root: Root = { routine, meaning, context, isFunction };
    const text = textOf(root, name ?? "", loader, model);
    const before = this.clean.get(text);
    if (before === false) this.unfinished.push(routine.name);
    if (before !== undefined || !routine.body.isWhole) return;
    const walker = new Walker(this.world, root, watches);
    walker.run((path) => argumentsOf(root, path, walker), site);
    if (!walker.isComplete) this.unfinished.push(routine.name);
    if (walker.found.size === 0) this.clean.set(text, walker.isComplete);
    for (const found of walker.found.values()) this.keep(found);
  }

  /** A function that several programs call may be wrong in the same way in each. */
  private keep(found: Found): void {
    const place = `${found.kind} ${found.span.start} ${found.apart ?? ""}`;
    if (this.places.has(place)) return;
    this.places.add(place);
    const list = this.byKind.get(found.kind);
    if (list === undefined) this.byKind.set(found.kind, [found]);
    else list.push(found);
  }
}

const walkOf = perModel(["kb", "loader"], (asked) => new Walk(asked));

export function flowOf(asked: Asked): Flow {
  return walkOf(asked).whole();
}

/** The same, with a turn for each program: who asks may do something else in between, or leave it at that. */
export function* walkInTurns(asked: Asked): Generator<void, void> {
  const walk = walkOf(asked);
  while (walk.step()) yield;
}

/**
 * Texts of programs, with all that they call, in which nothing was found, and whether all ways were walked. While somebody types, all but one stay as they
 * are. What stands outside of functions is the same as long as the types are.
 */
const known = new WeakMap<BpfModel["types"], { readonly kb: KnowledgeBase; readonly texts: Map<string, boolean> }>();

function cleanBefore({ types }: BpfModel, kb: KnowledgeBase): Map<string, boolean> {
  let before = known.get(types);
  if (before?.kb !== kb) {
    before = { kb, texts: new Map() };
    known.set(types, before);
  }
  // Rarely reached, so what is worth keeping need not be told apart.
  if (before.texts.size > 500) before.texts.clear();
  return before.texts;
}

/** All that decides about what is found in a program. What it is called, and what it is attached to, does not. */
function textOf(
  { routine, meaning, context, isFunction }: Root,
  section: string,
  loader: string,
  model: BpfModel,
): string {
  const { name, head, text } = routine;
  const kind =
    meaning === undefined
      ? `${section} ${isFunction ? `${context} ${handledBy(name, model).map((one) => one.section.name)}` : ""}`
      : `${meaning.kind.progType} ${meaning.kind.attachType} ${meaning.kind.structOps} ${meaning.word} ${meaning.sleepable}`;
  let all = `${loader} ${kind} ${head.replace(/\bSEC\s*\([^)]*\)/, "")} ${text.slice(head.length + name.length)}`;
  // Those of headers stay as long as the types do.
  for (const other of model.reaches(name)) {
    const called = other === name ? undefined : model.routine(other);
    if (called?.fn !== undefined) all += `\n${called.text}`;
  }
  return all;
}

/** The name of the structure that such a program is given. */
function contextOf(meaning: ProgramMeaning | undefined, kb: KnowledgeBase): string | undefined {
  return meaning && kb.programType(meaning.kind.progType)?.context;
}

/** That of all programs that call a function, where it is one and the same. */
function callersContext({ name }: Routine, { model, kb, loader }: Asked): string | undefined {
  const contexts = new Set<string | undefined>();
  for (const program of model.programs)
    if (model.runs(program.name, name)) {
      const section = program.section.name;
      contexts.add(section === undefined ? undefined : contextOf(programMeaning(section, kb, loader), kb));
    }
  return contexts.size === 1 ? [...contexts][0] : undefined;
}

interface Start {
  readonly routine: Routine;
  /** Undefined in a header. */
  readonly fn: BpfFunction | undefined;
  /** Of a function in a header, where the file calls it: what is wrong there is shown here. */
  readonly site: Span | undefined;
}

function rootsOf(model: BpfModel): readonly Start[] {
  return [...ownRoots(model), ...rootsInHeaders(model)];
}

function ownRoots(model: BpfModel): readonly Start[] {
  return model.functions.flatMap((fn) => {
    const routine = model.routine(fn.name);
    if (routine === undefined || routine.fn !== fn) return [];
    return fn.section !== undefined ||
      (isVerifiedAlone(routine) && mayBeCalled(fn.name, model)) ||
      isHandedOver(fn.name, model)
      ? [{ routine, fn, site: undefined }]
      : [];
  });
}

/** Functions that a header defines, and the verifier looks at by themselves because the file calls them. */
function rootsInHeaders(model: BpfModel): readonly Start[] {
  const found = new Map<string, Start>();
  for (const { name, in: caller, range } of model.calls) {
    if (caller === undefined || found.has(name)) continue;
    const routine = model.routine(name);
    if (routine === undefined || routine.fn !== undefined || !isVerifiedAlone(routine)) continue;
    const { lines } = model.code;
    const site = { start: lines.offsetAt(range.start), end: lines.offsetAt(range.end) };
    found.set(name, { routine, fn: undefined, site });
  }
  return [...found.values()];
}

/** A loader takes only what its programs call; a file without any is linked with others. */
function mayBeCalled(name: string, model: BpfModel): boolean {
  return model.programs.length === 0 || model.sitesOf(name).length > 0 || handledBy(name, model).length > 0;
}

/** Somebody else calls it later: a timer, a work queue. */
function isHandedOver(name: string, model: BpfModel): boolean {
  return model.sitesOf(name).some((call) => /^bpf_(?:timer|wq)_set_callback/.test(call.name));
}

function worldOf(model: BpfModel, kb: KnowledgeBase): World {
  const names = new Map<Routine, TypedNames>();
  const globals = new Map<string, CType | undefined>();
  const globalType = (name: string): CType | undefined => {
    if (!globals.has(name)) globals.set(name, typeOfGlobal(name, model));
    return globals.get(name);
  };
  const resultTypeOf = (name: string): string | undefined => {
    const routine = model.routine(name);
    if (routine !== undefined) return resultType(routine);
    const declared = model.declared(name)?.text;
    return kb.helper(name)?.returns ?? kb.kfunc(name)?.returns ?? declared?.slice(0, declared.indexOf(name));
  };
  return {
    model,
    kb,
    routines: (name) => model.routine(name),
    reckoned: new Set(),
    forking: new Map(),
    wholes: new Map(),
    namesOf: (routine) => {
      let known = names.get(routine);
      if (known === undefined) {
        const { types } = model;
        known = { types, graph: routine.graph, known: new Map(), globalType, resultType: resultTypeOf };
        names.set(routine, known);
      }
      return known;
    },
  };
}

function typeOfGlobal(name: string, model: BpfModel): CType | undefined {
  const global = model.globals.find((one) => one.name === name);
  if (global === undefined) return undefined;
  let type = readType(global.type, model.types);
  const counts = [...global.bounds.matchAll(/\[([^\]]*)\]/g)].map(([, count = ""]) => count);
  if (counts[0] === "") counts[0] = countIn(model.code.textOf(global.range));
  for (const count of counts.reverse()) type = { kind: "array", of: type, count };
  return type;
}

/** How many elements an initialiser has, `= { 1, 2, 3 }`; empty where it does not just list them. */
function countIn(declaration: string): string {
  const list = /=\s*\{([^{}"'[\]#]*)\}\s*;?$/.exec(declaration)?.[1]?.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  return list === undefined || /\(/.test(list) ? "" : `${list.split(",").filter((item) => item.trim() !== "").length}`;
}

/** Macros that hand the program its arguments by their types. */
const TYPED = /^BPF_(?:PROG2?|STRUCT_OPS(?:_SLEEPABLE)?)$/;
/** Macros that hand it what stood in registers: numbers to the verifier, whatever C calls them. */
const REGISTERS = /^BPF_(?:KPROBE|KRETPROBE|UPROBE|URETPROBE|KSYSCALL|KPROBE_SYSCALL|USDT)$/;

const TRACED: ReadonlySet<string> = new Set(["BPF_PROG_TYPE_TRACING", "BPF_PROG_TYPE_LSM"]);

/** What the kernel hands to a program, or whoever to a function that is verified by itself. */
function argumentsOf({ routine, isFunction, meaning, context }: Root, _path: Path, walker: Walker): readonly Value[] {
  const { types, code } = walker.model;
  const written = !isFunction ? [] : routine.fn === undefined ? writtenIn(routine) : writtenParams(routine, code.text);
  return routine.params.map(({ type: text, name }, i): Value => {
    const tags = written[i] ?? "";
    const type = readType(text, types);
    const source: Source = { span: routine.body, name, kind: "parameter" };
    // An array as a parameter is a pointer.
    const plain = tags.includes("[") ? ({ kind: "pointer", to: type } as const) : types.behind(type);
    if (plain.kind !== "pointer") return unknownFrom(type, source, "other", walker);
    const pointed = nameOf(plain.to ?? UNKNOWN);
    const size = types.layout(plain.to ?? UNKNOWN)?.size;
    const kind = isFunction
      ? argumentKind({ routine, name, tags, pointed, size, context, walker })
      : pointerKind({ isFirst: i === 0, name, macro: routine.fn?.macro, pointed, meaning });
    const isAsked = kind === "memory" && !tags.includes("__arg_nonnull");
    const nullness = isAsked ? "maybe" : kind === "context" ? "never" : "unknown";
    return walker.values.pointer(walker.values.thing({ kind, source, nullness, type: pointed, size, name }), {
      offset: 0,
    });
  });
}

/**
 * What a function that is verified by itself is given: memory of a known size, which may be NULL. One that clang may
 * inline is perhaps never verified so; a context, and what is marked, is not memory.
 */
function argumentKind(asked: {
  readonly routine: Routine;
  readonly name: string;
  /** The parameter as written: some marks stand behind its name. */
  readonly tags: string;
  readonly pointed: string;
  readonly size: number | undefined;
  /** What the programs are given that call it. */
  readonly context: string | undefined;
  readonly walker: Walker;
}): ThingKind {
  const { routine, name, tags, pointed, size, context, walker } = asked;
  const { model, kb } = walker;
  // Inlined or not, it is what the programs hand on.
  if (context !== undefined && pointed === `struct ${context}`) return "context";
  const isKept = /\b(?:__)?(?:noinline|weak)\b/;
  if (!isKept.test(routine.head) && !isKept.test(model.declared(routine.name)?.text ?? "")) return "other";
  if (size === undefined) return "other";
  const isMarked = /\b__arg_(?!nonnull)\w+|btf_decl_tag/.test(tags) || pointed === "struct bpf_dynptr";
  const isContext = name === "ctx" || kb.context(pointed.replace(/^struct\s+/, "")) !== undefined;
  return isMarked || isContext ? "other" : "memory";
}

function pointerKind(asked: {
  readonly isFirst: boolean;
  readonly name: string;
  readonly macro: string | undefined;
  readonly pointed: string;
  readonly meaning: ProgramMeaning | undefined;
}): ThingKind {
  const { isFirst, name, macro, pointed, meaning } = asked;
  if (macro === undefined) return isFirst ? "context" : "other";
  if (name === "ctx") return "context";
  if (TYPED.test(macro) && meaning !== undefined) {
    if (isPlain(meaning)) return "raw";
    // Of pointers to anything but structures the verifier knows nothing.
    return TRACED.has(meaning.kind.progType) && /^(?:un)?(?:signed )?char$/.test(pointed) ? "raw" : "kernel";
  }
  if (REGISTERS.test(macro)) return pointed === "struct pt_regs" ? "other" : "raw";
  return "other";
}
