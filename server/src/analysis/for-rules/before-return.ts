/** Lines put before a `return`, in braces where there were none. */

import { indentationAt, insertAt, replace } from "../edits.ts";
import { statementsIn } from "../flow/graph.ts";
import type { Statement } from "../flow/tree.ts";
import type { BpfModel } from "../model.ts";
import type { Span, TextEdit } from "../text.ts";

/**
 * @param at a `return`, or the closing brace of a function
 * @param declared where the variable is declared that the lines need
 * @returns undefined where it takes more than putting lines in
 */
export function beforeReturn(
  at: Span,
  lines: readonly string[],
  model: BpfModel,
  declared?: number,
): readonly TextEdit[] | undefined {
  const around = statementsAround(at, model);
  const [body] = around;
  if (body === undefined) return undefined;
  // The variable must be there: it is declared in one of the blocks around.
  if (declared !== undefined && !around.some((one) => isDirectlyIn(declared, one))) return undefined;
  if (textOf(at, model) === "}") return at.end === body.end ? beforeBrace(at, lines, model) : undefined;
  const statement = around.at(-1);
  const parent = around.at(-2);
  if (statement?.kind !== "return" || statement.start !== at.start || parent === undefined) return undefined;
  if (!/^return\b/.test(textOf(at, model))) return undefined;
  return parent.kind === "block" || parent.kind === "switch"
    ? inBlock(at, lines, model)
    : inBraces(at, parent, lines, model);
}

/** The text of the line that a position is in, before it. */
function beforeOn(offset: number, { code }: BpfModel): string {
  const { line, character } = code.lines.rangeOf({ start: offset, end: offset }).start;
  return code.lines.textOf(line).slice(0, character);
}

function textOf(span: Span, { code }: BpfModel): string {
  return code.text.slice(span.start, span.end);
}

/** From the function's body to the innermost. */
function statementsAround(at: Span, model: BpfModel): readonly Statement[] {
  const { start } = model.code.lines.rangeOf(at);
  const fn = model.functions.find(({ range }) => range.start.line <= start.line && start.line <= range.end.line);
  const body = fn && model.routine(fn.name)?.body;
  if (body === undefined) return [];
  const found: Statement[] = [];
  let next: Statement | undefined = body;
  while (next !== undefined) {
    found.push(next);
    next = statementsIn(next).find((one) => one.start <= at.start && at.end <= one.end);
  }
  return found;
}

function isDirectlyIn(offset: number, block: Statement): boolean {
  return statementsIn(block).some((one) => one.kind === "declaration" && one.start <= offset && offset < one.end);
}

function inBlock({ start, end }: Span, lines: readonly string[], model: BpfModel): readonly TextEdit[] {
  const position = model.code.lines.rangeOf({ start, end }).start;
  const indentation = indentationAt(position, model);
  return [insertAt(position, lines.map((line) => `${line}\n${indentation}`).join(""))];
}

function beforeBrace(at: Span, lines: readonly string[], model: BpfModel): readonly TextEdit[] | undefined {
  const before = beforeOn(at.start, model);
  if (before.trim() !== "") return undefined;
  const { line } = model.code.lines.rangeOf(at).start;
  return [insertAt({ line, character: 0 }, lines.map((one) => `${before}${step(model)}${one}\n`).join(""))];
}

function inBraces(
  at: Span,
  parent: Statement,
  lines: readonly string[],
  model: BpfModel,
): readonly TextEdit[] | undefined {
  const { text, lines: places } = model.code;
  const from = text.slice(0, at.start).trimEnd().length;
  // A comment in between would swallow the brace.
  if (/\/\/|\*\/$/.test(beforeOn(from, model))) return undefined;
  const outer = indentationAt(places.rangeOf(parent).start, model);
  const inner = `${outer}${step(model)}`;
  const opening = ` {\n${[...lines, ""].map((line) => `${inner}${line}`).join("\n")}`;
  const edits = [replace(places.rangeOf({ start: from, end: at.start }), opening)];
  const hasElse = parent.kind === "if" && parent.else !== undefined && parent.then.start === at.start;
  if (!hasElse) return [...edits, insertAt(places.rangeOf(at).end, `\n${outer}}`)];
  const gap = /^\s*(?=else\b)/.exec(text.slice(at.end))?.[0];
  if (gap === undefined) return undefined;
  return [...edits, replace(places.rangeOf({ start: at.end, end: at.end + gap.length }), `\n${outer}} `)];
}

/** One step of indentation as the file has it. */
function step({ code }: BpfModel): string {
  return /\n\t/.test(code.text) ? "\t" : (/\n( {2,8})\S/.exec(code.text)?.[1] ?? "\t");
}
