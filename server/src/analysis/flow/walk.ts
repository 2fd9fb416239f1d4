/**
 * Walks through a program as the verifier does: along every path, knowing what was asked on the way. What is not
 * understood is left out, never guessed at: a path that ends early reports nothing.
 */

import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { BpfModel } from "../model.ts";
import type { Span } from "../text.ts";
import { branch, decide } from "./assume.ts";
import { mayCallFork } from "./calls.ts";
import { Crossings } from "./crossings.ts";
import { type CType, isAggregate, numberType, readType, type TypedNames, typeOf } from "./ctypes.ts";
import { evaluate, fitted, forks, initialised, type Outcome, sizeOfVariable, unknownOf } from "./evaluate.ts";
import { type EachNode, type Node, partsOf, type SwitchNode, type Variable } from "./graph.ts";
import { rangeOf } from "./numbers.ts";
import { type Frame, Path } from "./path.ts";
import type { Routine, Routines } from "./routine.ts";
import { signature } from "./same.ts";
import { Shared, SharedList } from "./tables.ts";
import type { Expression } from "./tree.ts";
import { type PointerValue, type Thing, type Value, Values } from "./values.ts";
import type { CallEvent, On, Root, Trouble, Walk, Watch } from "./watch.ts";

/** What a walk needs to know. */
export interface World {
  readonly model: BpfModel;
  readonly kb: KnowledgeBase;
  readonly routines: Routines;
  /** Functions that only reckon and were walked through once. */
  readonly reckoned: Set<Routine>;
  /** What may go several ways, and what is an array or a structure: functions are walked through from several programs. */
  readonly forking: Map<Expression, boolean>;
  readonly wholes: Map<Variable, boolean>;
  readonly namesOf: (routine: Routine) => TypedNames;
}

export interface Found extends Trouble {
  readonly root: Root;
  /** What was asked on the way there, the first first. */
  readonly steps: readonly { readonly span: Span; readonly message: string }[];
}

/** Steps that one program may take; what is left then has no findings. */
const MAX_STEPS = 1500;
/** Of a function more ways out are kept: what it returns tells them apart, and success often comes last. */
const MAX_EXITS = 8;
/** Calls within calls. */
const MAX_DEPTH = 8;
/** Turns of a loop that are walked as they are, while it is sure that it goes on, and while it is not. */
const MAX_SURE_TURNS = 16;
const MAX_TURNS = 2;

/** Where no expression says it. */
const NOTHING: Expression = { kind: "unknown", names: [], start: 0, end: 0 };

/** How a function was left. */
export interface Exit {
  readonly path: Path;
  readonly value: Value | undefined;
}

/** A class, because each of its parts reads and writes the same tables at every step. */
export class Walker implements Walk {
  readonly model: BpfModel;
  readonly kb: KnowledgeBase;
  readonly root: Root;
  readonly values = new Values();
  readonly world: World;
  readonly watches: readonly Watch[];
  readonly found = new Map<string, Found>();
  private steps = 0;
  private frames = 0;
  private readonly ons: readonly OnPath[];
  private readonly hearing: Hearing;
  /** The test that is looked at, where clang will leave it out. */
  dropped: Expression | undefined;
  /** Where returns of the function that is being walked go. */
  private exits: Exit[] = [];

  constructor(world: World, root: Root, watches: readonly Watch[]) {
    this.world = world;
    this.model = world.model;
    this.kb = world.kb;
    this.root = root;
    this.watches = watches;
    this.ons = watches.map((_, i) => new OnPath(this, i));
    this.hearing = hearingOf(watches);
  }

  /** Whether everything was walked through. */
  get isComplete(): boolean {
    return this.steps < MAX_STEPS;
  }

  run(args: (path: Path) => readonly Value[], site: Span | undefined): void {
    const start = new Path(this.watches.map((watch) => watch.start(this)));
    this.through(this.root.routine, args(start), start, site);
    for (const [key, { stands }] of this.found) if (stands?.() === false) this.found.delete(key);
  }

  /** Walks through a function; gives every way out of it. */
  through(routine: Routine, args: readonly Value[], path: Path, site: Span | undefined): readonly Exit[] {
    const { graph } = routine;
    const frame: Frame = {
      id: ++this.frames,
      routine,
      site,
      variables: new SharedList(),
      pointers: [],
      turns: new Shared(),
      at: graph.entry,
    };
    routine.params.forEach(({ type }, i) => {
      const variable = graph.variables[i];
      if (variable === undefined) return;
      const known = readType(type, this.model.types);
      const given = args[i];
      const value = given === undefined ? unknownOf(known, variable.name, this) : fitted(given, known, path, this);
      frame.variables.set(variable.index, value);
    });
    path.frames.push(frame);
    this.tell("begin", routine, path);
    const outer = this.exits;
    const exits: Exit[] = [];
    this.exits = exits;
    this.walk(graph.entry, path);
    this.exits = outer;
    for (const exit of exits) exit.path.frames.pop();
    return exits.length < 2 || exits[0]?.path.frames.length === 0 ? exits : this.different(exits);
  }

  /** Ways out of a function after which nobody can tell one from the other go on as one. */
  private different(exits: readonly Exit[]): readonly Exit[] {
    const seen = new Set<string>();
    return exits.filter(({ path, value }) => {
      const state = signature(path.frame.at, path, this, value);
      return !seen.has(state) && seen.size < MAX_EXITS && seen.add(state);
    });
  }

  /**
   * From a node to every end: returns go where the function's go, the values of `({ … })` come back. Ways wait where they
   * meet for all that are still on their way there.
   */
  walk(entry: Node, start: Path): readonly Outcome[] {
    const values: Outcome[] = [];
    const crossing = new Crossings(this);
    if (!entry.isLoop || this.turn(entry, start)) crossing.add({ node: entry, path: start });
    for (let way = crossing.next(); way !== undefined; ) {
      if (++this.steps > MAX_STEPS) return values;
      const { node, path } = way;
      path.frame.at = node;
      const after = this.step(node, path, values);
      const [only] = after;
      if (only !== undefined && after.length === 1 && crossing.isAlone(only.node)) {
        way = only;
        continue;
      }
      for (const one of after) if (!one.node.isLoop || this.turn(one.node, one.path)) crossing.add(one);
      way = crossing.next();
    }
    return values;
  }

  /** One more turn of a loop. After some of them everything that it changes may be anything. */
  private turn(node: Node, path: Path): boolean {
    const { turns, routine } = path.frame;
    const turn = (turns.get(node.id) ?? 0) + 1;
    turns.set(node.id, turn);
    const isSure = node.kind === "branch" && !path.decided.has(openLoop(path.frame, node));
    if (turn <= (isSure ? MAX_SURE_TURNS : MAX_TURNS)) return true;
    if (turn > MAX_SURE_TURNS + 2) return false;
    for (const variable of routine.graph.changedIn(node)) this.loosen(variable, path);
    return true;
  }

  private loosen(variable: Variable, path: Path): void {
    const { frame } = path;
    const value = frame.variables.get(variable.index);
    const type = readType(variable.type, this.model.types);
    const source = {
      span: variable.declaration ?? { start: 0, end: 0 },
      name: variable.name,
      kind: "unknown",
    } as const;
    if (value?.kind === "pointer" && value.thing.kind !== "other" && !isAggregate(type, this.model.types)) {
      // Whatever it pointed to: nobody knows what it points to now, nor what has become of that.
      if (frame.routine.graph.isLive(frame.at, variable)) path.isCertain = false;
      frame.variables.set(
        variable.index,
        this.values.pointer(this.values.thing({ kind: "other", source, nullness: "unknown" })),
      );
    } else if (value?.kind === "number") {
      const { width, isSigned } = value;
      const range = rangeOf({ width, isSigned });
      frame.variables.set(variable.index, this.values.number({ ...range, width, isSigned, source, isLoose: true }));
    }
    this.tell("lose", { variable, frame: frame.id }, path);
    this.forget(`${frame.id}:${variable.index}`, path);
  }

  /** What was written to a variable's fields is no longer known. */
  private forget(owner: string, path: Path): void {
    for (const key of path.stores.keys())
      if (key.startsWith(`${owner}.`) || key.startsWith(`${owner}[`)) path.stores.delete(key);
  }

  private step(node: Node, path: Path, values: Outcome[]): readonly { readonly node: Node; readonly path: Path }[] {
    switch (node.kind) {
      case "step":
        if (node.of === undefined) return [{ node: node.next, path }];
        return evaluate(node.of, path, this).map((outcome) => ({ node: node.next, path: outcome.path }));
      case "declare":
        return this.declare(node, path).map((one) => ({ node: node.next, path: one }));
      case "branch":
        return this.branchAt(node, path);
      case "built":
        return this.built(node, path);
      case "each":
        return this.each(node, path);
      case "switch":
        return this.switchAt(node, path);
      case "assembly":
        for (const variable of node.variables) {
          const { width, isSigned } = numberType(readType(variable.type, this.model.types), this.model.types);
          // What depends on it nobody but the assembler knows.
          const value = this.values.number({ ...rangeOf({ width, isSigned }), width, isSigned, isLoose: true });
          path.frame.variables.set(variable.index, value);
          this.forget(`${path.frame.id}:${variable.index}`, path);
          this.tell(
            "store",
            { pointer: this.variablePointer(variable, path), value, node: NOTHING, size: undefined },
            path,
          );
          this.tell("lose", { variable, frame: path.frame.id }, path);
        }
        return [{ node: node.next, path }];
      case "return": {
        const outcomes: readonly { readonly path: Path; readonly value: Value | undefined }[] =
          node.of === undefined ? [{ path, value: undefined }] : evaluate(node.of, path, this);
        for (const { path: end, value } of outcomes) {
          const routine = end.frame.routine;
          this.tell("leave", { routine, at: node, value, isLast: end.frames.length === 1 }, end);
          this.exits.push({ path: end, value });
        }
        return [];
      }
      case "value":
        if (node.of === undefined) values.push({ path, value: this.values.number() });
        else values.push(...evaluate(node.of, path, this));
        return [];
      default:
        return [];
    }
  }

  private unknownFor({ type, name }: Variable): Value {
    return unknownOf(readType(type, this.model.types), name, this);
  }

  private declare({ declaration, variable }: Extract<Node, { kind: "declare" }>, path: Path): readonly Path[] {
    const { initialiser } = declaration;
    this.forget(`${path.frame.id}:${variable.index}`, path);
    const pointer = this.variablePointer(variable, path);
    if (declaration.isStatic) {
      path.frame.variables.set(variable.index, this.unknownFor(variable));
      return [path];
    }
    path.frame.variables.set(variable.index, this.values.uninitialised);
    for (const { at, hear } of this.hearing.declare ?? []) {
      const on = this.ons[at];
      if (on === undefined) continue;
      on.path = path;
      hear(declaration, pointer, on);
    }
    if (initialiser === undefined) return [path];
    const type = readType(variable.type, this.model.types);
    if (initialiser.kind === "list" && this.isWhole(variable) && declaration.dimensions.length === 0)
      return initialised(initialiser, pointer, type, path, this).map((one) => {
        const value = this.values.number();
        one.frame.variables.set(variable.index, value);
        this.tell("store", { pointer, value, node: declaration, size: undefined }, one);
        return one;
      });
    return evaluate(initialiser, path, this).map((outcome) => {
      const isWhole = this.isWhole(variable);
      const value = isWhole ? this.values.number() : fitted(outcome.value, type, outcome.path, this);
      outcome.path.frame.variables.set(variable.index, value);
      this.tell("store", { pointer, value, node: declaration, size: undefined }, outcome.path);
      return outcome.path;
    });
  }

  variablePointer(variable: Variable, path: Path): PointerValue {
    const { frame } = path;
    let pointer = frame.pointers[variable.index];
    if (pointer === undefined) {
      const { name, type } = variable;
      const span = this.spanOf(path, variable.declaration?.nameSpan ?? frame.routine.body);
      const source = { span, name, kind: "unknown" } as const;
      // Another function may have another type of that name.
      const size = type.includes("{") ? undefined : sizeOfVariable(variable, path, this);
      const thing = this.values.thing({ kind: "variable", source, variable, frame: frame.id, name, type, size });
      pointer = this.values.pointer(thing, { offset: 0 });
      frame.pointers[variable.index] = pointer;
    }
    return pointer;
  }

  /** Whether an expression, or a part of it, may go several ways. */
  mayFork(expression: Expression): boolean {
    switch (expression.kind) {
      case "name":
      case "number":
      case "string":
      case "sizeof":
      case "unknown":
        return false;
      default:
    }
    const { forking } = this.world;
    let known = forking.get(expression);
    if (known === undefined) {
      const isCall = expression.kind === "call";
      known =
        (isCall ? mayCallFork(expression, this) : forks(expression)) ||
        partsOf(expression).some((one) => this.mayFork(one));
      forking.set(expression, known);
    }
    return known;
  }

  /** An array or a structure: its value is where it is. */
  isWhole(variable: Variable): boolean {
    const { wholes } = this.world;
    let known = wholes.get(variable);
    if (known === undefined) {
      const hasElements = (variable.declaration?.dimensions.length ?? 0) > 0;
      known = hasElements || isAggregate(readType(variable.type, this.model.types), this.model.types);
      wholes.set(variable, known);
    }
    return known;
  }

  private branchAt(node: Extract<Node, { kind: "branch" }>, path: Path) {
    this.dropped = isDropped(node, path) ? node.test : undefined;
    const { yes, no } = branch(node.test, path, this);
    this.dropped = undefined;
    const isOpen = yes.length > 0 && no.length > 0;
    if (isOpen && node.loop === "yes") for (const one of yes) one.decided.set(openLoop(one.frame, node), true);
    return [...yes.map((one) => ({ node: node.yes, path: one })), ...no.map((one) => ({ node: node.no, path: one }))];
  }

  /** The build decides, the same way for the same condition. */
  private built(node: Extract<Node, { kind: "built" }>, path: Path) {
    const key = `#${node.condition}`;
    const known = path.decided.get(key);
    if (known !== undefined) return [{ node: known ? node.yes : node.no, path }];
    // Two choices may exclude one another.
    if ([...path.decided.keys()].some((other) => other.startsWith("#"))) path.isCertain = false;
    const other = path.fork();
    path.decided.set(key, true);
    other.decided.set(key, false);
    return [
      { node: node.yes, path },
      { node: node.no, path: other },
    ];
  }

  private each({ each, body, done }: EachNode, path: Path) {
    const isRepeat = each.macro === "bpf_repeat";
    const isCount = each.macro === "bpf_for";
    const bounds = isCount ? each.args.slice(1, 3) : isRepeat ? each.args.slice(0, 1) : each.args.slice(2);
    let paths: readonly Path[] = [path];
    const limits: Value[] = [];
    for (const bound of bounds)
      paths = paths.flatMap((one) =>
        evaluate(bound, one, this).map((outcome) => {
          limits.push(outcome.value);
          return outcome.path;
        }),
      );
    const item = isRepeat ? undefined : isCount ? each.args[0] : each.args[1];
    return paths.flatMap((one) => {
      const leaving = one.fork();
      if (item?.kind === "name") {
        const variable = one.frame.routine.graph.variableOf(item);
        if (variable !== undefined) one.frame.variables.set(variable.index, this.itemOf(item, limits, isCount, one));
      }
      return [
        { node: body, path: one },
        { node: done, path: leaving },
      ];
    });
  }

  private itemOf(item: Expression, limits: readonly Value[], isCount: boolean, path: Path): Value {
    const source = { span: this.spanOf(path, item), name: "item", kind: "unknown" } as const;
    if (!isCount) return this.values.pointer(this.values.thing({ kind: "item", source }), { offset: 0 });
    const [from, to] = limits.map((value) => path.boundsOf(value));
    return this.values.number({
      low: from?.low ?? Number.NEGATIVE_INFINITY,
      high: (to?.high ?? Number.POSITIVE_INFINITY) - 1,
      width: 4,
      isSigned: true,
      source,
      isLoose: true,
    });
  }

  private switchAt({ of, cases, otherwise, hasDefault }: SwitchNode, path: Path) {
    const after: { node: Node; path: Path }[] = [];
    for (const outcome of evaluate(of, path, this)) {
      let rest: Path | undefined = outcome.path;
      for (const { value, to, next } of cases) {
        if (rest === undefined) break;
        const label = evaluate(value, rest, this)[0]?.value;
        if (label === undefined) continue;
        if (to !== undefined) {
          // A range of values: it may be one of them, or not.
          const inside = within(outcome.value, label, evaluate(to, rest, this)[0]?.value, of, rest.fork(), this);
          if (inside !== undefined) after.push({ node: next, path: inside });
          continue;
        }
        const { yes, no }: ReturnType<typeof decide> = decide("==", outcome.value, label, of, rest, this);
        if (yes !== undefined) after.push({ node: next, path: yes });
        rest = no;
      }
      if (rest === undefined) continue;
      // All that there is may have its case.
      if ((!hasDefault && this.mayBeEnum(of, rest)) || this.isSetting(outcome.value)) rest.isCertain = false;
      after.push({ node: otherwise, path: rest });
    }
    return after;
  }

  /**
   * `const volatile int place`: whoever loads the program writes one for which there is a case, and the verifier reads it: of
   * linux, bpf_map_is_rdonly() in kernel/bpf/verifier.c. What a macro or a header declares may be such.
   */
  private isSetting(value: Value): boolean {
    const source = value.kind === "number" && value.source?.kind === "global" ? value.source : undefined;
    if (source === undefined) return false;
    const global = this.model.globals.find(({ name }) => name === source.name);
    return global === undefined || global.kind === "rodata";
  }

  private mayBeEnum(of: Expression, path: Path): boolean {
    const { kind, ...type } = this.model.types.behind(this.typeOf(of, path));
    return kind === "unknown" || kind === "typedef" || (kind === "tagged" && "tag" in type && type.tag === "enum");
  }

  typeOf(expression: Expression, path: Path): CType {
    return typeOf(expression, this.world.namesOf(path.frame.routine));
  }

  spanOf(path: Path, span: Span): Span {
    return path.frame.site ?? span;
  }

  tellCall(event: CallEvent, path: Path): Value {
    let { result } = event;
    for (const { at, hear } of this.hearing.call ?? []) {
      const on = this.ons[at];
      if (on === undefined) continue;
      on.path = path;
      const given = hear(result === event.result ? event : { ...event, result }, on);
      if (given !== undefined) result = given;
    }
    return result;
  }

  /** Whether anybody wants to know: an event that is told to nobody need not be made. */
  hears(hook: Hook): boolean {
    return this.hearing[hook] !== undefined;
  }

  tell<H extends Exclude<Hook, "call" | "declare">>(
    hook: H,
    event: Parameters<NonNullable<Watch[H]>>[0],
    path: Path,
  ): void {
    const hearing = this.hearing[hook];
    if (hearing === undefined) return;
    for (const { at, hear } of hearing) {
      const on = this.ons[at];
      if (on === undefined) continue;
      on.path = path;
      // The types of a hook and of its event go together by the name of the hook.
      (hear as (event: unknown, on: On<unknown>) => void)(event, on);
    }
  }

  sizeOf(path: Path, { size, variable }: Thing): number | undefined {
    return size ?? (variable && sizeOfVariable(variable, path, this));
  }

  report(path: Path, trouble: Trouble): void {
    if (!path.isCertain) return;
    const span = this.spanOf(path, trouble.span);
    const key = `${trouble.kind} ${span.start} ${trouble.apart ?? ""}`;
    if (this.found.has(key)) return;
    const steps: { span: Span; message: string }[] = [];
    for (let step = path.steps; step !== undefined; step = step.before)
      steps.unshift({ span: step.span, message: step.message });
    this.found.set(key, { ...trouble, span, root: this.root, steps });
  }

  isTooDeep(path: Path): boolean {
    return path.frames.length >= MAX_DEPTH;
  }
}

/** `case 1 ... 5`: the path on which it is one of them. */
function within(
  value: Value,
  first: Value,
  last: Value | undefined,
  of: Expression,
  path: Path,
  walker: Walker,
): Path | undefined {
  const { yes } = decide(">=", value, first, of, path, walker);
  return yes === undefined || last === undefined ? yes : decide("<=", value, last, of, yes, walker).yes;
}

/** That it was not sure whether a loop goes on. */
function openLoop({ id }: Frame, node: Node): string {
  return `loop ${id} ${node.id}`;
}

type Hook = Exclude<keyof Watch, "name" | "start" | "key">;
/** The watches that have a hook: their places, and what they do with it. */
type Hearing = { readonly [H in Hook]?: readonly Hearer<H>[] };
interface Hearer<H extends Hook> {
  readonly at: number;
  readonly hear: NonNullable<Watch[H]>;
}

/** A record, so that none is forgotten. */
const HEARD: Record<Hook, true> = {
  begin: true,
  call: true,
  access: true,
  part: true,
  arithmetic: true,
  address: true,
  operation: true,
  compare: true,
  index: true,
  store: true,
  lose: true,
  declare: true,
  uninitialised: true,
  leave: true,
};
const HOOKS = Object.keys(HEARD) as readonly Hook[];

let heard: { readonly watches: readonly Watch[]; readonly hearing: Hearing } | undefined;

/** Worked out once for the watches that there are. */
function hearingOf(watches: readonly Watch[]): Hearing {
  if (heard?.watches !== watches) {
    const hearing: Record<string, { readonly at: number; readonly hear: unknown }[]> = {};
    for (const hook of HOOKS)
      watches.forEach((watch, at) => {
        const hear = watch[hook];
        if (hear !== undefined) hearing[hook] = [...(hearing[hook] ?? []), { at, hear }];
      });
    heard = { watches, hearing: hearing as Hearing };
  }
  return heard.hearing;
}

/** Where a watch stands that nothing was told yet. */
const NOWHERE = new Path([]);

/** One for each watch and walk, with a path that changes: events are many, and each is told to ten of them. */
class OnPath implements On<unknown> {
  readonly walk: Walk;
  path = NOWHERE;
  private readonly index: number;

  constructor(walk: Walk, index: number) {
    this.walk = walk;
    this.index = index;
  }

  get slot(): unknown {
    return this.path.slots[this.index];
  }

  set slot(value: unknown) {
    this.path.slots[this.index] = value;
  }
}

/** A variable without a value may as well have the one that it gets on the only other way: then nothing is left to decide. */
function isDropped({ yes, no }: Extract<Node, { kind: "branch" }>, { frame }: Path): boolean {
  if (yes.kind !== "step" || yes.next !== no || yes.of?.kind !== "assignment") return false;
  const { operator, left } = yes.of;
  const variable = operator === undefined && left.kind === "name" ? frame.routine.graph.variableOf(left) : undefined;
  return variable !== undefined && frame.variables.get(variable.index)?.kind === "uninitialised";
}
