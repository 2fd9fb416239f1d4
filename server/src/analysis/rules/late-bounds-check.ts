/** Rule: a loop looks at an element of an array before it asks whether there is one. */

import { replace } from "../edits.ts";
import { expressionsIn, partsOf, statementsIn } from "../flow/graph.ts";
import type { Routine } from "../flow/routine.ts";
import type { Binary, Expression, For, Statement } from "../flow/tree.ts";
import { roomBeside } from "../for-rules/section-room.ts";
import type { BpfModel, Global } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const lateBoundsCheck: Rule = {
  slow: true,
  meta: {
    id: "late-bounds-check",
    group: "paths",
    summary: "Loop that looks at an element before it compares the index",
    rationale: `In \`a[i] && i < N\` the element behind the last is read before \`i < N\` is asked, and the verifier refuses to read it.
Compare first. Only of \`volatile\` arrays anything is said, as user space fills them in before a load: clang must read those as
written, and may read less of others. Of variables that may have another one behind them nothing is said either. Of a \`const volatile\` array the kernel knows what it has, so a zero in it ends the loop in time.`,
    severity: "warning",
    fix: "safe",
    examples: [
      {
        bad: `const volatile char wanted[16] = "abcdefghijklmnop";

SEC("tc")
int length(struct __sk_buff *skb)
{
	int i;

	for (i = 0; wanted[i] != 0 && i < 16; i++)
		;
	return i;
}`,
        good: `const volatile char wanted[16] = "abcdefghijklmnop";

SEC("tc")
int length(struct __sk_buff *skb)
{
	int i;

	for (i = 0; i < 16 && wanted[i] != 0; i++)
		;
	return i;
}`,
        refused: { by: "kernel", says: "invalid access to map value" },
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    const { lines } = model.code;
    // Bodies are read for nothing in most files.
    if (!model.globals.some(({ bounds, range }) => bounds !== "" && /\bvolatile\b/.test(model.code.textOf(range))))
      return;
    for (const fn of model.functions) {
      if (fn.section === undefined && model.sitesOf(fn.name).length === 0) continue;
      const routine = model.routine(fn.name);
      if (routine === undefined || routine.fn !== fn || !routine.body.isWhole) continue;
      for (const loop of loopsIn(routine.body)) {
        const found = lateIn(loop, routine, model);
        if (found === undefined) continue;
        const { array, read, asked, count } = found;
        yield {
          range: lines.rangeOf(read),
          message: `${array} has ${count} elements, and is read at the index before that is compared: the verifier refuses it`,
          fixes: fixOf(found, model),
          related: [{ range: lines.rangeOf(asked), message: "this comes too late" }],
        };
      }
    }
  },
};

function loopsIn(statement: Statement): readonly For[] {
  const inner = statementsIn(statement).flatMap(loopsIn);
  return statement.kind === "for" ? [statement, ...inner] : inner;
}

interface Late {
  readonly array: string;
  readonly count: number;
  readonly read: Expression;
  readonly asked: Expression;
  readonly test: Binary;
}

/** The loop counts up by one, so that it comes to the first element that is not there. */
function lateIn({ test, step, body }: For, routine: Routine, model: BpfModel): Late | undefined {
  if (test?.kind !== "binary" || test.operator !== "&&" || step?.kind !== "update" || step.operator !== "++")
    return undefined;
  const counter = step.of.kind === "name" ? routine.graph.variableOf(step.of) : undefined;
  if (counter === undefined || isChanged(body, counter.name)) return undefined;
  const isCounter = (one: Expression): boolean => one.kind === "name" && routine.graph.variableOf(one) === counter;
  const parts = conjuncts(test);
  const at = parts.findIndex((part) => limitIn(part, isCounter, model) !== undefined);
  const asked = parts[at];
  const limit = asked && limitIn(asked, isCounter, model);
  if (asked === undefined || limit === undefined) return undefined;
  // What else is asked before may keep it from getting there.
  const before = parts.slice(0, at);
  if (before.some((part) => comparesCounter(part, isCounter))) return undefined;
  for (const read of before.flatMap(within)) {
    if (read.kind !== "index" || !isCounter(read.index) || read.of.kind !== "name") continue;
    const count = elementsOf(read.of, routine, model);
    if (count !== undefined && count <= limit) return { array: read.of.name, count, read, asked, test };
  }
  return undefined;
}

function conjuncts(test: Expression): readonly Expression[] {
  return test.kind === "binary" && test.operator === "&&"
    ? [...conjuncts(test.left), ...conjuncts(test.right)]
    : [test];
}

/** An expression and all in it that is surely evaluated with it. */
function within(expression: Expression): readonly Expression[] {
  if (expression.kind === "conditional" || expression.kind === "call") return [expression];
  if (expression.kind === "binary" && expression.operator === "||") return within(expression.left);
  return [expression, ...partsOf(expression).flatMap(within)];
}

/** The largest index at which the element is still looked at. */
function limitIn(part: Expression, isCounter: (one: Expression) => boolean, model: BpfModel): number | undefined {
  if (part.kind !== "binary" || !/^(?:<=?|!=)$/.test(part.operator) || !isCounter(part.left)) return undefined;
  const value = model.valueOf(model.code.text.slice(part.right.start, part.right.end));
  return value === undefined ? undefined : Number(value) + (part.operator === "<=" ? 1 : 0);
}

function comparesCounter(part: Expression, isCounter: (one: Expression) => boolean): boolean {
  if (part.kind === "index") return false;
  return isCounter(part) || partsOf(part).some((one) => comparesCounter(one, isCounter));
}

function isChanged(statement: Statement, name: string): boolean {
  const changes = (one: Expression): boolean => {
    const target = one.kind === "assignment" ? one.left : one.kind === "update" ? one.of : undefined;
    const isAddress = one.kind === "unary" && one.operator === "&" && one.of.kind === "name" && one.of.name === name;
    return (target?.kind === "name" && target.name === name) || isAddress || partsOf(one).some(changes);
  };
  return expressionsIn(statement).some(changes) || statementsIn(statement).some((one) => isChanged(one, name));
}

/** How many elements a volatile array of the file has, where it may be without a zero. */
function elementsOf(
  name: Extract<Expression, { kind: "name" }>,
  { graph }: Routine,
  model: BpfModel,
): number | undefined {
  const global = graph.variableOf(name) === undefined ? model.globals.find((one) => one.name === name.name) : undefined;
  const count = /^\[([^\]]+)\]$/.exec(global?.bounds.trim() ?? "")?.[1];
  const elements = count === undefined ? undefined : model.valueOf(count);
  if (global === undefined || elements === undefined) return undefined;
  const declaration = model.code.textOf(global.range).trim();
  if (!/\bvolatile\b/.test(declaration)) return undefined;
  if (!isLast(global, model)) return undefined;
  if (global.kind !== "rodata") return Number(elements);
  const text = /=\s*"([^"\\]*)"\s*;?$/.exec(declaration)?.[1];
  return text !== undefined && text.length >= elements ? Number(elements) : undefined;
}

/** Whether the map that a variable lies in surely ends with it: what is behind it may be read otherwise. */
function isLast({ name, kind }: Global, model: BpfModel): boolean {
  if (kind !== "rodata") return roomBeside(name, model)?.behind === 0;
  const { code, functions, globals, headers } = model;
  return (
    globals.filter((one) => one.kind === kind).length === 1 &&
    !code.mentions("bpf_printk") &&
    !functions.some((fn) => code.locals(fn).some(({ type }) => /\bstatic\b/.test(type))) &&
    !headers.some(({ outline }) => outline.variables.some(({ type }) => /\bconst\b/.test(type)))
  );
}

/** Of two conditions the second comes first. */
function fixOf({ test, asked }: Late, { code }: BpfModel): readonly Fix[] {
  if (test.right !== asked || test.left.kind !== "binary" || /^(?:\|\||&&)$/.test(test.left.operator)) return [];
  const text = ({ start, end }: Expression): string => code.text.slice(start, end);
  const swapped = `${text(test.right)} && ${text(test.left)}`;
  return [{ title: "Compare the index first", edits: [replace(code.lines.rangeOf(test), swapped)] }];
}
