/** The only door to tree-sitter: parses lowered text and gives back plain records. */

import { Edit, Language, type Node, Parser, Query, type Tree } from "web-tree-sitter";
import type { Span } from "../text.ts";

export interface GrammarBytes {
  /** `web-tree-sitter.wasm`, the parser itself. */
  readonly runtime: Uint8Array;
  /** `tree-sitter-c.wasm`, the grammar. */
  readonly language: Uint8Array;
}

/** A parsed text. Holds memory outside the JavaScript heap: whoever parses disposes. */
export interface Parsed {
  readonly calls: readonly CallNode[];
  /** Places where the text is not C: what the parser skipped or had to make up. */
  readonly errors: () => readonly Span[];
  readonly dispose: () => void;
}

/** `name(args…)` inside the text, in the order of the text. */
export interface CallNode extends Span {
  readonly name: string;
  readonly nameSpan: Span;
  readonly args: readonly Span[];
}

export interface Syntax {
  /** Parses `text`; given the parse of an earlier text it reads again only what changed. */
  parse(text: string, previous?: { readonly text: string; readonly parsed: Parsed }): Parsed;
}

export async function loadSyntax(bytes: GrammarBytes): Promise<Syntax> {
  await Parser.init({ wasmBinary: bytes.runtime });
  const language = await Language.load(bytes.language);
  const parser = new Parser();
  parser.setLanguage(language);
  const calls = new Query(language, "(call_expression function: (identifier) @name arguments: (argument_list) @args)");
  const trees = new WeakMap<Parsed, Tree>();

  return {
    parse: (text, previous) => {
      const old = previous && trees.get(previous.parsed);
      if (old !== undefined && previous !== undefined) old.edit(differenceOf(previous.text, text));
      const tree = parser.parse(text, old);
      // Parsing without a time limit and with a language set always gives a tree.
      if (tree === null) throw new Error("tree-sitter gave no tree");
      const parsed: Parsed = {
        calls: callsOf(calls, tree.rootNode, text),
        errors: () => errorsOf(tree.rootNode),
        dispose: () => tree.delete(),
      };
      trees.set(parsed, tree);
      return parsed;
    },
  };
}

function callsOf(query: Query, root: Node, text: string): readonly CallNode[] {
  const found: CallNode[] = [];
  for (const { captures } of query.matches(root)) {
    const [name, args] = captures;
    if (name === undefined || args === undefined) continue;
    const nameSpan = spanOf(name.node);
    found.push({
      start: nameSpan.start,
      end: args.node.endIndex,
      name: text.slice(nameSpan.start, nameSpan.end),
      nameSpan,
      args: args.node.namedChildren.filter((arg) => arg.type !== "comment").map(spanOf),
    });
  }
  return found;
}

function errorsOf(root: Node): readonly Span[] {
  const errors: Span[] = [];
  const visit = (node: Node): void => {
    if (!node.hasError) return;
    if (node.isError || node.isMissing) errors.push(spanOf(node));
    else for (const child of node.children) visit(child);
  };
  visit(root);
  return errors;
}

function spanOf(node: Node): Span {
  return { start: node.startIndex, end: node.endIndex };
}

/** The one stretch in which two texts differ. */
function differenceOf(before: string, after: string): Edit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let tail = 0;
  while (
    tail < shorter - start &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail++;
  }
  const oldEnd = before.length - tail;
  const newEnd = after.length - tail;
  return new Edit({
    startIndex: start,
    oldEndIndex: oldEnd,
    newEndIndex: newEnd,
    startPosition: pointAt(before, start),
    oldEndPosition: pointAt(before, oldEnd),
    newEndPosition: pointAt(after, newEnd),
  });
}

function pointAt(text: string, offset: number) {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  let row = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < lineStart; at = text.indexOf("\n", at + 1)) row++;
  return { row, column: offset - lineStart };
}
