/** A check that leaves early, put behind the statement whose result it asks about, as the file writes its own. */

import { indentationAt, insertAt } from "../edits.ts";
import { partsOf, statementsIn } from "../flow/graph.ts";
import type { Expression, Return, Statement } from "../flow/tree.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import type { Position, Span, TextEdit } from "../text.ts";

export interface Asked {
  /** The variable that is asked about. */
  readonly name: string;
  /** What gave it its value. */
  readonly source: Span;
  /** Where it is used: the check must stand before. */
  readonly use: number;
  /** What is asked: `!value`. */
  readonly condition: string;
  /** What is done then, where leaving is not what helps: `len = 64;`. */
  readonly instead?: string | undefined;
}

/** Undefined where there is no place for it, where something is held meanwhile, or nobody can say what to leave with. */
export function checkBehind(asked: Asked, ctx: RuleContext): TextEdit | undefined {
  const { model } = ctx;
  const { lines } = model.code;
  const fn = model.functions.find(({ range }) => isWithin(asked.use, range, model));
  const routine = fn && model.routine(fn.name);
  if (fn === undefined || routine?.fn !== fn || !routine.body.isWhole) return undefined;
  const { body } = routine;
  const given = giver(body, asked);
  const spot = given && spotOf([body], given.start, undefined);
  const last = spot && lastOf(spot, asked);
  const at = last && endOfLine(last, model);
  if (at === undefined || lines.offsetAt(at) > asked.use) return undefined;
  if (asked.instead === undefined && isHolding(fn, asked, ctx)) return undefined;
  const word =
    asked.instead !== undefined
      ? asked.instead
      : spot?.isRepeated === true
        ? "continue;"
        : leaveWith(fn, body.statements, model);
  if (word === undefined) return undefined;
  const indent = indentationAt(lines.positionAt(last?.start ?? 0), model);
  return insertAt(at, `\n${checkText(asked.condition, word, indent, fn, model)}`);
}

function isWithin(offset: number, range: BpfFunction["range"], { code: { lines } }: BpfModel): boolean {
  return lines.offsetAt(range.start) <= offset && offset < lines.offsetAt(range.end);
}

/** `!value` or `value == NULL`, as the file has it. */
export function askedForNull(name: string, { code }: BpfModel): string {
  const spelled = count(code.text, /\bif ?\(\w+ == NULL\)/g);
  return spelled > count(code.text, /\bif ?\(!\w+\)/g) ? `${name} == NULL` : `!${name}`;
}

/** The statement that gives the variable what is asked about; undefined where several may. */
function giver(body: Statement, { name, source, use }: Asked): Statement | undefined {
  const all = givers(body, name, []).filter(({ start }) => start < use);
  if (all.filter(({ kind }) => kind === "declaration").length > 1) return undefined;
  const values = all.filter((one) => writtenIn(one, name) !== undefined);
  const sure = values.filter(({ start, end }) => start <= source.start && source.end <= end);
  return sure.length === 1 ? sure[0] : values.length === 1 ? values[0] : undefined;
}

/** Every statement that declares a variable of the name, or writes to it. */
function givers(statement: Statement, name: string, found: Statement[]): readonly Statement[] {
  if (statement.kind === "declaration" ? statement.name === name : writtenIn(statement, name) !== undefined)
    found.push(statement);
  for (const one of statementsIn(statement)) givers(one, name, found);
  return found;
}

/** What a statement gives the variable. */
function writtenIn(statement: Statement, name: string): Expression | undefined {
  if (statement.kind === "declaration") return statement.name === name ? statement.initialiser : undefined;
  if (statement.kind !== "expression" || statement.of.kind !== "assignment") return undefined;
  const { left, operator, right } = statement.of;
  return operator === undefined && left.kind === "name" && left.name === name ? right : undefined;
}

/** One statement more has a place behind this one. */
interface Spot {
  readonly statements: readonly Statement[];
  readonly index: number;
  /** In a loop that goes on by itself: then the next turn is left to it. */
  readonly isRepeated: boolean;
}

function spotOf(statements: readonly Statement[], offset: number, around: Statement | undefined): Spot | undefined {
  const index = statements.findIndex(({ start, end }) => start <= offset && offset < end);
  const statement = statements[index];
  if (statement === undefined) return undefined;
  if (statement.kind === "declaration" || statement.kind === "expression") {
    // What stands alone behind a condition, or at the head of a loop, has no place for more.
    const isRepeated = around?.kind === "for" || around?.kind === "each";
    return { statements, index, isRepeated };
  }
  // What moves such a loop on stands somewhere in it.
  if (statement.kind === "while" || statement.kind === "do") return undefined;
  const inner = statement.kind === "block" ? statement.statements : statementsIn(statement).filter(isBranch);
  return spotOf(inner, offset, statement.kind === "for" || statement.kind === "each" ? statement : around);
}

const isBranch = ({ kind }: Statement): boolean => kind === "block" || kind === "if";

/** Declarations stay together, as long as none of them uses it. */
function lastOf({ statements, index }: Spot, { name, use }: Asked): Statement | undefined {
  let last = statements[index];
  if (last?.kind !== "declaration") return last;
  for (const next of statements.slice(index + 1)) {
    if (next.kind !== "declaration" || next.end > use) break;
    if (next.initialiser !== undefined && names(next.initialiser, name)) break;
    last = next;
  }
  return last;
}

function names(expression: Expression, name: string): boolean {
  if (expression.kind === "name") return expression.name === name;
  if (expression.kind === "statements") return true;
  if (expression.kind === "unknown") return expression.names.includes(name);
  return partsOf(expression).some((part) => names(part, name));
}

/** Where a statement's line ends, with the empty line behind declarations; undefined where something else stands on it. */
function endOfLine({ kind, end }: Statement, { code }: BpfModel): Position | undefined {
  const { lines } = code;
  const { line, character } = lines.positionAt(end);
  // Of several variables in one declaration only the last ends with it.
  if (code.text[end - 1] !== ";") return undefined;
  if (!/^\s*(?:\/\/.*|\/\*.*\*\/\s*)?$/.test(lines.textOf(line).slice(character))) return undefined;
  const isSpaced = kind === "declaration" && line + 1 < lines.count && lines.textOf(line + 1).trim() === "";
  const at = isSpaced ? line + 1 : line;
  return { line: at, character: lines.textOf(at).length };
}

/** Calls after which something must be given back, or left, before the end. */
const HOLDS = /lock|reserve|acquire|preempt|irq|_new\b|get_ref/;

/** Leaving early would keep what something before has taken: whoever knows that writes the check. */
function isHolding(fn: BpfFunction, { use, source }: Asked, { model, kb }: RuleContext): boolean {
  const { lines } = model.code;
  return model.calls.some(({ in: around, name, range }) => {
    const start = lines.offsetAt(range.start);
    if (around !== fn || start >= use || (source.start <= start && start < source.end)) return false;
    const takes = kb.helper(name)?.acquires ?? kb.kfunc(name)?.flags.includes("KF_ACQUIRE");
    return takes === true || HOLDS.test(name);
  });
}

function checkText(condition: string, word: string, indent: string, fn: BpfFunction, { code }: BpfModel): string {
  const { text } = code;
  const head = count(text, /\bif\(/g) > count(text, /\bif \(/g) ? "if(" : "if (";
  const isBraced = count(text, BRACED) > count(text, BARE);
  const inner = `${indent}${levelOf(code.textOf(fn.range), indent)}${word}`;
  const first = `${indent}${head}${condition})`;
  return isBraced ? `${first} {\n${inner}\n${indent}}` : `${first}\n${inner}`;
}

const BRACED = /\bif ?\([^{};\n]*\)\s*\{\s*(?:return|goto|continue)\b/g;
const BARE = /\bif ?\([^{};\n]*\)\s*(?:return|goto|continue)\b/g;

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** By how much one level is further in than the one around it. */
function levelOf(text: string, indent: string): string {
  if (indent.includes("\t")) return "\t";
  return /\{[^\S\n]*\n([^\S\n]+)\S/.exec(text)?.[1] ?? "    ";
}

/** As the function leaves elsewhere, before its end if it does. */
function leaveWith(fn: BpfFunction, statements: readonly Statement[], model: BpfModel): string | undefined {
  const head = model.code.textOf({ start: fn.range.start, end: fn.nameRange.start });
  if (/\bvoid\s*$/.test(head)) return "return;";
  const returns: Return[] = [];
  for (const one of statements) collect(one, returns);
  const usual = mostUsual(returns.slice(0, -1), model) ?? mostUsual(returns, model);
  if (usual !== undefined) return `return ${usual};`;
  if (/\*\s*$/.test(head)) return "return NULL;";
  const harmless = HARMLESS.find(([section]) => section.test(fn.section?.name ?? ""))?.[1];
  return harmless && `return ${harmless};`;
}

/** What lets a packet pass, a call go on, or is asked by nobody, by the section of the program. */
const HARMLESS: readonly (readonly [RegExp, string])[] = [
  [/^\??xdp/, "XDP_PASS"],
  [
    /^\??(?:k|u)(?:ret)?probe|^\??(?:raw_)?(?:tp|tracepoint)\b|^\??(?:tp_btf|f(?:entry|exit)|iter|usdt|tcx?|classifier)\b/,
    "0",
  ],
];

function collect(statement: Statement, found: Return[]): void {
  if (statement.kind === "return") found.push(statement);
  for (const one of statementsIn(statement)) collect(one, found);
}

function mostUsual(returns: readonly Return[], model: BpfModel): string | undefined {
  const counts = new Map<string, number>();
  for (const { of } of returns) {
    if (of === undefined || !isFixed(of, model)) continue;
    const text = model.code.text.slice(of.start, of.end);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** The same wherever it stands: a number, the name of a constant. */
function isFixed(of: Expression, model: BpfModel): boolean {
  if (of.kind === "number") return true;
  if (of.kind === "name")
    return /^(?:true|false|[A-Z][A-Z0-9_]+)$/.test(of.name) || model.valueOf(of.name) !== undefined;
  return of.kind === "unary" && of.operator === "-" && isFixed(of.of, model);
}
