/** What looks on while programs are walked through: one matter a file in watches/, which remembers what it needs per path. */

import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { ProgramMeaning } from "../knowledge/loaders.ts";
import type { Helper, KfuncFact } from "../knowledge/types.ts";
import type { BpfModel, MapFacts } from "../model.ts";
import type { Span } from "../text.ts";
import type { CType } from "./ctypes.ts";
import type { ReturnNode, Variable } from "./graph.ts";
import type { Path } from "./path.ts";
import type { Routine } from "./routine.ts";
import type { ArithmeticOperator, CallExpression, Comparison, Declaration, Expression } from "./tree.ts";
import type { NumberValue, PointerValue, Thing, Value, Values } from "./values.ts";

/** The program, or the function that is verified by itself, that is being walked through. */
export interface Root {
  readonly routine: Routine;
  /** What it is, where the file tells. */
  readonly meaning: ProgramMeaning | undefined;
  /** The name of the structure that it is given, or that all programs are given that call it. */
  readonly context: string | undefined;
  /** It is no program: a global function, which the verifier looks at by itself, or one that only others call later. */
  readonly isFunction: boolean;
}

/** What a walk offers to those who look on. */
export interface Walk {
  readonly model: BpfModel;
  readonly kb: KnowledgeBase;
  readonly root: Root;
  readonly values: Values;
  /** The C type of an expression of the function that is being walked through. */
  readonly typeOf: (expression: Expression, path: Path) => CType;
  /** Where something is shown in the file that is checked. */
  readonly spanOf: (path: Path, span: Span) => Span;
  /** In bytes, where that is known. */
  readonly sizeOf: (path: Path, thing: Thing) => number | undefined;
  /** Something is wrong here, on this path. One place is reported once for each kind. */
  readonly report: (path: Path, trouble: Trouble) => void;
}

/** Something that a kernel would refuse. Rules make their reports of it. */
export interface Trouble {
  /** What a rule asks for. */
  readonly kind: string;
  /** Tells it from others of its kind at the same place. */
  readonly apart?: string;
  readonly span: Span;
  /** What it is about, in words or by name. */
  readonly about: string;
  readonly node?: Expression | Declaration | undefined;
  readonly thing?: Thing | undefined;
  /** Anything that the rule needs to tell it well. */
  readonly facts?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Asked when all was walked through: whether it is still so. */
  readonly stands?: () => boolean;
  /** Places that belong to it, in the order in which they come about. */
  readonly story?: readonly { readonly span: Span; readonly message: string }[];
}

export interface CallEvent {
  readonly call: CallExpression;
  readonly name: string;
  readonly args: readonly Value[];
  readonly helper: Helper | undefined;
  readonly kfunc: KfuncFact | undefined;
  /** A function of the file that the verifier looks at by itself: it is not walked through here. */
  readonly routine?: Routine;
  /** Nobody knows what it does: a function or a macro from elsewhere. */
  readonly isUnknown: boolean;
  /** The map that the first argument is the address of. */
  readonly map: MapFacts | undefined;
  /** What it gives, as it is by then; a watch may give another. */
  readonly result: Value;
}

export interface AccessEvent {
  /** What is looked into. */
  readonly pointer: Value;
  readonly node: Expression;
  /** From the pointer, as far as it is known. */
  readonly offset: number | undefined;
  readonly size: number | undefined;
  readonly isWrite: boolean;
  /** The field, where one is named. */
  readonly field: string;
}

export interface ArithmeticEvent {
  readonly operator: ArithmeticOperator;
  readonly pointer: PointerValue;
  /** The other operand; a pointer only in a difference. */
  readonly other: Value;
  readonly node: Expression;
  readonly result: Value;
}

export interface AddressEvent {
  /** What comes of it. */
  readonly pointer: PointerValue;
  readonly node: Expression;
}

export interface CompareEvent {
  readonly operator: Comparison;
  readonly left: Value;
  readonly right: Value;
  /** Whether it came out so on this path. */
  readonly holds: boolean;
  readonly node: Expression;
}

export interface LeaveEvent {
  /** The function that is left. */
  readonly routine: Routine;
  readonly at: ReturnNode;
  readonly value: Value | undefined;
  /** The program is left. */
  readonly isLast: boolean;
}

export interface IndexEvent {
  readonly node: Expression;
  readonly index: Value;
  /** How many elements there are, where that is known. */
  readonly count: number | undefined;
  readonly thing: Thing | undefined;
}

export interface OperationEvent {
  readonly operator: ArithmeticOperator;
  readonly left: NumberValue;
  readonly right: NumberValue;
  readonly node: Expression;
}

export interface StoreEvent {
  /** A number where a value is kept somewhere that nobody knows: in an initialiser. */
  readonly pointer: Value;
  readonly value: Value;
  readonly node: Expression | Declaration;
  readonly size: number | undefined;
}

export interface LoseEvent {
  readonly variable: Variable;
  /** In which call of its function. */
  readonly frame: number;
}

/** Where a watch stands: the walk, the path, and what it remembers there. */
export interface On<S> {
  readonly walk: Walk;
  readonly path: Path;
  /** Replaced, never changed: paths share it. */
  slot: S;
}

export interface Watch<S = unknown> {
  readonly name: string;
  /** What it remembers at the start of a program. */
  start(walk: Walk): S;
  /**
   * Two paths on which it remembers the same go on as one. `nameOf` gives the id of a value or a thing as it is to be
   * compared; things that nobody can reach any more have an empty name.
   */
  key?(slot: S, nameOf: (id: number) => string): string;
  begin?(routine: Routine, on: On<S>): void;
  call?(event: CallEvent, on: On<S>): Value | undefined;
  access?(event: AccessEvent, on: On<S>): void;
  /** A part of a variable is read that is named by itself, `buf[3]`, `key.port`: no pointer is followed. */
  part?(event: AccessEvent, on: On<S>): void;
  arithmetic?(event: ArithmeticEvent, on: On<S>): void;
  /** The address of a part is taken, `&p->field`, or of what a part belongs to. */
  address?(event: AddressEvent, on: On<S>): void;
  operation?(event: OperationEvent, on: On<S>): void;
  compare?(event: CompareEvent, on: On<S>): void;
  index?(event: IndexEvent, on: On<S>): void;
  store?(event: StoreEvent, on: On<S>): void;
  /** Nobody knows any more what a variable has: a loop was gone through in one, or others may have written to it. */
  lose?(event: LoseEvent, on: On<S>): void;
  /** A variable is declared. */
  declare?(declaration: Declaration, pointer: PointerValue, on: On<S>): void;
  /** The value of a variable is used that nothing was written to. */
  uninitialised?(node: Expression, on: On<S>): void;
  leave?(event: LeaveEvent, on: On<S>): void;
}
