/** What an expression comes to, and what happens meanwhile. It may go several ways: then there are several outcomes. */

import { branch, truth } from "./assume.ts";
import { callOf, isRegister } from "./calls.ts";
import {
  type CType,
  decayed,
  isAggregate,
  nameOf,
  numberType,
  pointee,
  readType,
  sizeOf,
  typeOf,
  UNKNOWN,
} from "./ctypes.ts";
import { partsOf } from "./graph.ts";
import { keptGlobal, loadedFrom } from "./loads.ts";
import {
  ANYTHING,
  arithmetic,
  commonType,
  type Interval,
  type NumberType,
  promoted,
  rangeOf,
  fitted as wrapped,
} from "./numbers.ts";
import type { Path } from "./path.ts";
import type { ArithmeticOperator, Binary, Expression, List } from "./tree.ts";
import type { NumberValue, PointerValue, Source, Value } from "./values.ts";
import type { Walker } from "./walk.ts";

export interface Outcome {
  readonly path: Path;
  readonly value: Value;
}

/** A place in memory, or a variable. */
export interface Place {
  /** To where it begins. Undefined for a variable that is no more than a value. */
  readonly pointer: Value;
  readonly type: CType;
  /** What was written to reach it. */
  readonly node: Expression;
  readonly field: string;
  /** It is a variable named by itself, or a part of one: nobody can refuse that. */
  readonly isDirect: boolean;
}

/** All outcomes, each on a path of its own. Most expressions have one. */
export function evaluate(expression: Expression, path: Path, walker: Walker): readonly Outcome[] {
  if (!walker.mayFork(expression)) return [{ path, value: valueIn(expression, path, walker) }];
  if (forks(expression)) return forkedValues(expression, path, walker);
  return prepare(expression, path, walker).map((one) => {
    const value = valueIn(expression, one, walker);
    one.prepared.clear();
    return { path: one, value };
  });
}

/**
 * Evaluates, within an expression, what may go several ways; what it came to is kept on each path for `valueIn`. C leaves
 * open in which order operands are evaluated.
 */
export function prepare(expression: Expression, path: Path, walker: Walker): readonly Path[] {
  if (!walker.mayFork(expression)) return [path];
  if (forks(expression)) {
    // What was kept for what surrounds it must outlive it.
    const before = [...path.prepared];
    return forkedValues(expression, path, walker).map(({ path: one, value }) => {
      for (const [other, known] of before) one.prepared.set(other, known);
      one.prepared.set(expression, value);
      return one;
    });
  }
  return prepareAll(partsOf(expression), path, walker);
}

function prepareAll(expressions: readonly Expression[], path: Path, walker: Walker): readonly Path[] {
  let paths: readonly Path[] = [path];
  for (const one of expressions) if (walker.mayFork(one)) paths = paths.flatMap((here) => prepare(one, here, walker));
  return paths;
}

/** What may itself go several ways, whatever its parts do. */
export function forks(expression: Expression): boolean {
  switch (expression.kind) {
    case "binary":
      return expression.operator === "&&" || expression.operator === "||";
    case "conditional":
    case "statements":
    case "call":
      return true;
    default:
      return false;
  }
}

function forkedValues(expression: Expression, path: Path, walker: Walker): readonly Outcome[] {
  switch (expression.kind) {
    case "binary": {
      const { yes, no } = branch(expression, path, walker);
      return [
        ...yes.map((one) => ({ path: one, value: walker.values.constant(1) })),
        ...no.map((one) => ({ path: one, value: walker.values.constant(0) })),
      ];
    }
    case "conditional":
      return conditional(expression, path, walker);
    case "statements":
      return walker.walk(path.frame.routine.graph.within(expression), path);
    case "call":
      return prepareAll(partsOf(expression), path, walker).flatMap((one) => {
        const outcomes = callOf(expression, one, walker);
        for (const outcome of outcomes) outcome.path.prepared.clear();
        return outcomes;
      });
    default:
      return [];
  }
}

/** What an expression comes to on one path; where it may go several ways that was found out before. */
export function valueIn(expression: Expression, path: Path, walker: Walker): Value {
  switch (expression.kind) {
    case "number": {
      const { value, suffix } = expression;
      if (value === undefined) return walker.values.number();
      const number = constantOf(value, walker);
      return suffix === "" ? number : walker.values.retyped(number, suffixed(suffix));
    }
    case "string":
      return stringOf(expression, path, walker);
    case "name":
      return nameValue(expression, path, walker);
    case "sizeof":
      return sizeValue(expression, path, walker);
    case "member":
    case "index":
      return load(placeOf(expression, path, walker), path, walker);
    case "unary":
      return unary(expression, path, walker);
    case "update":
      return update(expression, path, walker);
    case "binary":
      if (expression.operator !== "&&" && expression.operator !== "||") return binary(expression, path, walker);
      break;
    case "assignment":
      return assignment(expression, path, walker);
    case "call":
      if (!walker.mayFork(expression)) return callOf(expression, path, walker)[0]?.value ?? walker.values.number();
      break;
    case "cast": {
      const type = readType(expression.type, walker.model.types);
      return fitted(valueIn(expression.of, path, walker), type, path, walker);
    }
    case "compound":
      return compound(expression, path, walker);
    case "list":
      for (const { value } of expression.items) keep(valueIn(value, path, walker), value, path, walker);
      return walker.values.number();
    case "unknown":
      for (const name of expression.names) loseName(name, path, walker);
      return walker.values.number();
    default:
  }
  return path.prepared.get(expression) ?? walker.values.number();
}

/** What a variable that is declared with `{ .a = x }` has in its fields, as far as they are numbers and pointers. */
export function initialised(
  list: List,
  { thing }: PointerValue,
  type: CType,
  path: Path,
  walker: Walker,
): readonly Path[] {
  const { types } = walker.model;
  const isNamed = list.items.some(({ designator }) => designator !== "");
  const order = isNamed || list.items.length === 0 ? [] : (walker.model.recordOf(nameOf(type))?.fields ?? []);
  return prepare(list, path, walker).map((one) => {
    const values = list.items.map(({ value }) => valueIn(value, one, walker));
    one.prepared.clear();
    list.items.forEach(({ designator, value: node }, i) => {
      const name = isNamed ? /^\.(\w+)$/.exec(designator)?.[1] : order[i]?.name;
      const field = name === undefined ? undefined : types.field(type, name);
      const value = values[i];
      if (value === undefined) return;
      keep(value, node, one, walker);
      if (field === undefined || isAggregate(field.type, types)) return;
      const pointer = walker.values.pointer(thing, { offset: field.offset, path: `.${name}` });
      one.stores.set(placeKey(pointer), fitted(value, field.type, one, walker));
    });
    return one;
  });
}

/** A pointer in an initialiser stays where nobody follows it. */
function keep(value: Value, node: Expression, path: Path, walker: Walker): void {
  if (value.kind !== "pointer") return;
  walker.tell("store", { pointer: walker.values.constant(0), value, node, size: undefined }, path);
}

function constantOf(value: bigint, { values }: Walker): NumberValue {
  const number = Number(value);
  return Number.isSafeInteger(number)
    ? values.constant(number)
    : values.once(`constant ${value}`, () => values.number({ width: 8, isSigned: false, low: 2 ** 53 }));
}

/** `64u` makes what it is compared with a number without a sign. */
function suffixed(suffix: string): NumberType {
  return { width: suffix.includes("l") ? 8 : 4, isSigned: !suffix.includes("u") };
}

/** What `sizeof` gives has no sign either. */
const SIZE: NumberType = { width: 8, isSigned: false };

function stringOf(expression: Extract<Expression, { kind: "string" }>, path: Path, walker: Walker): PointerValue {
  return walker.values.once(`string ${path.frame.routine.name} ${expression.start}`, () => {
    const source: Source = { span: walker.spanOf(path, expression), name: "", kind: "global" };
    const thing = walker.values.thing({ kind: "global", source, size: expression.size, type: "char" });
    return walker.values.pointer(thing, { offset: 0 });
  });
}

function sizeValue(expression: Extract<Expression, { kind: "sizeof" }>, path: Path, walker: Walker): Value {
  const { model } = walker;
  if (expression.of?.kind === "string") return walker.values.constant(expression.of.size);
  const of = expression.of === undefined ? UNKNOWN : typeHere(expression.of, path, walker);
  const size =
    expression.operator === "sizeof" && of.kind !== "unknown"
      ? sizeOfWhole(expression.of, of, path, walker)
      : undefined;
  // Of an array without a number its initialiser says how many there are.
  if (size !== undefined && size > 0) return walker.values.retyped(walker.values.constant(size), SIZE);
  // `*x` alone would be read as a pointer.
  const isType = expression.of === undefined || expression.of.kind === "name";
  const known = isType ? model.valueOf(`${expression.operator}(${expression.text})`) : undefined;
  if (known !== undefined) return walker.values.retyped(constantOf(known, walker), SIZE);
  // The compiler knows it: it is the same whenever it is asked.
  const key = `${expression.operator} ${expression.text}`;
  return walker.values.once(key, () =>
    walker.values.number({
      low: expression.operator === "sizeof" ? 1 : 0,
      high: 1 << 20,
      width: 8,
      isSigned: false,
      source: { span: walker.spanOf(path, expression), name: key, kind: "global" },
    }),
  );
}

/** Of an array how many bytes all of it has, which its declaration says. */
function sizeOfWhole(of: Expression | undefined, type: CType, path: Path, walker: Walker): number | undefined {
  const { types } = walker.model;
  const variable = of?.kind === "name" ? path.frame.routine.graph.variableOf(of) : undefined;
  const dimensions = variable?.declaration?.dimensions ?? [];
  if (variable === undefined || dimensions.length === 0) return sizeOf(type, types);
  let size = sizeOf(readType(variable.type, types), types);
  for (const dimension of dimensions) {
    const count = dimension && constantIn(dimension, path, walker);
    size = size === undefined || count === undefined ? undefined : size * count;
  }
  return size;
}

/** A constant that an expression comes to without doing anything. */
function constantIn(expression: Expression, path: Path, walker: Walker): number | undefined {
  if (walker.mayFork(expression)) return undefined;
  const value = valueIn(expression, path, walker);
  return value.kind === "number" && value.low === value.high ? value.low : undefined;
}

/** In bytes what a variable takes on the stack, with all of its elements. */
export function sizeOfVariable(
  {
    type,
    declaration,
  }: {
    readonly type: string;
    readonly declaration: { readonly dimensions: readonly (Expression | undefined)[] } | undefined;
  },
  path: Path,
  walker: Walker,
): number | undefined {
  const { types } = walker.model;
  let size = sizeOf(readType(type, types), types);
  for (const dimension of declaration?.dimensions ?? []) {
    const count = dimension && constantIn(dimension, path, walker);
    size = size === undefined || count === undefined ? undefined : size * count;
  }
  return size;
}

export function typeHere(expression: Expression, path: Path, walker: Walker): CType {
  return typeOf(expression, walker.world.namesOf(path.frame.routine));
}

/** A number that may be anything its type can hold; of a pointer's type, a pointer that may point anywhere. */
export function unknownOf(type: CType, name: string, walker: Walker): Value {
  const source: Source = { span: NOWHERE, name, kind: "unknown" };
  return unknownFrom(type, source, "other", walker);
}

const NOWHERE = { start: 0, end: 0 };

export function unknownFrom(
  type: CType,
  source: Source,
  kind: "other" | "kernel" | "raw",
  walker: Walker,
): NumberValue | PointerValue {
  const { types } = walker.model;
  const plain = types.behind(type);
  if (plain.kind === "pointer") {
    const thing = walker.values.thing({ kind, source, nullness: "unknown", type: nameOf(plain.to ?? UNKNOWN) });
    return walker.values.pointer(thing, { offset: 0 });
  }
  const { width, isSigned } = numberType(type, types);
  const { low, high } = plain.kind === "unknown" ? ANYTHING : boundsOf({ width, isSigned }, plain);
  return walker.values.number({ low, high, width, isSigned, source });
}

function boundsOf(number: NumberType, type: CType) {
  return type.kind === "scalar" && (type.name === "bool" || type.name === "_Bool")
    ? { low: 0, high: 1 }
    : rangeOf(number);
}

/** A value as a variable of a type holds it. */
export function fitted(value: Value, type: CType, path: Path, walker: Walker): Value {
  if (value.kind !== "number") return value;
  const number = numberType(type, walker.model.types);
  if (number.width === undefined) return value;
  const plain = walker.model.types.behind(type);
  if (plain.kind === "pointer") return value;
  const { low, high } = path.boundsOf(value);
  if (plain.kind === "scalar" && (plain.name === "bool" || plain.name === "_Bool"))
    return low >= 0 && high <= 1 ? value : derive("bool", [value], { low: 0, high: 1 }, number, path, walker);
  const range = rangeOf(number);
  // Without a sign it may be larger than what 64 bits hold with one.
  if (value.isSigned === false && number.isSigned === true && number.width >= 8 && high === Number.POSITIVE_INFINITY)
    return derive("cast", [value], range, number, path, walker);
  // It keeps its worth: it is the same number, with another type.
  if (low >= range.low && high <= range.high) return walker.values.retyped(value, number);
  if (value.width === undefined && number.width >= 8) return walker.values.retyped(value, number);
  return derive("cast", [value], range, number, path, walker);
}

/**
 * What comes of other values: the same number wherever it comes of the same. What is known of it only on this path, because
 * more is known of its parts here, the path remembers.
 */
function derive(
  operator: string,
  operands: readonly Value[],
  here: Interval,
  type: NumberType,
  path: Path,
  walker: Walker,
): NumberValue {
  const made = walker.values.derived(operator, operands, anywhere(operator, operands, type), type);
  const { low, high, notZero } = path.boundsOf(made);
  if (here.low > low || here.high < high) {
    const bounds = { low: Math.max(low, here.low), high: Math.min(high, here.high) };
    if (bounds.low <= bounds.high)
      path.bounds.set(made.id, {
        low: bounds.low,
        high: bounds.high,
        notZero: notZero || bounds.low > 0 || bounds.high < 0,
        of: made,
      });
  }
  return made;
}

/** What it is on every path. */
function anywhere(operator: string, [left, right]: readonly Value[], type: NumberType): Interval {
  return left?.kind === "number" && right?.kind === "number" ? arithmetic(operator, left, right, type) : rangeOf(type);
}

function nameValue(expression: Extract<Expression, { kind: "name" }>, path: Path, walker: Walker): Value {
  const { name } = expression;
  const variable = path.frame.routine.graph.variableOf(expression);
  if (variable !== undefined) {
    const value = path.frame.variables.get(variable.index);
    // Most are read as they are.
    if (value !== undefined && value.kind !== "uninitialised" && !walker.isWhole(variable)) return value;
    return load(directPlace(expression, path, walker), path, walker);
  }
  const { model, values } = walker;
  if (name === "NULL" || name === "false") return values.constant(0);
  if (name === "true") return values.constant(1);
  const constant = model.valueOf(name) ?? kernelConstant(expression, path, walker);
  if (constant !== undefined) return constantOf(constant, walker);
  if (CONSTANT.test(name) && typeHere(expression, path, walker).kind === "unknown") return unseenConstant(name, walker);
  return globalValue(expression, path, walker);
}

/** What the kernel's headers say of a name of which the file and its headers say nothing: `XDP_TX` beside a `vmlinux.h`. */
function kernelConstant(
  expression: Extract<Expression, { kind: "name" }>,
  path: Path,
  walker: Walker,
): bigint | undefined {
  const { name } = expression;
  const first = name.charCodeAt(0);
  if (first < 65 || first > 90) return undefined;
  const fact = walker.kb.constant(name);
  if (fact === undefined || fact.except !== undefined || !/^-?(?:0x[\da-f]+|\d+)$/i.test(fact.value)) return undefined;
  if (typeHere(expression, path, walker).kind !== "unknown") return undefined;
  return fact.value.startsWith("-") ? -BigInt(fact.value.slice(1)) : BigInt(fact.value);
}

const CONSTANT = /^[A-Z][A-Z\d_]*$/;
/** `EINVAL`: from 1 to 4095, whatever it is. */
const ERROR = /^E[A-Z\d]+$/;

/** A constant of a header that nobody could follow. */
function unseenConstant(name: string, { values }: Walker): NumberValue {
  return values.once(`constant ${name}`, () => {
    const source: Source = { span: NOWHERE, name, kind: "global" };
    return ERROR.test(name)
      ? values.number({ low: 1, high: 4095, width: 4, isSigned: true, source })
      : values.number({ source, isLoose: true });
  });
}

function globalValue(expression: Extract<Expression, { kind: "name" }>, path: Path, walker: Walker): Value {
  const { name } = expression;
  const { model, values } = walker;
  const type = typeHere(expression, path, walker);
  const source: Source = { span: walker.spanOf(path, expression), name, kind: "global", from: "global" };
  const key = `global ${name}`;
  if (isAggregate(type, model.types)) return globalPointer(name, type, source, walker);
  // What was written to the first element of an array has the same name as what was written to a number.
  const stored = type.kind === "unknown" ? undefined : path.stores.get(key);
  if (stored !== undefined) return stored;
  if (walker.world.routines(name) !== undefined)
    return values.once(key, () => values.pointer(values.thing({ kind: "function", source, name }), { offset: 0 }));
  const kept = keptGlobal(name, source, path, walker);
  return kept ?? values.once(key, () => unknownFrom(type, source, "other", walker));
}

function globalPointer(name: string, type: CType, source: Source, walker: Walker): PointerValue {
  const { model, values } = walker;
  return values.once(`&global ${name}`, () => {
    const isMap = model.mapNamed(name) !== undefined;
    const size = isMap ? undefined : sizeOf(type, model.types) || undefined;
    const thing = values.thing({ kind: isMap ? "map" : "global", source, name, size, type: nameOf(type) });
    return values.pointer(thing, { offset: 0 });
  });
}

function directPlace(expression: Extract<Expression, { kind: "name" }>, path: Path, walker: Walker): Place {
  const variable = path.frame.routine.graph.variableOf(expression);
  const type = typeHere(expression, path, walker);
  if (variable !== undefined)
    return { pointer: walker.variablePointer(variable, path), type, node: expression, field: "", isDirect: true };
  const { name } = expression;
  const source: Source = { span: walker.spanOf(path, expression), name, kind: "global", from: "global" };
  return { pointer: globalPointer(name, type, source, walker), type, node: expression, field: "", isDirect: true };
}

/** Where something is that can be written to, or whose address can be taken. */
export function placeOf(expression: Expression, path: Path, walker: Walker): Place {
  const { types } = walker.model;
  switch (expression.kind) {
    case "name":
      return directPlace(expression, path, walker);
    case "member": {
      const of = typeHere(expression.of, path, walker);
      if (!expression.isArrow) return fieldPlace(expression, placeOf(expression.of, path, walker), of, walker);
      const type = pointee(of, types);
      const pointer = valueIn(expression.of, path, walker);
      return fieldPlace(expression, { pointer, type, node: expression, field: "", isDirect: false }, type, walker);
    }
    case "index":
      return indexed(expression, path, walker);
    case "unary":
      if (expression.operator !== "*") break;
      return {
        pointer: valueIn(expression.of, path, walker),
        type: pointee(typeHere(expression.of, path, walker), types),
        node: expression,
        field: "",
        isDirect: false,
      };
    case "compound":
      return {
        pointer: compoundPlace(expression, path, walker),
        type: readType(expression.type, types),
        node: expression,
        field: "",
        isDirect: true,
      };
    default:
  }
  const value = valueIn(expression, path, walker);
  const type = typeHere(expression, path, walker);
  // What a function gives is a structure of its own.
  if (value.kind === "pointer" && isAggregate(type, types))
    return { pointer: value, type, node: expression, field: "", isDirect: true };
  return { pointer: otherPointer(expression, path, walker), type, node: expression, field: "", isDirect: true };
}

function fieldPlace(
  expression: Extract<Expression, { kind: "member" }>,
  { pointer, isDirect }: Place,
  of: CType,
  walker: Walker,
): Place {
  const field = walker.model.types.field(of, expression.name);
  // A few bits hold less than their type.
  const type = field === undefined || field.isBits ? UNKNOWN : field.type;
  const node = expression;
  const { name } = expression;
  if (pointer.kind !== "pointer") return { pointer, type, node, field: name, isDirect };
  const offset =
    pointer.offset === undefined || field?.offset === undefined ? undefined : pointer.offset + field.offset;
  const path = `${pointer.path}.${name}`;
  const inside = walker.values.pointer(pointer.thing, { offset, added: pointer.added, path });
  return { pointer: inside, type, node, field: name, isDirect };
}

function indexed(expression: Extract<Expression, { kind: "index" }>, path: Path, walker: Walker): Place {
  const { types } = walker.model;
  const of = typeHere(expression.of, path, walker);
  const type = pointee(of, types);
  const isArray = types.behind(of).kind === "array" || isPartOfContext(expression.of, of, path);
  const base = isArray ? placeOf(expression.of, path, walker) : undefined;
  const pointer = base?.pointer ?? valueIn(expression.of, path, walker);
  const index = valueIn(expression.index, path, walker);
  tellIndex(expression, pointer, index, path, walker);
  const isRow = types.behind(type).kind === "array" || hasRows(expression.of, path);
  const moved = pointer.kind === "pointer" ? moveBy(pointer, index, sizeOf(type, types), path, walker, isRow) : pointer;
  return { pointer: moved, type, node: expression, field: "", isDirect: base?.isDirect ?? false };
}

/** What is indexed first of `int a[2][3]`: what stands there is an array again. */
function hasRows(of: Expression, path: Path): boolean {
  const variable = of.kind === "name" ? path.frame.routine.graph.variableOf(of) : undefined;
  return (variable?.declaration?.dimensions.length ?? 0) > 1;
}

/** `ctx->args[1]`, of a type that the file does not know: what is indexed in a context is in it. */
function isPartOfContext(of: Expression, type: CType, path: Path): boolean {
  if (type.kind !== "unknown" || of.kind !== "member" || !of.isArrow || of.of.kind !== "name") return false;
  const variable = path.frame.routine.graph.variableOf(of.of);
  const value = variable && path.frame.variables.get(variable.index);
  return value?.kind === "pointer" && value.thing.kind === "context";
}

function tellIndex(
  node: Extract<Expression, { kind: "index" }>,
  pointer: Value,
  index: Value,
  path: Path,
  walker: Walker,
): void {
  const count = countOf(node.of, path, walker);
  const thing = pointer.kind === "pointer" ? pointer.thing : undefined;
  walker.tell("index", { node, index, count, thing }, path);
}

/** How many elements an array has, by its declaration. */
function countOf(of: Expression, path: Path, walker: Walker): number | undefined {
  const variable = of.kind === "name" ? path.frame.routine.graph.variableOf(of) : undefined;
  const dimension = variable?.declaration?.dimensions[0];
  if (dimension !== undefined) return constantIn(dimension, path, walker);
  if (variable !== undefined) return undefined;
  const type = walker.model.types.behind(typeHere(of, path, walker));
  if (type.kind !== "array" || type.count === "") return undefined;
  const count = walker.model.valueOf(type.count);
  return count === undefined || count <= 0n ? undefined : Number(count);
}

/**
 * A pointer so many elements further on. The first row of an array of arrays has a name as the others do: `a[0][1]` is not
 * `a[1][0]`.
 */
function moveBy(
  pointer: PointerValue,
  by: Value,
  size: number | undefined,
  path: Path,
  walker: Walker,
  isRow = false,
): PointerValue {
  const { thing, offset, added } = pointer;
  if (by.kind !== "number")
    return walker.values.pointer(thing, { offset: undefined, added, path: `${pointer.path}[?]` });
  const { low, high } = path.boundsOf(by);
  if (low === high && Number.isFinite(low)) {
    const moved = offset === undefined || size === undefined ? undefined : offset + low * size;
    const place = low === 0 && !isRow ? pointer.path : `${pointer.path}[${low}]`;
    return walker.values.pointer(thing, { offset: moved, added, path: place });
  }
  const type: NumberType = { width: 8, isSigned: true };
  const scaled =
    size === 1
      ? by
      : size === undefined
        ? walker.values.derived("scaled", [by], ANYTHING, type)
        : derive(
            "*",
            [by, walker.values.constant(size)],
            arithmetic("*", path.boundsOf(by), { low: size, high: size }, type),
            type,
            path,
            walker,
          );
  return walker.values.pointer(thing, { offset, added: [...added, scaled], path: `${pointer.path}[${by.id}]` });
}

export function placeKey(pointer: PointerValue): string {
  return ownerKey(pointer) + pointer.path;
}

/** Of the whole that a pointer points into. */
function ownerKey({ thing }: PointerValue): string {
  if (thing.variable !== undefined) return `${thing.frame}:${thing.variable.index}`;
  return thing.kind === "global" && thing.name !== "" ? `global ${thing.name}` : `${thing.id}`;
}

/** What stands at a place. */
export function load(place: Place, path: Path, walker: Walker): Value {
  const { pointer, type, node, isDirect } = place;
  const { model, values } = walker;
  if (pointer.kind !== "pointer") {
    // An array is its address.
    if (model.types.behind(type).kind === "array") return pointer;
    if (!isDirect) tellAccess(place, false, path, walker);
    const source: Source = { span: walker.spanOf(path, node), name: `.${place.field}`, kind: "load", from: "raw" };
    if (pointer.kind === "uninitialised") return values.number({ source });
    return values.once(`load ${pointer.id} ${place.field}`, () => unknownFrom(type, source, "other", walker));
  }
  const { thing } = pointer;
  const { variable } = thing;
  const isWhole = pointer.path === "" && pointer.added.length === 0;
  if (isAggregate(type, model.types)) {
    // An array is its address; a structure is passed on as a whole.
    if (!isDirect && model.types.behind(type).kind !== "array") tellAccess(place, false, path, walker);
    return pointer;
  }
  if (!isDirect) tellAccess(place, false, path, walker);
  if (variable !== undefined && isWhole) {
    const frame = path.frames.find(({ id }) => id === thing.frame);
    const value = frame?.variables.get(variable.index);
    if (value === undefined) return unknownOf(type, variable.name, walker);
    if (value.kind !== "uninitialised") return value;
    walker.tell("uninitialised", node, path);
    // Said once is enough.
    const unknown = unknownOf(type, variable.name, walker);
    frame?.variables.set(variable.index, unknown);
    return unknown;
  }
  if (isDirect && walker.hears("part")) tellPart(place, pointer, path, walker);
  const key = placeKey(pointer);
  return path.stores.get(key) ?? loaded(place, pointer, key, path, walker);
}

function loaded(place: Place, pointer: PointerValue, key: string, path: Path, walker: Walker): Value {
  const { values } = walker;
  const { thing } = pointer;
  const name = place.field === "" ? thing.name : `.${place.field}`;
  const span = walker.spanOf(path, place.node);
  const source: Source = { span, name, kind: "load", from: thing.kind, of: thing.source };
  const given = loadedFrom(thing, place, source, path, walker);
  if (given !== undefined) return given;
  const fetched = thing.variable === undefined ? undefined : path.stores.get(fetchedKey(pointer));
  if (fetched?.kind === "number" && fetched.source !== undefined) {
    const from = fetched.source;
    return values.once(`load ${key} ${fetched.id}`, () => unknownFrom(place.type, from, "raw", walker));
  }
  return values.once(`load ${key}`, () =>
    unknownFrom(place.type, source, thing.kind === "kernel" ? "kernel" : "other", walker),
  );
}

function tellPart({ type, node, field }: Place, pointer: PointerValue, path: Path, walker: Walker): void {
  const size = sizeOf(type, walker.model.types);
  walker.tell("part", { pointer, node, offset: pointer.offset, size, isWrite: false, field }, path);
}

/** Says that something is looked into, or written to. */
export function tellAccess(place: Place, isWrite: boolean, path: Path, walker: Walker): void {
  const { pointer, type, node, field } = place;
  if (!isWrite && node === walker.dropped) return;
  const size = sizeOf(type, walker.model.types);
  const offset = pointer.kind === "pointer" ? pointer.offset : undefined;
  walker.tell("access", { pointer, node, offset, size, isWrite, field }, path);
}

/** Writes a value to a place. */
export function store(place: Place, given: Value, path: Path, walker: Walker): void {
  const { pointer, type, isDirect } = place;
  if (!isDirect) tellAccess(place, true, path, walker);
  if (pointer.kind !== "pointer") return;
  const value = fitted(given, type, path, walker);
  const { thing } = pointer;
  const size = sizeOf(type, walker.model.types);
  walker.tell("store", { pointer, value, node: place.node, size }, path);
  const key = placeKey(pointer);
  const isSure = pointer.added.length === 0;
  forgetWithin(isSure ? key : ownerKey(pointer), path);
  if (thing.variable !== undefined && pointer.path === "" && isSure) {
    const frame = path.frames.find(({ id }) => id === thing.frame);
    frame?.variables.set(thing.variable.index, value);
  } else if (isSure && !isAggregate(type, walker.model.types)) path.stores.set(key, value);
}

/** What was known of the parts of something that is written to as a whole. */
function forgetWithin(key: string, path: Path): void {
  if (path.stores.size === 0) return;
  for (const one of path.stores.keys())
    if (one === key || one.startsWith(`${key}.`) || one.startsWith(`${key}[`)) path.stores.delete(one);
}

/**
 * Somebody may have written anything to what a pointer points to: no more than `size` bytes, where that is known, and
 * only numbers where it was read there. `by` is who did.
 */
export function clobber(
  value: Value,
  path: Path,
  walker: Walker,
  {
    size,
    read,
    by,
  }: {
    readonly size?: number | undefined;
    readonly read?: Source | undefined;
    readonly by?: Source;
  } = {},
): void {
  if (value.kind !== "pointer") return;
  const { thing } = value;
  forgetWithin(ownerKey(value), path);
  if (thing.variable === undefined) return;
  const frame = path.frames.find(({ id }) => id === thing.frame);
  if (frame === undefined) return;
  const type = readType(thing.variable.type, walker.model.types);
  const isWhole = isAggregate(type, walker.model.types) || (thing.variable.declaration?.dimensions.length ?? 0) > 0;
  const unknown = isWhole
    ? walker.values.number()
    : read !== undefined
      ? unknownFrom(type, read, "raw", walker)
      : by === undefined
        ? unknownOf(type, thing.variable.name, walker)
        : unknownFrom(type, by, "other", walker);
  if (isWhole && read !== undefined && value.path === "") {
    const name = fetchedKey(value);
    path.stores.set(
      name,
      walker.values.once(`${name} ${read.span.start}`, () => walker.values.number({ source: read })),
    );
  }
  frame.variables.set(thing.variable.index, unknown);
  walker.tell("store", { pointer: value, value: unknown, node: NOTHING, size }, path);
  walker.tell("lose", { variable: thing.variable, frame: thing.frame }, path);
}

/** Where it stands that all of a variable was fetched; written anew, it is forgotten with its fields. */
function fetchedKey(pointer: PointerValue): string {
  return `${ownerKey(pointer)}.fetched()`;
}

const NOTHING: Expression = { kind: "unknown", names: [], start: 0, end: 0 };

function loseName(name: string, path: Path, walker: Walker): void {
  for (const variable of path.frame.routine.graph.variables) {
    if (variable.name !== name) continue;
    const value = path.frame.variables.get(variable.index);
    if (value?.kind === "pointer") clobber(value, path, walker);
    clobber(walker.variablePointer(variable, path), path, walker);
  }
}

function unary(expression: Extract<Expression, { kind: "unary" }>, path: Path, walker: Walker): Value {
  const { operator, of } = expression;
  const { values } = walker;
  if (operator === "*") return load(placeOf(expression, path, walker), path, walker);
  if (operator === "&") {
    if (of.kind === "name" && path.frame.routine.graph.variableOf(of) === undefined)
      return addressOfGlobal(of, path, walker);
    // Where it lies among the others: nothing is read yet.
    if (of.kind === "call" && isRegister(of.name)) return otherPointer(of, path, walker);
    const { pointer, isDirect } = placeOf(of, path, walker);
    if (!isDirect && pointer.kind === "pointer") walker.tell("address", { pointer, node: expression }, path);
    return pointer;
  }
  const value = valueIn(of, path, walker);
  if (operator === "+") return value;
  if (operator === "!") {
    if (value.kind === "uninitialised") return values.number();
    const { low, high, notZero } = value.kind === "number" ? path.boundsOf(value) : { low: 0, high: 1, notZero: false };
    if (low === 0 && high === 0) return values.constant(1);
    if (notZero) return values.constant(0);
    return values.derived("!", [value], { low: 0, high: 1, width: 4, isSigned: true });
  }
  if (value.kind !== "number") return values.number();
  const { low, high } = path.boundsOf(value);
  const type = promoted(value);
  if (low === high && Number.isFinite(low)) {
    const number = operator === "-" ? -low : -low - 1;
    const range = rangeOf(type);
    if (number >= range.low && number <= range.high) return values.constant(number);
    if (type.width === 4) return values.constant(number + 2 ** 32);
  }
  const bounds = operator === "-" ? wrapped({ low: -high, high: -low }, type) : rangeOf(type);
  return derive(operator, [value], bounds, type, path, walker);
}

function otherPointer(expression: Expression, path: Path, walker: Walker): Value {
  const source: Source = { span: walker.spanOf(path, expression), name: "", kind: "unknown" };
  return walker.values.pointer(walker.values.thing({ kind: "other", source, nullness: "unknown" }));
}

function addressOfGlobal(of: Extract<Expression, { kind: "name" }>, path: Path, walker: Walker): Value {
  const source: Source = { span: walker.spanOf(path, of), name: of.name, kind: "global", from: "global" };
  if (walker.world.routines(of.name) !== undefined) return globalValue(of, path, walker);
  return globalPointer(of.name, typeHere(of, path, walker), source, walker);
}

function update(expression: Extract<Expression, { kind: "update" }>, path: Path, walker: Walker): Value {
  const one = walker.values.constant(1);
  const operator = expression.operator === "++" ? "+" : "-";
  const place = placeOf(expression.of, path, walker);
  const before = load(place, path, walker);
  const after = combine({ operator, left: before, right: one, node: expression }, place.type, path, walker);
  store(place, after, path, walker);
  return expression.isPrefix ? after : before;
}

function binary(expression: Binary, path: Path, walker: Walker): Value {
  const { operator, left, right } = expression;
  const first = valueIn(left, path, walker);
  const second = valueIn(right, path, walker);
  if (operator === "," || operator === "&&" || operator === "||") return second;
  if (isComparison(operator))
    return walker.values.derived(operator, [first, second], { low: 0, high: 1, width: 4, isSigned: true });
  const combined = { operator, left: first, right: second, node: expression };
  return combine(combined, typeHere(left, path, walker), path, walker, typeHere(right, path, walker));
}

function isComparison(operator: string): operator is "==" | "!=" | "<" | ">" | "<=" | ">=" {
  return /^(?:[<>]=?|[=!]=)$/.test(operator);
}

interface Combined {
  readonly operator: ArithmeticOperator;
  readonly left: Value;
  readonly right: Value;
  readonly node: Expression;
}

/** What arithmetic comes to; `type` is that of the left operand. */
function combine(
  { operator, left, right, node }: Combined,
  type: CType,
  path: Path,
  walker: Walker,
  otherType: CType = UNKNOWN,
): Value {
  const { values, model } = walker;
  if (left.kind === "pointer" || right.kind === "pointer") {
    const [pointer, other] = left.kind === "pointer" ? [left, right] : [right as PointerValue, left];
    const pointerType = left.kind === "pointer" ? type : otherType;
    const result = movedPointer(operator, pointer, other, pointerType, left.kind === "pointer", path, walker);
    walker.tell("arithmetic", { operator, pointer, other, node, result }, path);
    return result;
  }
  if (left.kind !== "number" || right.kind !== "number") return values.number();
  if (walker.hears("operation")) walker.tell("operation", { operator, left, right, node }, path);
  // What C calls a pointer, and nobody knows more of, moves by its elements.
  const pointed = decayed(type, model.types);
  const number: NumberType =
    pointed.kind === "pointer"
      ? { width: 8, isSigned: false }
      : operator === "<<" || operator === ">>"
        ? promoted(left)
        : commonType(left, right);
  const bounds = arithmetic(operator, path.boundsOf(left), path.boundsOf(right), number);
  if (bounds.low === bounds.high && Number.isFinite(bounds.low)) {
    const made = values.constant(bounds.low);
    return number.width === undefined ? made : values.retyped(made, number);
  }
  return derive(operator, [left, right], bounds, number, path, walker);
}

function movedPointer(
  operator: ArithmeticOperator,
  pointer: PointerValue,
  other: Value,
  type: CType,
  isFirst: boolean,
  path: Path,
  walker: Walker,
): Value {
  const { values, model } = walker;
  if (other.kind === "pointer")
    return operator === "-" && isFirst
      ? values.derived("-", [pointer, other], ANYTHING, { width: 8, isSigned: true })
      : values.number();
  if (other.kind !== "number" || (operator !== "+" && (operator !== "-" || !isFirst))) {
    // Bits of a pointer: the verifier has rules of its own for that.
    return values.number();
  }
  const plain = decayed(type, model.types);
  // `(long)p + 4` counts bytes.
  const size =
    plain.kind === "pointer" ? sizeOf(plain.to ?? UNKNOWN, model.types) : plain.kind === "unknown" ? undefined : 1;
  const by =
    operator === "+"
      ? other
      : derive(
          "-",
          [other],
          wrapped({ low: -path.boundsOf(other).high, high: -path.boundsOf(other).low }, { width: 8, isSigned: true }),
          { width: 8, isSigned: true },
          path,
          walker,
        );
  return moveBy(pointer, constantWhere(by, path, walker), size, path, walker);
}

/** A number of which the path knows the worth is that number. */
function constantWhere(value: Value, path: Path, { values }: Walker): Value {
  if (value.kind !== "number") return value;
  const { low, high } = path.boundsOf(value);
  return low === high && Number.isFinite(low) ? values.constant(low) : value;
}

function assignment(expression: Extract<Expression, { kind: "assignment" }>, path: Path, walker: Walker): Value {
  const { operator, left, right } = expression;
  const given = valueIn(right, path, walker);
  const place = placeOf(left, path, walker);
  let value = given;
  if (operator !== undefined) {
    const before = load(place, path, walker);
    const type = typeHere(right, path, walker);
    value = combine({ operator, left: before, right: given, node: expression }, place.type, path, walker, type);
  }
  store(place, value, path, walker);
  return value;
}

function conditional(
  expression: Extract<Expression, { kind: "conditional" }>,
  path: Path,
  walker: Walker,
): readonly Outcome[] {
  const { test, then } = expression;
  if (then === undefined)
    return evaluate(test, path, walker).flatMap((outcome) => {
      const { yes, no } = truth(outcome, test, walker);
      return [
        ...(yes === undefined ? [] : [{ path: yes, value: outcome.value }]),
        ...(no === undefined ? [] : evaluate(expression.else, no, walker)),
      ];
    });
  const { yes, no } = branch(test, path, walker);
  return [
    ...yes.flatMap((one) => evaluate(then, one, walker)),
    ...no.flatMap((one) => evaluate(expression.else, one, walker)),
  ];
}

/** `(struct key){ … }`: something on the stack that is written to as a whole. */
function compound(expression: Extract<Expression, { kind: "compound" }>, path: Path, walker: Walker): Value {
  const { types } = walker.model;
  const type = readType(expression.type, types);
  const values = expression.list.items.map(({ value }) => valueIn(value, path, walker));
  for (const value of values) keep(value, expression, path, walker);
  return isAggregate(type, types) ? unnamed(expression, type, path, walker) : (values[0] ?? walker.values.constant(0));
}

/** Of `&(int){0}` the address is wanted, and not the number. */
function compoundPlace(expression: Extract<Expression, { kind: "compound" }>, path: Path, walker: Walker): Value {
  const value = compound(expression, path, walker);
  const type = readType(expression.type, walker.model.types);
  return isAggregate(type, walker.model.types) ? value : unnamed(expression, type, path, walker);
}

function unnamed(
  expression: Extract<Expression, { kind: "compound" }>,
  type: CType,
  path: Path,
  walker: Walker,
): PointerValue {
  const source: Source = { span: walker.spanOf(path, expression), name: expression.type, kind: "unknown" };
  const thing = walker.values.thing({
    kind: "memory",
    source,
    type: expression.type,
    size: sizeOf(type, walker.model.types),
  });
  return walker.values.pointer(thing, { offset: 0 });
}
