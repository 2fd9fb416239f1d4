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
  readonly guards: readonly GuardNode[];
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

/** A stretch that runs only when a condition about the kernel holds, or only when it does not. */
export interface GuardNode {
  readonly condition: Span;
  readonly holds: boolean;
  readonly region: Span;
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
  const branches = new Query(
    language,
    '[(if_statement) (conditional_expression) (binary_expression operator: "&&")] @branch',
  );
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
        guards: ASKS_THE_KERNEL.test(text) ? guardsOf(branches, tree.rootNode, text) : [],
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

/** What programs ask about the kernel that they run on. */
const ASKS_THE_KERNEL =
  /\b(?:bpf_core_(?:enum_value|type|field)_(?:exists|matches)|bpf_ksym_exists|LINUX_KERNEL_VERSION|LINUX_HAS_\w+)\b/;

function guardsOf(query: Query, root: Node, text: string): readonly GuardNode[] {
  return query.captures(root).flatMap(({ node }) => {
    const condition = node.childForFieldName(node.type === "binary_expression" ? "left" : "condition");
    if (condition === null || !ASKS_THE_KERNEL.test(text.slice(condition.startIndex, condition.endIndex))) return [];
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
