/** The control flow graph of a function: what runs after what, which variable a name means, and what is read later on. */

import type { Span } from "../text.ts";
import type { Body, Declaration, Each, Expression, Name, Statement, StatementExpression } from "./tree.ts";

export interface Variable {
  /** Its place in `Graph.variables`. */
  readonly index: number;
  readonly name: string;
  /** Words and stars as written. */
  readonly type: string;
  /** What declares it in the body; undefined for a parameter. */
  readonly declaration: Declaration | undefined;
  readonly isParameter: boolean;
}

export type Node =
  | StepNode
  | DeclareNode
  | BranchNode
  | BuiltNode
  | EachNode
  | SwitchNode
  | AssemblyNode
  | ReturnNode
  | ValueNode
  | LostNode;

interface NodeBase {
  /** Its place in `Graph.nodes`. */
  readonly id: number;
  /** The greater goes first: what comes behind has a lower one, and a loop's head than its body, so that all turns come first. */
  rank: number;
  readonly span: Span;
  /** Several ways lead here. */
  isMerge: boolean;
  /** A way leads back here. */
  isLoop: boolean;
}

export interface StepNode extends NodeBase {
  readonly kind: "step";
  readonly of: Expression | undefined;
  next: Node;
}

export interface DeclareNode extends NodeBase {
  readonly kind: "declare";
  readonly declaration: Declaration;
  readonly variable: Variable;
  next: Node;
}

export interface BranchNode extends NodeBase {
  readonly kind: "branch";
  readonly test: Expression;
  /** Of a loop: which of the two goes on with it. */
  readonly loop: "yes" | "no" | undefined;
  yes: Node;
  no: Node;
}

/** `#if`: the build decides. */
export interface BuiltNode extends NodeBase {
  readonly kind: "built";
  readonly condition: string;
  yes: Node;
  no: Node;
}

/** The head of `bpf_for` and its relatives. */
export interface EachNode extends NodeBase {
  readonly kind: "each";
  readonly each: Each;
  body: Node;
  done: Node;
}

export interface SwitchNode extends NodeBase {
  readonly kind: "switch";
  readonly of: Expression;
  readonly cases: readonly { readonly value: Expression; readonly to: Expression | undefined; readonly next: Node }[];
  /** Where `default` is, or what follows all of it. */
  otherwise: Node;
  readonly hasDefault: boolean;
}

export interface AssemblyNode extends NodeBase {
  readonly kind: "assembly";
  /** Of the variables it may change. */
  readonly variables: readonly Variable[];
  next: Node;
}

export interface ReturnNode extends NodeBase {
  readonly kind: "return";
  readonly of: Expression | undefined;
  /** The closing brace, where nothing says `return`. */
  readonly isEnd: boolean;
}

/** The end of `({ … })`. */
export interface ValueNode extends NodeBase {
  readonly kind: "value";
  readonly of: Expression | undefined;
}

/** What follows is not understood. */
export interface LostNode extends NodeBase {
  readonly kind: "lost";
}

export interface Graph {
  readonly entry: Node;
  readonly nodes: readonly Node[];
  readonly variables: readonly Variable[];
  /** The variable that a name means; undefined for what is declared outside of the function. */
  readonly variableOf: (name: Name) => Variable | undefined;
  /** Variables whose address is kept in others: whether they are read later on nobody can tell by their names. */
  readonly kept: ReadonlySet<Variable>;
  /** Whether the variable, or anything by that name (`.field`, a global's or a function's), is read at the node or after it. */
  readonly isLive: (node: Node, name: Variable | string) => boolean;
  /** The variables that are read at a node or after it, and those that may be. */
  readonly liveAt: (node: Node) => readonly Variable[];
  /** Where `({ … })` begins. */
  readonly within: (statements: StatementExpression) => Node;
  /** The variables that anything in the loop with this head may change. */
  readonly changedIn: (head: Node) => ReadonlySet<Variable>;
}

export function graphOf(body: Body, params: readonly { readonly name: string; readonly type: string }[]): Graph {
  return new Builder(body, params).finish();
}

/** What a node reads and writes, by number: variables first, then other names. */
interface Use {
  readonly reads: number[];
  readonly writes: number[];
}

type Targets = { readonly break: Node | undefined; readonly continue: Node | undefined };

/** Built from behind: each statement is given what comes after it. A class, because every step adds to the same tables. */
class Builder {
  private readonly nodes: Node[] = [];
  private readonly variables: Variable[] = [];
  /** Those whose address is taken: anybody may change them. */
  private readonly addressed = new Set<Variable>();
  private readonly kept = new Set<Variable>();
  private readonly resolved = new Map<Name, Variable>();
  private readonly declared = new Map<Declaration, Variable>();
  private readonly labels = new Map<string, StepNode>();
  private readonly numbers = new Map<string, number>();
  private readonly entry: Node;
  private readonly end: ReturnNode;

  constructor(body: Body, params: readonly { readonly name: string; readonly type: string }[]) {
    const scope = new Map<string, Variable>();
    for (const { name, type } of params)
      if (name !== "") scope.set(name, this.variable({ name, type, declaration: undefined }));
    this.resolve(body, [scope]);
    this.findLabels(body);
    const close = { start: Math.max(body.start, body.end - 1), end: body.end };
    this.end = this.add({ kind: "return", of: undefined, isEnd: true, ...this.base(close) });
    this.entry = this.block(body.statements, this.end, { break: undefined, continue: undefined });
  }

  finish(): Graph {
    const count = this.nodes.length;
    const order = mark(this.entry, count);
    const live = lazily(() => this.liveness(order, count));
    const loops = new Map<Node, ReadonlySet<Variable>>();
    const inner = new Map<StatementExpression, Node>();
    const lists: (readonly Variable[] | undefined)[] = [];
    const isLive: Graph["isLive"] = (node, name) => {
      // What names there are is known when they were counted.
      const { words, sets } = live();
      const number = typeof name === "string" ? this.numbers.get(name) : name.index;
      if (number === undefined) return false;
      // What stands within an expression is added later.
      if (node.id >= count) return true;
      return ((sets[node.id * words + (number >> 5)] ?? 0) & (1 << (number & 31))) !== 0;
    };
    return {
      entry: this.entry,
      nodes: this.nodes,
      variables: this.variables,
      variableOf: (name) => this.resolved.get(name),
      kept: this.kept,
      isLive,
      liveAt: (node) => {
        let list = lists[node.id];
        if (list === undefined) {
          list = this.variables.filter((variable) => this.kept.has(variable) || isLive(node, variable));
          lists[node.id] = list;
        }
        return list;
      },
      within: (statements) => {
        let known = inner.get(statements);
        if (known === undefined) {
          known = this.inner(statements);
          inner.set(statements, known);
        }
        return known;
      },
      changedIn: (head) => {
        let known = loops.get(head);
        if (known === undefined) {
          known = this.changes(head);
          loops.set(head, known);
        }
        return known;
      },
    };
  }

  private inner({ body, start, end }: StatementExpression): Node {
    const last = body.statements.at(-1);
    const of = last?.kind === "expression" ? last.of : undefined;
    const statements = of === undefined ? body.statements : body.statements.slice(0, -1);
    const value = this.add({ kind: "value", of, ...this.base({ start, end }) });
    const entry = this.block(statements, value, { break: undefined, continue: undefined });
    mark(entry, this.nodes.length);
    return entry;
  }

  private variable({ name, type, declaration }: Pick<Variable, "name" | "type" | "declaration">): Variable {
    const variable: Variable = {
      index: this.variables.length,
      name,
      type,
      declaration,
      isParameter: declaration === undefined,
    };
    this.variables.push(variable);
    if (declaration !== undefined && declaration.dimensions.length > 0) this.addressed.add(variable);
    return variable;
  }

  /** Which variable each name means. What `#if` surrounds is declared for what comes after it too. */
  private resolve(statement: Statement, scopes: Map<string, Variable>[]): void {
    const within = (inner: Statement | undefined): void => {
      if (inner === undefined) return;
      scopes.push(new Map());
      this.resolve(inner, scopes);
      scopes.pop();
    };
    const flat = (inner: Statement): void => {
      if (inner.kind === "block") for (const one of inner.statements) this.resolve(one, scopes);
      else this.resolve(inner, scopes);
    };
    const read = (expression: Expression | undefined): void => this.resolveIn(expression, scopes);
    switch (statement.kind) {
      case "expression":
        read(statement.of);
        return;
      case "declaration": {
        for (const dimension of statement.dimensions) read(dimension);
        // Twice in one block it is declared where only one of two is compiled.
        const before = scopes.at(-1)?.get(statement.name);
        const variable =
          before !== undefined && isSame(before, statement)
            ? before
            : this.variable({ name: statement.name, type: statement.type, declaration: statement });
        this.declared.set(statement, variable);
        scopes.at(-1)?.set(statement.name, variable);
        read(statement.initialiser);
        return;
      }
      case "block": {
        scopes.push(new Map());
        for (const inner of statement.statements) this.resolve(inner, scopes);
        scopes.pop();
        return;
      }
      case "if":
        if (statement.test === undefined) {
          flat(statement.then);
          if (statement.else !== undefined) flat(statement.else);
          return;
        }
        read(statement.test);
        within(statement.then);
        within(statement.else);
        return;
      case "while":
        read(statement.test);
        within(statement.body);
        return;
      case "do":
        within(statement.body);
        read(statement.test);
        return;
      case "for":
        scopes.push(new Map());
        for (const start of statement.begin) this.resolve(start, scopes);
        read(statement.test);
        read(statement.step);
        within(statement.body);
        scopes.pop();
        return;
      case "each":
        for (const arg of statement.args) read(arg);
        within(statement.body);
        return;
      case "switch":
        read(statement.of);
        within(statement.body);
        return;
      case "case":
        read(statement.value);
        read(statement.to);
        return;
      case "return":
        read(statement.of);
        return;
      case "assembly":
        for (const name of statement.names) {
          const variable = find(scopes, name);
          if (variable !== undefined) this.assembled.set(`${statement.start}:${name}`, variable);
        }
        return;
      default:
        return;
    }
  }

  /** By where the assembly stands and the name in it. */
  private readonly assembled = new Map<string, Variable>();

  private resolveIn(expression: Expression | undefined, scopes: Map<string, Variable>[]): void {
    if (expression === undefined) return;
    if (expression.kind === "name") {
      const variable = find(scopes, expression.name);
      if (variable !== undefined) this.resolved.set(expression, variable);
      return;
    }
    if (expression.kind === "sizeof") {
      // It is not evaluated, but its type is asked for.
      this.resolveIn(expression.of, scopes);
      return;
    }
    if (expression.kind === "unary" && expression.operator === "&") {
      const variable = addressedBy(expression.of, scopes);
      if (variable !== undefined) {
        this.addressed.add(variable);
        this.kept.add(variable);
      }
    }
    if (expression.kind === "statements") {
      this.resolve(expression.body, scopes);
      return;
    }
    if (expression.kind === "unknown") {
      // It may do anything with what it names.
      for (const name of expression.names) {
        const variable = find(scopes, name);
        if (variable !== undefined) {
          this.addressed.add(variable);
          this.kept.add(variable);
        }
      }
      return;
    }
    // What is handed to a function is used by it there and then.
    if (expression.kind === "call") {
      for (const arg of expression.args) this.resolveArgument(arg, scopes);
      if (expression.name === "") this.resolveIn(expression.callee, scopes);
      return;
    }
    for (const part of partsOf(expression)) this.resolveIn(part, scopes);
  }

  private resolveArgument(arg: Expression, scopes: Map<string, Variable>[]): void {
    let inner = arg;
    while (inner.kind === "cast") inner = inner.of;
    if (inner.kind !== "unary" || inner.operator !== "&") {
      this.resolveIn(arg, scopes);
      return;
    }
    const variable = addressedBy(inner.of, scopes);
    if (variable !== undefined) this.addressed.add(variable);
    this.resolveIn(inner.of, scopes);
  }

  private findLabels(statement: Statement): void {
    if (statement.kind === "label" && !this.labels.has(statement.name)) {
      const node: StepNode = { kind: "step", of: undefined, next: NOWHERE, ...this.base(statement) };
      this.add(node);
      this.labels.set(statement.name, node);
    }
    for (const inner of statementsIn(statement)) this.findLabels(inner);
  }

  private base(span: Span): NodeBase {
    const id = this.nodes.length;
    return { id, rank: id, span: { start: span.start, end: span.end }, isMerge: false, isLoop: false };
  }

  private add<T extends Node>(node: T): T {
    this.nodes.push(node);
    return node;
  }

  private block(statements: readonly Statement[], next: Node, targets: Targets): Node {
    let entry = next;
    for (let i = statements.length - 1; i >= 0; i--) {
      const statement = statements[i];
      if (statement !== undefined) entry = this.statement(statement, entry, targets);
    }
    return entry;
  }

  private statement(statement: Statement, next: Node, targets: Targets): Node {
    switch (statement.kind) {
      case "expression":
        return this.add({ kind: "step", of: statement.of, next, ...this.base(statement) });
      case "declaration": {
        const variable = this.declared.get(statement);
        if (variable === undefined) return next;
        return this.add({ kind: "declare", declaration: statement, variable, next, ...this.base(statement) });
      }
      case "block":
        return this.block(statement.statements, next, targets);
      case "if": {
        const yes = this.statement(statement.then, next, targets);
        const no = statement.else === undefined ? next : this.statement(statement.else, next, targets);
        if (statement.test === undefined)
          return this.add({
            kind: "built",
            condition: statement.built ?? "",
            yes,
            no,
            ...this.base(statement),
          });
        return this.branch(statement.test, yes, no, undefined);
      }
      case "while": {
        const head = this.branch(statement.test, NOWHERE, next, "yes");
        head.yes = this.statement(statement.body, head, { break: next, continue: head });
        return head;
      }
      case "do": {
        const test = this.branch(statement.test, NOWHERE, next, "yes");
        const entry = this.statement(statement.body, test, { break: next, continue: test });
        test.yes = entry;
        return entry;
      }
      case "for":
        return this.forLoop(statement, next, targets);
      case "each": {
        const head: EachNode = this.add({
          kind: "each",
          each: statement,
          body: NOWHERE,
          done: next,
          ...this.base(statement),
        });
        head.body = this.statement(statement.body, head, { break: next, continue: head });
        return head;
      }
      case "switch":
        return this.switchOf(statement, next, targets);
      case "label": {
        const node = this.labels.get(statement.name);
        if (node === undefined) return next;
        node.next = next;
        // Made before all others, but what follows it is by now.
        node.rank = this.nodes.length - 0.5;
        return node;
      }
      case "jump": {
        const to = statement.to === "goto" ? this.labels.get(statement.label) : targets[statement.to];
        return to ?? this.add({ kind: "lost", ...this.base(statement) });
      }
      case "return":
        return this.add({ kind: "return", of: statement.of, isEnd: false, ...this.base(statement) });
      case "assembly": {
        // It only keeps the compiler from moving something.
        if (statement.isBarrier) return next;
        // Where it may jump to is not followed.
        if (statement.labels.length > 0) return this.add({ kind: "lost", ...this.base(statement) });
        const variables = statement.names.flatMap((name) => this.assembled.get(`${statement.start}:${name}`) ?? []);
        return this.add({ kind: "assembly", variables, next, ...this.base(statement) });
      }
      case "case":
      case "empty":
        return next;
      default:
        return this.add({ kind: "lost", ...this.base(statement) });
    }
  }

  private branch(test: Expression, yes: Node, no: Node, loop: BranchNode["loop"]): BranchNode {
    return this.add({ kind: "branch", test, yes, no, loop, ...this.base(test) });
  }

  private forLoop(statement: Extract<Statement, { kind: "for" }>, next: Node, targets: Targets): Node {
    const { test, step, body, begin } = statement;
    const head: StepNode | BranchNode =
      test === undefined
        ? this.add({ kind: "step", of: undefined, next: NOWHERE, ...this.base(statement) })
        : this.branch(test, NOWHERE, next, "yes");
    const again: Node =
      step === undefined ? head : this.add({ kind: "step", of: step, next: head, ...this.base(step) });
    const inner = this.statement(body, again, { break: next, continue: again });
    if (head.kind === "step") head.next = inner;
    else head.yes = inner;
    return this.block(begin, head, targets);
  }

  private switchOf({ of, body, start, end }: Extract<Statement, { kind: "switch" }>, next: Node, targets: Targets) {
    const cases: { value: Expression; to: Expression | undefined; next: Node }[] = [];
    let otherwise = next;
    const inner = { break: next, continue: targets.continue };
    const statements = body.kind === "block" ? body.statements : [body];
    let entry = next;
    for (let i = statements.length - 1; i >= 0; i--) {
      const statement = statements[i];
      if (statement === undefined) continue;
      if (statement.kind !== "case") {
        entry = this.statement(statement, entry, inner);
        continue;
      }
      if (statement.value === undefined) otherwise = entry;
      else cases.unshift({ value: statement.value, to: statement.to, next: entry });
    }
    const hasDefault = statements.some((one) => one.kind === "case" && one.value === undefined);
    return this.add({ kind: "switch", of, cases, otherwise, hasDefault, ...this.base({ start, end }) });
  }

  private numberOf(name: string): number {
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = this.variables.length + this.numbers.size;
      this.numbers.set(name, number);
    }
    return number;
  }

  /** For each node the names that are read there or later: the usual equations, solved backwards. */
  private liveness(order: readonly Node[], count: number): { readonly words: number; readonly sets: Int32Array } {
    const uses = new Map(order.map((node) => [node, this.useOf(node)]));
    const words = (this.variables.length + this.numbers.size + 31) >> 5;
    const sets = new Int32Array(count * words);
    const scratch = new Int32Array(words);
    for (let changed = true; changed; ) {
      changed = false;
      for (const node of order) {
        scratch.fill(0);
        for (const next of nextOf(node))
          for (let w = 0; w < words; w++) scratch[w] = (scratch[w] ?? 0) | (sets[next.id * words + w] ?? 0);
        const { reads, writes } = uses.get(node) ?? { reads: [], writes: [] };
        for (const n of writes) scratch[n >> 5] = (scratch[n >> 5] ?? 0) & ~(1 << (n & 31));
        for (const n of reads) scratch[n >> 5] = (scratch[n >> 5] ?? 0) | (1 << (n & 31));
        for (let w = 0; w < words; w++) {
          const at = node.id * words + w;
          if (sets[at] !== scratch[w]) {
            sets[at] = scratch[w] ?? 0;
            changed = true;
          }
        }
      }
    }
    return { words, sets };
  }

  private useOf(node: Node): Use {
    const use: Use = { reads: [], writes: [] };
    if (node.kind === "declare") {
      use.writes.push(node.variable.index);
      this.readsOf(node.declaration.initialiser, use);
    } else if (node.kind === "assembly") {
      for (const { index } of node.variables) use.reads.push(index);
    } else if (node.kind === "each") {
      for (const arg of node.each.args) this.readsOf(arg, use);
    } else if (node.kind === "switch") {
      this.readsOf(node.of, use);
      for (const { value, to } of node.cases) {
        this.readsOf(value, use);
        this.readsOf(to, use);
      }
    } else if (node.kind === "branch") this.readsOf(node.test, use);
    else if (node.kind === "step" || node.kind === "return") {
      const { of } = node;
      // Only where nothing else happens is it sure that the old value is gone.
      if (of?.kind === "assignment" && of.operator === undefined && of.left.kind === "name") {
        const variable = this.resolved.get(of.left);
        if (variable !== undefined && !this.addressed.has(variable)) use.writes.push(variable.index);
        else this.readsOf(of.left, use);
        this.readsOf(of.right, use);
      } else this.readsOf(of, use);
    }
    return use;
  }

  private readsOf(expression: Expression | undefined, use: Use): void {
    if (expression === undefined) return;
    switch (expression.kind) {
      case "name": {
        const variable = this.resolved.get(expression);
        use.reads.push(variable === undefined ? this.numberOf(expression.name) : variable.index);
        return;
      }
      case "member":
        use.reads.push(this.numberOf(`.${expression.name}`));
        break;
      case "statements":
        this.readsOfStatement(expression.body, use);
        return;
      case "unknown":
        for (const variable of this.variables)
          if (expression.names.includes(variable.name)) use.reads.push(variable.index);
        return;
      default:
    }
    for (const part of partsOf(expression)) this.readsOf(part, use);
  }

  private readsOfStatement(statement: Statement, use: Use): void {
    for (const expression of expressionsIn(statement)) this.readsOf(expression, use);
    for (const inner of statementsIn(statement)) this.readsOfStatement(inner, use);
  }

  private changes(head: Node): ReadonlySet<Variable> {
    const found = new Set<Variable>(this.addressed);
    const seen = new Set<Node>();
    for (const node of loopOf(head, this.nodes)) {
      seen.add(node);
      if (node.kind === "declare") found.add(node.variable);
      if (node.kind === "assembly") for (const variable of node.variables) found.add(variable);
      for (const expression of expressionsOf(node)) this.writesOf(expression, found);
    }
    return found;
  }

  private writesOf(expression: Expression, found: Set<Variable>): void {
    const target =
      expression.kind === "assignment" ? expression.left : expression.kind === "update" ? expression.of : undefined;
    const name = target === undefined ? undefined : rootOf(target);
    const variable = name && this.resolved.get(name);
    if (variable !== undefined) found.add(variable);
    if (expression.kind === "statements") {
      const within = (statement: Statement): void => {
        if (statement.kind === "declaration") {
          const declared = this.declared.get(statement);
          if (declared !== undefined) found.add(declared);
        }
        for (const one of expressionsIn(statement)) this.writesOf(one, found);
        for (const inner of statementsIn(statement)) within(inner);
      };
      within(expression.body);
      return;
    }
    for (const part of partsOf(expression)) this.writesOf(part, found);
  }
}

/** Marks where ways meet and lead back; gives the nodes that can be reached, each after what follows it. */
function mark(entry: Node, count: number): readonly Node[] {
  const order: Node[] = [];
  const state = new Uint8Array(count);
  const ways = new Uint32Array(count);
  // A list of its own in the place of the call stack: a function may have thousands of statements.
  const stack: { readonly node: Node; readonly next: readonly Node[]; at: number }[] = [];
  const visit = (node: Node): void => {
    state[node.id] = 1;
    stack.push({ node, next: nextOf(node), at: 0 });
  };
  visit(entry);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.next[top.at++];
    if (next === undefined) {
      state[top.node.id] = 2;
      order.push(top.node);
      stack.pop();
      continue;
    }
    ways[next.id] = (ways[next.id] ?? 0) + 1;
    if ((ways[next.id] ?? 0) > 1) next.isMerge = true;
    if (state[next.id] === 1) next.isLoop = true;
    if (state[next.id] === 0) visit(next);
  }
  return order;
}

/** Stands for a node that is filled in later. */
const NOWHERE: LostNode = { kind: "lost", id: -1, rank: -1, span: { start: 0, end: 0 }, isMerge: false, isLoop: false };

/** Of arrays it is not asked how long they are. */
function isSame({ declaration, type }: Variable, other: Declaration): boolean {
  return declaration?.dimensions.length === 0 && other.dimensions.length === 0 && type === other.type;
}

function find(scopes: readonly ReadonlyMap<string, Variable>[], name: string): Variable | undefined {
  for (let i = scopes.length - 1; i >= 0; i--) {
    const found = scopes[i]?.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The variable that the address of an expression leads to: `&x`, `&x.f`, `&x[2]`. */
function addressedBy(expression: Expression, scopes: readonly ReadonlyMap<string, Variable>[]): Variable | undefined {
  const name = rootOf(expression);
  return name && find(scopes, name.name);
}

/** `x` of `x`, `x.f`, `x[1].f`; not of `x->f`, which is elsewhere. */
export function rootOf(expression: Expression): Name | undefined {
  let at = expression;
  for (;;) {
    if (at.kind === "name") return at;
    if (at.kind === "member" && !at.isArrow) at = at.of;
    else if (at.kind === "index") at = at.of;
    else return undefined;
  }
}

export function nextOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "step":
    case "declare":
    case "assembly":
      return [node.next];
    case "branch":
    case "built":
      return [node.yes, node.no];
    case "each":
      return [node.body, node.done];
    case "switch":
      return [...node.cases.map(({ next }) => next), node.otherwise];
    default:
      return [];
  }
}

/** The nodes from which a way leads back to the head, and the head. */
function loopOf(head: Node, nodes: readonly Node[]): ReadonlySet<Node> {
  const before = new Map<Node, Node[]>();
  for (const node of nodes) for (const next of nextOf(node)) before.set(next, [...(before.get(next) ?? []), node]);
  const reached = new Set<Node>();
  const work = [head];
  for (let node = work.pop(); node !== undefined; node = work.pop())
    for (const next of nextOf(node))
      if (!reached.has(next)) {
        reached.add(next);
        work.push(next);
      }
  const found = new Set<Node>([head]);
  work.push(head);
  for (let node = work.pop(); node !== undefined; node = work.pop())
    for (const one of before.get(node) ?? [])
      if (reached.has(one) && !found.has(one)) {
        found.add(one);
        work.push(one);
      }
  return found;
}

/** What a node evaluates. */
export function expressionsOf(node: Node): readonly Expression[] {
  switch (node.kind) {
    case "step":
    case "return":
    case "value":
    case "switch":
      return node.of === undefined ? [] : [node.of];
    case "declare":
      return node.declaration.initialiser === undefined ? [] : [node.declaration.initialiser];
    case "branch":
      return [node.test];
    case "each":
      return node.each.args;
    default:
      return [];
  }
}

/** The statements directly within one. */
export function statementsIn(statement: Statement): readonly Statement[] {
  switch (statement.kind) {
    case "block":
      return statement.statements;
    case "if":
      return statement.else === undefined ? [statement.then] : [statement.then, statement.else];
    case "while":
    case "do":
    case "each":
    case "switch":
      return [statement.body];
    case "for":
      return [...statement.begin, statement.body];
    default:
      return [];
  }
}

/** The expressions directly within a statement. */
export function expressionsIn(statement: Statement): readonly Expression[] {
  const all = ((): readonly (Expression | undefined)[] => {
    switch (statement.kind) {
      case "expression":
      case "return":
      case "switch":
        return [statement.of];
      case "declaration":
        return [...statement.dimensions, statement.initialiser];
      case "if":
      case "while":
      case "do":
        return [statement.test];
      case "for":
        return [statement.test, statement.step];
      case "each":
        return statement.args;
      case "case":
        return [statement.value, statement.to];
      default:
        return [];
    }
  })();
  return all.filter((one): one is Expression => one !== undefined);
}

/** The expressions directly within one; those within statements are not among them. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "unary":
    case "update":
    case "member":
    case "cast":
      return [expression.of];
    case "binary":
    case "assignment":
      return [expression.left, expression.right];
    case "conditional":
      return expression.then === undefined
        ? [expression.test, expression.else]
        : [expression.test, expression.then, expression.else];
    case "call":
      return expression.name === "" ? [expression.callee, ...expression.args] : expression.args;
    case "index":
      return [expression.of, expression.index];
    case "compound":
      return expression.list.items.map(({ value }) => value);
    case "list":
      return expression.items.map(({ value }) => value);
    default:
      return [];
  }
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
