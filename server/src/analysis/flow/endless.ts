/** Loops that nobody can leave: nothing in them changes what they ask, or they ask nothing. */

import { type Graph, type Node, partsOf } from "./graph.ts";
import type { Routine } from "./routine.ts";
import type { Expression } from "./tree.ts";

export interface EndlessLoop {
  readonly head: Node;
  /** It asks something that nothing in it changes. */
  readonly asks: boolean;
}

export function endlessLoops({ graph }: Routine): readonly EndlessLoop[] {
  const heads = graph.nodes.filter(({ isLoop }) => isLoop);
  return heads.flatMap((head): readonly EndlessLoop[] => {
    const inside = loopOf(head, graph);
    if (inside === undefined) return [];
    const ways = [...inside].flatMap((node) =>
      nextOf(node)
        .filter((next) => !inside.has(next))
        .map(() => node),
    );
    if (ways.length === 0) return [{ head, asks: false }];
    const [only] = ways;
    if (only === undefined || ways.some((way) => way !== only) || only.kind !== "branch") return [];
    return isNeverChanged(only.test, inside, graph) ? [{ head, asks: true }] : [];
  });
}

/**
 * Whether a loop counts up to a limit, calls the kernel on the way, and is left by nothing else: then the verifier follows
 * every turn. `isKernels` tells helpers, of which the compiler leaves out none.
 */
export function countsUp(head: Node, graph: Graph, isKernels: (name: string) => boolean): boolean {
  if (head.kind !== "branch" || head.test.kind !== "binary" || !/^(?:<=?|!=)$/.test(head.test.operator)) return false;
  const { left, right } = head.test;
  const counter = left.kind === "name" ? graph.variableOf(left) : undefined;
  const inside = counter && loopOf(head, graph);
  if (counter === undefined || inside === undefined) return false;
  const nodes = [...inside];
  if (nodes.some((node) => node !== head && nextOf(node).some((next) => !inside.has(next)))) return false;
  const within = nodes.flatMap(expressionsOf);
  const calls = within.flatMap(callsIn);
  if (calls.length === 0 || !calls.every(isKernels)) return false;
  const steps = within.filter((one) => writes(one, counter.name));
  const isCounted = steps.length === 1 && steps[0] !== undefined && isStep(steps[0]);
  const isOwn = !graph.nodes.flatMap(expressionsOf).some((one) => hasAddressOf(one, counter.name));
  return (
    isCounted && isOwn && !declares(inside, counter.name) && !namesIn(right).some((name) => isWritten(name, within))
  );
}

function callsIn(expression: Expression): readonly string[] {
  const inner = partsOf(expression).flatMap(callsIn);
  return expression.kind === "call" ? [expression.name, ...inner] : inner;
}

/** `i++`, `i += 4`. */
function isStep(expression: Expression): boolean {
  if (expression.kind === "update") return expression.operator === "++";
  return expression.kind === "assignment" && expression.operator === "+" && expression.right.kind === "number";
}

function hasAddressOf(expression: Expression, name: string): boolean {
  if (expression.kind === "unary" && expression.operator === "&" && expression.of.kind === "name")
    return expression.of.name === name;
  if (expression.kind === "unknown") return expression.names.includes(name);
  return partsOf(expression).some((one) => hasAddressOf(one, name));
}

function namesIn(expression: Expression): readonly string[] {
  return expression.kind === "name" ? [expression.name] : partsOf(expression).flatMap(namesIn);
}

function isWritten(name: string, within: readonly Expression[]): boolean {
  return within.some((one) => writes(one, name) || hasAddressOf(one, name));
}

/** All nodes on a way from the head back to it; undefined where something is not understood, or leaves by itself. */
function loopOf(head: Node, graph: Graph): ReadonlySet<Node> | undefined {
  const before = new Map<Node, Node[]>();
  const reached = new Set<Node>([head]);
  for (const node of reached)
    for (const next of nextOf(node)) {
      reached.add(next);
      before.set(next, [...(before.get(next) ?? []), node]);
    }
  const inside = new Set<Node>([head]);
  for (const node of inside) for (const one of before.get(node) ?? []) inside.add(one);
  // A head that nothing leads back to is none.
  if (!(before.get(head) ?? []).some((one) => inside.has(one))) return undefined;
  for (const node of inside) {
    if (node.kind === "assembly" || node.kind === "built" || node.kind === "each" || node.kind === "switch")
      return undefined;
    if (expressionsOf(node).some(mayNotReturn)) return undefined;
  }
  return graph.nodes.includes(head) ? inside : undefined;
}

/** Where it goes on: a condition that is a number goes one way. */
function nextOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "step":
    case "declare":
    case "assembly":
      return [node.next];
    case "branch": {
      const { test, yes, no } = node;
      const known =
        test.kind === "number" ? test.value !== 0n : test.kind === "name" && test.name === "true" ? true : undefined;
      return known === undefined ? [yes, no] : [known ? yes : no];
    }
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

function expressionsOf(node: Node): readonly Expression[] {
  switch (node.kind) {
    case "step":
      return node.of === undefined ? [] : [node.of];
    case "declare":
      return node.declaration.initialiser === undefined ? [] : [node.declaration.initialiser];
    case "branch":
      return [node.test];
    default:
      return [];
  }
}

/** What throws, what is assembly, what nobody understands. */
function mayNotReturn(expression: Expression): boolean {
  if (expression.kind === "unknown" || expression.kind === "statements") return true;
  if (
    expression.kind === "call" &&
    /throw|assert|exit|abort|panic|unreachable|may_goto|cond_break/.test(expression.name)
  )
    return true;
  return partsOf(expression).some(mayNotReturn);
}

/** Whether a condition comes out as it did before, whatever the loop did. */
function isNeverChanged(test: Expression, inside: ReadonlySet<Node>, graph: Graph): boolean {
  const within = [...inside].flatMap(expressionsOf);
  // Who writes that of a variable says that it is not so: the verifier shall see that.
  if (within.length === 1 && !looksInside(test)) return false;
  const isQuiet = !within.some(changesMemory);
  // Arrays and structures are handed over without a `&`.
  const isPlain = (name: string, type: string): boolean =>
    !/\bstruct\b|\bunion\b|\[/.test(type) && !graph.nodes.flatMap(expressionsOf).some((one) => takesAddress(one, name));
  const isFixedName = (name: NameNode): boolean => {
    const variable = graph.variableOf(name);
    if (variable === undefined || (variable.declaration?.dimensions.length ?? 0) > 0) return false;
    if (!isQuiet && !isPlain(variable.name, variable.type)) return false;
    return !within.some((one) => writes(one, variable.name)) && !declares(inside, variable.name);
  };
  return isFixed(test, isFixedName, isQuiet);
}

function looksInside(expression: Expression): boolean {
  if (expression.kind === "member" || (expression.kind === "unary" && expression.operator === "*")) return true;
  return partsOf(expression).some(looksInside);
}

type NameNode = Extract<Expression, { kind: "name" }>;

function isFixed(expression: Expression, isFixedName: (name: NameNode) => boolean, isQuiet: boolean): boolean {
  switch (expression.kind) {
    case "number":
    case "sizeof":
      return true;
    case "name":
      return isFixedName(expression);
    case "binary":
      return isFixed(expression.left, isFixedName, isQuiet) && isFixed(expression.right, isFixedName, isQuiet);
    case "unary":
      return (expression.operator !== "*" || isQuiet) && isFixed(expression.of, isFixedName, isQuiet);
    case "cast":
      return isFixed(expression.of, isFixedName, isQuiet);
    case "member":
      return isQuiet && isFixed(expression.of, isFixedName, isQuiet);
    default:
      return false;
  }
}

/** Calls, and writing through a pointer, may change anything. */
function changesMemory(expression: Expression): boolean {
  if (expression.kind === "call") return true;
  if (expression.kind === "assignment" && expression.left.kind !== "name") return true;
  if (expression.kind === "update" && expression.of.kind !== "name") return true;
  return partsOf(expression).some(changesMemory);
}

function writes(expression: Expression, name: string): boolean {
  const target =
    expression.kind === "assignment" ? expression.left : expression.kind === "update" ? expression.of : undefined;
  return (target?.kind === "name" && target.name === name) || partsOf(expression).some((one) => writes(one, name));
}

function takesAddress(expression: Expression, name: string): boolean {
  if (expression.kind === "unary" && expression.operator === "&" && expression.of.kind === "name")
    return expression.of.name === name;
  if (expression.kind === "unknown") return expression.names.includes(name);
  // What a macro does with a name nobody knows.
  if (expression.kind === "call" && expression.args.some((arg) => arg.kind === "name" && arg.name === name))
    return true;
  return partsOf(expression).some((one) => takesAddress(one, name));
}

function declares(inside: ReadonlySet<Node>, name: string): boolean {
  return [...inside].some((node) => node.kind === "declare" && node.variable.name === name);
}
