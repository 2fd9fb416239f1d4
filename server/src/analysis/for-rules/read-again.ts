/** For the rule about stale packet pointers: the packet's ends read again, and compared again, as the file did it before. */

import { indentationAt, insertAt } from "../edits.ts";
import type { Variable } from "../flow/graph.ts";
import type { Found } from "../flow/walk.ts";
import type { BpfModel, Call } from "../model.ts";
import type { Fix } from "../rule.ts";
import { comparePositions } from "../text.ts";
import { isStatement } from "./on-targets.ts";
import { END, wantedOf } from "./packet-checks.ts";

const START = /\b\w+->data\s*$/;

/**
 * Only where the function has one pointer into the packet, made once of the packet's start and compared once: then it is
 * plain what is to be done again. Undefined elsewhere.
 */
export function readAgain({ node, span, story = [] }: Found, model: BpfModel): Fix | undefined {
  const [cause] = story;
  const name = node === undefined || node.kind === "declaration" ? undefined : wantedOf(node)?.name;
  if (cause === undefined || name === undefined || node?.start !== span.start) return undefined;
  const { lines, text } = model.code;
  const call = model.calls.find(({ range }) => lines.offsetAt(range.start) === cause.span.start);
  const fn = call?.in;
  if (call === undefined || fn === undefined || !isStatement(call, model)) return undefined;
  const made = madeIn(model.routine(fn.name)?.graph.variables ?? [], text);
  const data = made.filter(({ value }) => START.test(value));
  const end = made.filter(({ value }) => END.test(value));
  const pointers = made.filter(
    (one) =>
      !START.test(one.value) && data.some(({ name: of }) => new RegExp(`(?<!->|\\.)\\b${of}\\b`).test(one.value)),
  );
  const [start, stop, pointer] = [data[0], end[0], pointers[0]];
  if (start === undefined || stop === undefined || data.length + end.length + pointers.length > 3) return undefined;
  if (name !== (pointer ?? start).name) return undefined;
  if (pointer !== undefined && !new RegExp(`^(?:\\([^()]*\\)\\s*)*${start.name}$`).test(pointer.value))
    return undefined;
  const again = [start, stop, ...(pointer === undefined ? [] : [pointer])];
  const before = text.slice(Math.max(...again.map(({ until }) => until)), cause.span.start);
  const between = text.slice(Math.max(...again.map(({ until }) => until)), span.start);
  const check = onlyCheck(before, stop.name);
  if (check === undefined || again.some((one) => isChanged(one.name, between))) return undefined;
  const indentation = indentationAt(call.range.start, model);
  const statements = [...again.map((one) => `${one.name} = ${one.value};`), ...check];
  const edit = insertAt(behind(call, model), statements.map((line) => `\n${indentation}${line}`).join(""));
  if (comparePositions(edit.range.start, lines.rangeOf(span).start) > 0) return undefined;
  return { title: `Read the packet again after ${call.name}()`, edits: [edit] };
}

interface Made {
  readonly name: string;
  /** As written. */
  readonly value: string;
  /** Where its declaration ends. */
  readonly until: number;
}

function madeIn(variables: readonly Variable[], text: string): readonly Made[] {
  return variables.flatMap(({ name, declaration }) => {
    if (declaration?.initialiser === undefined || /\*\s*const\b/.test(declaration.type)) return [];
    const { start, end } = declaration.initialiser;
    return [{ name, value: text.slice(start, end), until: declaration.end }];
  });
}

/** `if (eth + 1 > data_end) return 0;`, on two lines: the one comparison that there is. */
function onlyCheck(text: string, end: string): readonly string[] | undefined {
  const checks = [...text.matchAll(/\bif\s*(\([^;{}]*\))\s*(\{?)\s*((?:return|goto)\b[^;{}]*;)/g)];
  const [first, ...more] = checks.filter(([, condition = ""]) => new RegExp(`\\b${end}\\b`).test(condition));
  const uses = text.match(new RegExp(`\\b${end}\\b`, "g")) ?? [];
  if (first === undefined || more.length > 0 || uses.length !== 1 || /[=!]=|\+\+|--/.test(first[1] ?? ""))
    return undefined;
  const [, condition = "", , leave = ""] = first;
  return [`if ${condition.replace(/\s+/g, " ")}`, `\t${leave}`];
}

function isChanged(name: string, text: string): boolean {
  return new RegExp(`(?:\\+\\+|--|&)\\s*${name}\\b|\\b${name}\\s*(?:[-+*/|&^]?=(?!=)|\\+\\+|--)`).test(text);
}

/** Behind the semicolon. */
function behind({ range: { end } }: Call, { code: { lines } }: BpfModel) {
  const rest = lines.textOf(end.line).slice(end.character);
  return { line: end.line, character: end.character + rest.indexOf(";") + 1 };
}
