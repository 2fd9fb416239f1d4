/** The only test code that knows the API of the core: everything else speaks in fixtures. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect } from "vitest";
import type { CodeAction, DocumentSymbol } from "vscode-languageserver-types";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { type KnowledgeBase, knowledgeBase } from "../../server/src/analysis/knowledge/knowledge-base.ts";
import { readTargets } from "../../server/src/analysis/knowledge/target.ts";
import { type Finding, lint } from "../../server/src/analysis/lint.ts";
import { type BpfModel, type Built, buildModel } from "../../server/src/analysis/model.ts";
import type { Rule } from "../../server/src/analysis/rule.ts";
import type { Snapshot } from "../../server/src/analysis/snapshot.ts";
import { loadSyntax } from "../../server/src/analysis/syntax/parse.ts";
import type { Syntax } from "../../server/src/analysis/syntax/tree.ts";
import { applyEdits } from "../../server/src/analysis/text.ts";
import { codeActions } from "../../server/src/features/code-actions.ts";
import { documentSymbols } from "../../server/src/features/document-symbols.ts";
import { hover } from "../../server/src/features/hover.ts";
import { fixture } from "./fixture.ts";
import { root } from "./paths.ts";

const require = createRequire(import.meta.url);

export const syntax: Syntax = await loadSyntax({
  runtime: readFileSync(require.resolve("web-tree-sitter/web-tree-sitter.wasm")),
  language: readFileSync(require.resolve("tree-sitter-c/tree-sitter-c.wasm")),
});

export const kb: KnowledgeBase = knowledgeBase(buildKnowledge(join(root, "data")));

export interface Options {
  readonly target?: string;
  readonly official?: (helper: string) => string | undefined;
}

export function build(text: string, previous?: Built): Built {
  return buildModel(text, syntax, { previous });
}

export function modelOf(text: string): BpfModel {
  return snapshotOf(text).model;
}

function snapshotOf(text: string): Snapshot {
  const { model, lines } = build(text);
  return { uri: "file:///test.bpf.c", text, lines, model };
}

export function findingsIn(
  text: string,
  rules: readonly Rule[] | undefined,
  { target }: Options = {},
): readonly Finding[] {
  const crashes: string[] = [];
  const onCrash = (rule: string, error: unknown): void => void crashes.push(`${rule}: ${String(error)}`);
  const { targets } = readTargets(target);
  const found = lint({ model: modelOf(text), kb, targets }, { onCrash, ...(rules === undefined ? {} : { rules }) });
  expect(crashes).toEqual([]);
  return found;
}

/** The rule finds exactly what the fixture marks, with these messages. */
export function checkRule(rule: Rule, source: string, options?: Options): void {
  const { text, labels } = fixture(source);
  const found = findingsIn(text, [rule], options).map(({ range, message }) => ({ range, label: message }));
  expect(found).toEqual(labels);
}

export function checkNoFindings(rule: Rule, source: string, options?: Options): void {
  const { text } = fixture(source);
  expect(findingsIn(text, [rule], options).map(({ message }) => message)).toEqual([]);
}

/** The first fix of every finding, applied together, makes the second text of the first. */
export function checkFix(rule: Rule, before: string, after: string): void {
  expect(fixAll(fixture(before).text, [rule])).toBe(fixture(after).text);
}

export function fixAll(text: string, rules: readonly Rule[]): string {
  return applyEdits(
    text,
    findingsIn(text, rules).flatMap(({ fixes }) => fixes?.[0]?.edits ?? []),
  );
}

/** The hover at `$0` as Markdown; undefined when there is none. */
export function hoverAt(source: string, { target, official }: Options = {}): string | undefined {
  const { text, cursor } = fixture(source);
  if (cursor === undefined) throw new Error("the fixture has no $0");
  const found = hover(snapshotOf(text), kb, cursor, {
    targets: targetsOf(target),
    loader: "libbpf",
    ...(official && { official }),
  });
  return found === null ? undefined : (found.contents as { value: string }).value;
}

function targetsOf(target: string | undefined) {
  return readTargets(target, { distribution: kb.distribution, profile: () => undefined }).targets;
}

/** `name kind detail` of each symbol. */
export function symbolsOf(source: string): readonly string[] {
  const kinds: Readonly<Record<number, string>> = { 12: "function", 19: "object" };
  return documentSymbols(snapshotOf(fixture(source).text)).map(
    ({ name, kind, detail }: DocumentSymbol) => `${name} ${kinds[kind] ?? kind} ${detail}`,
  );
}

/** The code actions offered at `$0`. */
export function actionsAt(source: string): readonly CodeAction[] {
  const { text, cursor } = fixture(source);
  if (cursor === undefined) throw new Error("the fixture has no $0");
  return codeActions(snapshotOf(text), findingsIn(text, undefined), { start: cursor, end: cursor });
}
