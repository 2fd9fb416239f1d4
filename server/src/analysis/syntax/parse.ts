/** The only door to tree-sitter: parses lowered text and gives back plain records. */

import { Edit, Language, type Node, Parser, Query, type Tree } from "web-tree-sitter";
import type { Span } from "../text.ts";
import { asksTheKernel, type GuardNode, type Parsed, type Syntax } from "./tree.ts";

export interface GrammarBytes {
  /** `web-tree-sitter.wasm`, the parser itself. */
  readonly runtime: Uint8Array;
  /** `tree-sitter-c.wasm`, the grammar. */
  readonly language: Uint8Array;
}

const INPUT_PIECE = 256;

export async function loadSyntax(bytes: GrammarBytes): Promise<Syntax> {
  await Parser.init({ wasmBinary: bytes.runtime });
  const language = await Language.load(bytes.language);
  const parser = new Parser();
  parser.setLanguage(language);
  const branches = new Query(
    language,
    '[(if_statement) (conditional_expression) (binary_expression operator: "&&")] @branch',
  );
  const trees = new WeakMap<Parsed, Tree>();

  return {
    parse: (text, previous) => {
      const old = previous && trees.get(previous.parsed);
      if (old !== undefined && previous !== undefined) old.edit(differenceOf(previous.text, text));
      // Around an edit little is read: handing the text over in small pieces copies little.
      let tree = old === undefined ? parser.parse(text) : parser.parse((at) => text.slice(at, at + INPUT_PIECE), old);
      // How a broken text is mended depends on what was there before, so it is read anew: the same text, the same tree.
      if (tree !== null && old !== undefined && tree.rootNode.hasError) {
        tree.delete();
        tree = parser.parse(text);
      }
      // Parsing without a time limit and with a language set always gives a tree.
      if (tree === null) throw new Error("tree-sitter gave no tree");
      const { rootNode } = tree;
      const parsed: Parsed = {
        guards: guardsOf(branches, rootNode, text),
        errors: () => errorsOf(rootNode),
        dispose: () => tree?.delete(),
      };
      trees.set(parsed, tree);
      return parsed;
    },
  };
}

function guardsOf(query: Query, root: Node, text: string): readonly GuardNode[] {
  return query.captures(root).flatMap(({ node }) => {
    const condition = node.childForFieldName(node.type === "binary_expression" ? "left" : "condition");
    if (condition === null || !asksTheKernel(text.slice(condition.startIndex, condition.endIndex))) return [];
    const negated = /^[\s(]*!/.test(text.slice(condition.startIndex, condition.endIndex));
    const region = (of: Node | null, holds: boolean): readonly GuardNode[] =>
      of === null ? [] : [{ condition: spanOf(condition), holds, region: spanOf(of) }];
    if (node.type === "binary_expression") return region(node.childForFieldName("right"), !negated);
    const consequence = node.childForFieldName("consequence");
    return [
      ...region(consequence, !negated),
      ...region(node.childForFieldName("alternative"), negated),
      ...afterLeaving(node, consequence, condition, negated),
    ];
  });
}

/** `if (!there) return 0;`: everything after it in its block. */
function afterLeaving(node: Node, consequence: Node | null, condition: Node, holds: boolean): readonly GuardNode[] {
  const leaves = consequence !== null && /\b(?:return|goto|continue|break)\b[^;]*;\s*}?$/.test(consequence.text);
  const block = node.parent;
  if (node.type !== "if_statement" || !leaves || block?.type !== "compound_statement") return [];
  return [{ condition: spanOf(condition), holds, region: { start: node.endIndex, end: block.endIndex } }];
}

function errorsOf(root: Node): readonly Span[] {
  const errors: Span[] = [];
  // By hand rather than by recursion: a broken file may nest deeper than the stack.
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (!node.hasError) continue;
    if (node.isError || node.isMissing) errors.push(spanOf(node));
    else for (const child of [...node.children].reverse()) waiting.push(child);
  }
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
