/** Prints the tree of a function's body in a compact form, for tables of what is read and what comes of it. */

import type { Block, Body, Expression, List, Statement } from "../../server/src/analysis/flow/tree.ts";
import { readBody } from "../../server/src/analysis/syntax/body.ts";
import { lower } from "../../server/src/analysis/syntax/dialect.ts";
import { outlineOf } from "../../server/src/analysis/syntax/outline.ts";

/** The body of the last function of a text. */
export function bodyOf(text: string, isType?: (name: string) => boolean): Body {
  const lowered = lower(text);
  const fn = outlineOf(lowered).functions.at(-1);
  if (fn === undefined) throw new Error("no function");
  return readBody(lowered, fn, isType);
}

/** What the statements within a function come to. `before` stands above the function. */
export function read(statements: string, before = "", isType?: (name: string) => boolean): string {
  const body = bodyOf(`${before}\nint f(struct ctx *ctx)\n{${statements}}\n`, isType);
  return `${body.isWhole ? "" : "BROKEN "}${body.statements.map(statementText).join(" ")}`;
}

const blockText = ({ statements }: Block): string => `{${statements.map(statementText).join(" ")}}`;

export function statementText(statement: Statement): string {
  switch (statement.kind) {
    case "expression":
      return `${expressionText(statement.of)};`;
    case "declaration": {
      const { isStatic, type, name, dimensions, initialiser, attributes } = statement;
      const bounds = dimensions.map((bound) => `[${bound === undefined ? "" : expressionText(bound)}]`).join("");
      const value = initialiser === undefined ? "" : ` = ${expressionText(initialiser)}`;
      const notes = attributes.map((attribute) => ` @${attribute}`).join("");
      return `var${isStatic ? " static" : ""} ${name}: <${type}>${bounds}${notes}${value};`;
    }
    case "block":
      return blockText(statement);
    case "if": {
      const head = statement.test === undefined ? `#${statement.built}` : expressionText(statement.test);
      const other = statement.else === undefined ? "" : ` else ${statementText(statement.else)}`;
      return `if ${head} ${statementText(statement.then)}${other}`;
    }
    case "while":
      return `while ${expressionText(statement.test)} ${statementText(statement.body)}`;
    case "do":
      return `do ${statementText(statement.body)} while ${expressionText(statement.test)}`;
    case "for": {
      const { begin, test, step } = statement;
      const parts = [test, step].map((part) => (part === undefined ? "-" : expressionText(part)));
      return `for [${begin.map(statementText).join(" ")} | ${parts.join(" | ")}] ${statementText(statement.body)}`;
    }
    case "each":
      return `each ${statement.macro}(${statement.args.map(expressionText).join(", ")}) ${statementText(statement.body)}`;
    case "switch":
      return `switch ${expressionText(statement.of)} ${statementText(statement.body)}`;
    case "case": {
      const to = statement.to === undefined ? "" : ` to ${expressionText(statement.to)}`;
      return statement.value === undefined ? "default:" : `case ${expressionText(statement.value)}${to}:`;
    }
    case "label":
      return `${statement.name}:`;
    case "jump":
      return `${statement.to}${statement.label === "" ? "" : ` ${statement.label}`};`;
    case "return":
      return statement.of === undefined ? "return;" : `return ${expressionText(statement.of)};`;
    case "assembly": {
      const { isBarrier, names, labels } = statement;
      return `${isBarrier ? "barrier" : "asm"}(${names.join(" ")}${labels.map((label) => ` → ${label}`).join("")});`;
    }
    case "empty":
      return ";";
    case "unknown":
      return "???;";
  }
}

const listText = ({ items }: List): string =>
  `{${items.map(({ designator, value }) => `${designator === "" ? "" : `${designator} = `}${expressionText(value)}`).join(", ")}}`;

export function expressionText(of: Expression): string {
  switch (of.kind) {
    case "name":
      return of.name;
    case "number":
      return `${of.value ?? "float"}${of.suffix}`;
    case "string":
      return `"${of.size}"`;
    case "unary":
      return `(${of.operator}${expressionText(of.of)})`;
    case "update":
      return of.isPrefix ? `(${of.operator}${expressionText(of.of)})` : `(${expressionText(of.of)}${of.operator})`;
    case "binary":
      return `(${expressionText(of.left)} ${of.operator} ${expressionText(of.right)})`;
    case "assignment":
      return `(${expressionText(of.left)} ${of.operator ?? ""}= ${expressionText(of.right)})`;
    case "conditional": {
      const chosen = of.then === undefined ? "" : ` ${expressionText(of.then)} `;
      return `(${expressionText(of.test)} ?${chosen}: ${expressionText(of.else)})`;
    }
    case "call":
      return `${of.name === "" ? expressionText(of.callee) : of.name}(${of.args.map(expressionText).join(", ")})`;
    case "member":
      return `${expressionText(of.of)}${of.isArrow ? "->" : "."}${of.name}`;
    case "index":
      return `${expressionText(of.of)}[${expressionText(of.index)}]`;
    case "cast":
      return `(<${of.type}>${expressionText(of.of)})`;
    case "sizeof":
      return `${of.operator}<${of.text}>${of.of === undefined ? "" : `:${expressionText(of.of)}`}`;
    case "compound":
      return `<${of.type}>${listText(of.list)}`;
    case "list":
      return listText(of);
    case "statements":
      return `(${blockText(of.body)})`;
    case "unknown":
      return `?${of.names.join(" ")}?`;
  }
}
