// @ts-check
/**
 * Runs small C functions of the kernel: the tables of helpers and of context fields are written as code, as `switch`
 * over `switch`, and the surest way to read them is to ask them. The grammar is tree-sitter's; this file only walks it.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Language, Parser } from "web-tree-sitter";

/** @typedef {import("web-tree-sitter").Node} Node */
/** @typedef {any} Value a number, a boolean, null, the name of a constant, an object, or a range of numbers */
/** @typedef {{ locals: Map<string, Value>, result: Value, label: string | undefined }} Frame */
/** @typedef {(frame: Frame) => Value} Expression */
/** @typedef {(frame: Frame) => Flow} Statement */
/** @typedef {{ from: number, to: number }} NumberRange */
/** @typedef {{ params: readonly string[], body: Statement }} CFunction */

/**
 * @typedef {object} World What a function may refer to besides itself.
 * @property {(name: string) => string | undefined} source the text of another function
 * @property {(name: string, args: readonly Value[], call: (name: string, args: readonly Value[]) => Value) => Value} builtin
 *   what a function without a text gives; `NOT_BUILTIN` where it is not known
 * @property {(type: string) => number} sizeOf
 * @property {(type: string, member: string) => NumberRange} place the bytes that a member takes
 * @property {(name: string) => Value} constant what an identifier stands for that is no local variable
 */

export const NOT_BUILTIN = Symbol("not built in");

/** How a statement ended. */
const Flow = /** @type {const} */ ({ next: 0, leave: 1, give: 2, jump: 3, again: 4 });
/** @typedef {typeof Flow[keyof typeof Flow]} Flow */

const require = createRequire(import.meta.url);
await Parser.init();
const language = await Language.load(await readFile(require.resolve("tree-sitter-c/tree-sitter-c.wasm")));
const parser = new Parser();
parser.setLanguage(language);

/** @param {string} text @returns {Node} valid until the next call */
export function parseC(text) {
  const tree = parser.parse(text);
  if (tree === null) throw new Error("tree-sitter gave no tree");
  return tree.rootNode;
}

/** @param {World} world @returns {(name: string, args: readonly Value[]) => Value} calls a function of that world */
export function machine(world) {
  /** @type {Map<string, CFunction | undefined>} */
  const compiled = new Map();

  /** @param {string} name @param {readonly Value[]} args @returns {Value} */
  function call(name, args) {
    const built = world.builtin(name, args, call);
    if (built !== NOT_BUILTIN) return built;
    if (!compiled.has(name)) {
      const source = world.source(name);
      compiled.set(name, source === undefined ? undefined : compile(source, world, call));
    }
    const code = compiled.get(name);
    if (code === undefined) throw new Error(`no function ${name}()`);
    /** @type {Frame} */
    const frame = { locals: new Map(), result: undefined, label: undefined };
    for (const [index, param] of code.params.entries()) frame.locals.set(param, args[index]);
    code.body(frame);
    return frame.result;
  }
  return call;
}

/** @param {string} source @param {World} world @param {(name: string, args: readonly Value[]) => Value} call @returns {CFunction} */
function compile(source, world, call) {
  const root = parseC(plain(source));
  const definition = root.namedChildren.find((node) => node?.type === "function_definition");
  const body = definition?.childForFieldName("body");
  if (!definition || !body) throw new Error(`cannot read the function "${source.slice(0, 60)}"`);
  const list = definition.descendantsOfType("parameter_list")[0];
  const params = (list?.namedChildren ?? []).flatMap((param) => {
    const name = param?.childForFieldName("declarator")?.descendantsOfType("identifier")[0];
    return name ? [name.text] : [];
  });
  return { params, body: withLabels(body, { world, call }) };
}

/** GNU's `case a ... b` and types as arguments are no C that the grammar knows. @param {string} source */
function plain(source) {
  return (
    source
      .replace(/\bcase\s+((?:(?!\bcase\b)[^:?])+?)\s*\.\.\.\s*([^:]+?)\s*:/g, "case number_range($1, $2):")
      .replace(/([(,]\s*)struct\s+(\w+)(?=\s*,)/g, "$1$2")
      // The grammar's own offsetof takes no element of an array.
      .replace(/\boffsetof\(/g, "offset_of(")
  );
}

/** @typedef {{ world: World, call: (name: string, args: readonly Value[]) => Value }} Context */

/** A function's body, with `goto` to the labels on its outermost level. @param {Node} block @param {Context} context @returns {Statement} */
function withLabels(block, context) {
  const parts = named(block).map((node) =>
    node.type === "labeled_statement"
      ? { label: node.childForFieldName("label")?.text, run: statement(node.namedChild(1), context) }
      : { label: undefined, run: statement(node, context) },
  );
  return (frame) => {
    for (let at = 0; at < parts.length; at++) {
      const flow = parts[at]?.run(frame) ?? Flow.next;
      if (flow === Flow.jump) {
        const target = parts.findIndex(({ label }) => label === frame.label);
        if (target < 0) throw new Error(`no label ${frame.label}`);
        at = target - 1;
      } else if (flow !== Flow.next) return flow;
    }
    return Flow.next;
  };
}

/** @param {Node | null} node @param {Context} context @returns {Statement} */
function statement(node, context) {
  switch (node?.type) {
    case undefined:
    case "comment":
    case "preproc_directive":
      return () => Flow.next;
    case "compound_statement":
      return sequence(named(node).map((child) => statement(child, context)));
    case "labeled_statement":
      return statement(node.namedChild(1), context);
    case "expression_statement":
      return effect(node.namedChild(0), context);
    case "declaration":
      return declaration(node, context);
    case "if_statement":
      return branch(node, context);
    case "else_clause":
      return statement(node.namedChild(0), context);
    case "switch_statement":
      return choice(node, context);
    case "return_statement": {
      const value = node.namedChild(0) ? expression(node.namedChild(0), context) : () => undefined;
      return (frame) => {
        frame.result = value(frame);
        return Flow.give;
      };
    }
    case "break_statement":
      return () => Flow.leave;
    case "continue_statement":
      return () => Flow.again;
    case "goto_statement": {
      const label = node.childForFieldName("label")?.text;
      return (frame) => {
        frame.label = label;
        return Flow.jump;
      };
    }
    default:
      return () => {
        throw new Error(`cannot run a ${node?.type}: ${node?.text.slice(0, 60)}`);
      };
  }
}

/** @param {readonly Statement[]} parts @returns {Statement} */
function sequence(parts) {
  return (frame) => {
    for (const part of parts) {
      const flow = part(frame);
      if (flow !== Flow.next) return flow;
    }
    return Flow.next;
  };
}

/** What is called for its effect alone (a warning, a lock) tells a table nothing. @param {Node | null} node @param {Context} context @returns {Statement} */
function effect(node, context) {
  if (node === null || node.type === "identifier" || node.type === "call_expression") return () => Flow.next;
  const run = expression(node, context);
  return (frame) => {
    run(frame);
    return Flow.next;
  };
}

/** @param {Node} node @param {Context} context @returns {Statement} */
function declaration(node, context) {
  return sequence(
    named(node)
      .filter(({ type }) => type === "init_declarator")
      .map((declarator) => {
        const name = declarator.childForFieldName("declarator")?.descendantsOfType("identifier")[0]?.text ?? "";
        const value = expression(declarator.childForFieldName("value"), context);
        return (/** @type {Frame} */ frame) => {
          // A variable whose value we cannot tell matters only once it is asked for.
          try {
            frame.locals.set(name, value(frame));
          } catch {
            frame.locals.delete(name);
          }
          return Flow.next;
        };
      }),
  );
}

/** @param {Node} node @param {Context} context @returns {Statement} */
function branch(node, context) {
  const condition = expression(node.childForFieldName("condition"), context);
  const consequence = statement(node.childForFieldName("consequence"), context);
  const alternative = statement(node.childForFieldName("alternative"), context);
  return (frame) => (truth(condition(frame)) ? consequence(frame) : alternative(frame));
}

/** @param {Node} node @param {Context} context @returns {Statement} */
function choice(node, context) {
  const subject = expression(node.childForFieldName("condition"), context);
  /** @type {Statement[]} */
  const steps = [];
  /** @type {{ value: Expression, at: number }[]} */
  const labels = [];
  /** @type {Map<string, number>} */
  const names = new Map();
  let otherwise = -1;
  const body = node.childForFieldName("body");
  const items = body ? flatCases(body) : [];
  for (const item of items) {
    if (item.type !== "case_statement") {
      steps.push(statement(item, context));
      continue;
    }
    const value = item.childForFieldName("value");
    if (!value) otherwise = steps.length;
    else if (value.type === "identifier") names.set(value.text, names.get(value.text) ?? steps.length);
    else labels.push({ value: expression(value, context), at: steps.length });
  }
  return (frame) => {
    const value = subject(frame);
    let start = typeof value === "string" ? names.get(value) : undefined;
    if (start === undefined) {
      for (const [name, at] of names)
        if (typeof value !== "string" && same(context.world.constant(name), value)) start ??= at;
      start ??= labels.find((label) => matches(label.value(frame), value))?.at;
    }
    for (let at = start ?? (otherwise < 0 ? steps.length : otherwise); at < steps.length; at++) {
      const flow = steps[at]?.(frame) ?? Flow.next;
      if (flow === Flow.leave) return Flow.next;
      if (flow !== Flow.next) return flow;
    }
    return Flow.next;
  };
}

/** The grammar hangs statements under their label, and a label under a label; C does not. @param {Node} body @returns {Node[]} */
function flatCases(body) {
  return named(body).flatMap((node) => {
    if (node.type !== "case_statement") return [node];
    const value = node.childForFieldName("value");
    return [node, ...flatCases(node).filter((child) => !(value && child.equals(value)))];
  });
}

/** @param {Node | null} node @param {Context} context @returns {Expression} */
function expression(node, context) {
  const text = node?.text ?? "";
  switch (node?.type) {
    case "parenthesized_expression":
    case "argument":
      return expression(named(node)[0] ?? null, context);
    case "number_literal": {
      const value = Number(text.replace(/[uUlL]+$/, ""));
      return () => value;
    }
    case "true":
      return () => true;
    case "false":
      return () => false;
    case "null":
      return () => null;
    case "string_literal":
      return () => text.slice(1, -1);
    case "identifier":
      return (frame) => (frame.locals.has(text) ? frame.locals.get(text) : context.world.constant(text));
    case "cast_expression":
      return expression(node.childForFieldName("value"), context);
    case "conditional_expression":
      return conditional(node, context);
    case "binary_expression":
      return binary(node, context);
    case "unary_expression":
      return unary(node, context);
    case "pointer_expression": {
      const inner = expression(node.childForFieldName("argument"), context);
      return inner;
    }
    case "field_expression":
      return member(node, context);
    case "assignment_expression":
      return assignment(node, context);
    case "call_expression":
      return callOf(node, context);
    case "sizeof_expression": {
      const what = (node.childForFieldName("type") ?? node.childForFieldName("value"))?.text.replace(/^\(|\)$/g, "");
      return () => context.world.sizeOf(what ?? "");
    }
    default:
      return () => {
        throw new Error(`cannot tell the value of ${text.slice(0, 60)} (${node?.type})`);
      };
  }
}

/** @param {Node} node @param {Context} context @returns {Expression} */
function conditional(node, context) {
  const condition = expression(node.childForFieldName("condition"), context);
  const consequence = expression(node.childForFieldName("consequence"), context);
  const alternative = expression(node.childForFieldName("alternative"), context);
  return (frame) => (truth(condition(frame)) ? consequence(frame) : alternative(frame));
}

/** @param {Node} node @param {Context} context @returns {Expression} */
function binary(node, context) {
  const operator = node.childForFieldName("operator")?.text ?? "";
  const left = expression(node.childForFieldName("left"), context);
  const right = expression(node.childForFieldName("right"), context);
  if (operator === "&&") return (frame) => truth(left(frame)) && truth(right(frame));
  if (operator === "||") return (frame) => truth(left(frame)) || truth(right(frame));
  if (operator === "==") return (frame) => same(left(frame), right(frame));
  if (operator === "!=") return (frame) => !same(left(frame), right(frame));
  const calculate = ARITHMETIC[operator];
  return (frame) => {
    const [a, b] = [left(frame), right(frame)];
    // Flags stay names: PTR_TO_SOCKET | PTR_MAYBE_NULL.
    if (operator === "|" && (typeof a === "string" || typeof b === "string")) return `${a} | ${b}`;
    if (!calculate || typeof a !== "number" || typeof b !== "number") {
      throw new Error(`cannot tell ${node.text.slice(0, 60)}: ${String(a)} ${operator} ${String(b)}`);
    }
    return calculate(a, b);
  };
}

/** @type {Readonly<Record<string, (a: number, b: number) => number | boolean>>} */
const ARITHMETIC = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => Math.trunc(a / b),
  "%": (a, b) => a % b,
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "<<": (a, b) => a << b,
  ">>": (a, b) => a >> b,
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
};

/** @param {Node} node @param {Context} context @returns {Expression} */
function unary(node, context) {
  const operator = node.childForFieldName("operator")?.text ?? "";
  const inner = expression(node.childForFieldName("argument"), context);
  if (operator === "!") return (frame) => !truth(inner(frame));
  if (operator === "-")
    return (frame) => {
      const value = inner(frame);
      return typeof value === "number" ? -value : `-${value}`;
    };
  if (operator === "~") return (frame) => ~inner(frame);
  return inner;
}

/** @param {Node} node @param {Context} context @returns {Expression} */
function member(node, context) {
  const object = expression(node.childForFieldName("argument"), context);
  const field = node.childForFieldName("field")?.text ?? "";
  return (frame) => {
    const value = object(frame);
    if (value === null || typeof value !== "object" || !(field in value)) throw new Error(`no member: ${node.text}`);
    return value[field];
  };
}

/** @param {Node} node @param {Context} context @returns {Expression} */
function assignment(node, context) {
  const target = node.childForFieldName("left");
  const operator = node.childForFieldName("operator")?.text ?? "=";
  const value = expression(node.childForFieldName("right"), context);
  const old = operator === "=" ? undefined : expression(target, context);
  const calculate = ARITHMETIC[operator.slice(0, -1)];
  const next = (/** @type {Frame} */ frame) => (old && calculate ? calculate(old(frame), value(frame)) : value(frame));
  if (target?.type === "identifier") {
    const name = target.text;
    return (frame) => {
      const result = next(frame);
      frame.locals.set(name, result);
      return result;
    };
  }
  if (target?.type !== "field_expression") {
    const inner = target?.type === "pointer_expression" ? target.childForFieldName("argument") : null;
    const object = inner ? expression(inner, context) : undefined;
    return (frame) => {
      const result = next(frame);
      const place = object?.(frame);
      if (place === null || typeof place !== "object") throw new Error(`cannot assign to ${target?.text}`);
      Object.assign(place, typeof result === "object" ? result : { value: result });
      return result;
    };
  }
  const object = expression(target.childForFieldName("argument"), context);
  const field = target.childForFieldName("field")?.text ?? "";
  return (frame) => {
    const result = next(frame);
    object(frame)[field] = result;
    return result;
  };
}

/** @param {Node} node @param {Context} context @returns {Expression} */
function callOf(node, context) {
  const name = node.childForFieldName("function")?.text ?? "";
  const list = named(node.childForFieldName("arguments"));
  const place = PLACES[name];
  if (place) {
    const words = list.map((argument) => argument.text);
    return () => place(context.world, words);
  }
  const args = list.map((argument) => expression(argument, context));
  return (frame) =>
    context.call(
      name,
      args.map((argument) => {
        // An argument whose value we cannot tell matters only once it is looked at.
        try {
          return argument(frame);
        } catch {
          return undefined;
        }
      }),
    );
}

/** The kernel's macros over places in a structure. @type {Readonly<Record<string, (world: World, words: readonly string[]) => number | NumberRange>>} */
const PLACES = {
  offset_of: (world, [type = "", of = ""]) => world.place(type, of).from,
  offsetofend: (world, [type = "", of = ""]) => world.place(type, of).to + 1,
  sizeof_field: (world, [type = "", of = ""]) => sizeOfPlace(world.place(type, of)),
  FIELD_SIZEOF: (world, [type = "", of = ""]) => sizeOfPlace(world.place(type, of)),
  bpf_ctx_range: (world, [type = "", of = ""]) => world.place(type, of),
  bpf_ctx_range_ptr: (world, [type = "", of = ""]) => ({
    from: world.place(type, of).from,
    to: world.place(type, of).from + 7,
  }),
  bpf_ctx_range_till: (world, [type = "", first = "", last = ""]) => ({
    from: world.place(type, first).from,
    to: world.place(type, last).to,
  }),
};

/** @param {NumberRange} place */
function sizeOfPlace({ from, to }) {
  return to - from + 1;
}

/** @param {Value} label @param {Value} value */
function matches(label, value) {
  if (label !== null && typeof label === "object" && "from" in label) return value >= label.from && value <= label.to;
  return same(label, value);
}

/** @param {Value} a @param {Value} b */
function same(a, b) {
  const plainly = (/** @type {Value} */ value) => (typeof value === "boolean" ? Number(value) : value);
  return plainly(a) === plainly(b);
}

/** @param {Value} value */
function truth(value) {
  return value !== 0 && value !== false && value !== null && value !== undefined;
}

/** @param {Node | null} node @returns {Node[]} */
function named(node) {
  return (node?.namedChildren ?? []).filter((child) => child !== null && child.type !== "comment");
}
