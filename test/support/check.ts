/** The only test code that knows the API of the core: everything else speaks in fixtures. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect } from "vitest";
import type { CodeAction, CompletionItem, DocumentSymbol } from "vscode-languageserver-types";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { applyFixes } from "../../server/src/analysis/fix.ts";
import { type KnowledgeBase, knowledgeBase } from "../../server/src/analysis/knowledge/knowledge-base.ts";
import { readTargets } from "../../server/src/analysis/knowledge/target.ts";
import { type Finding, lint } from "../../server/src/analysis/lint.ts";
import { type FileMinimum, minimumOf } from "../../server/src/analysis/minimum/minimum.ts";
import { sinceText } from "../../server/src/analysis/minimum/words.ts";
import { type BpfModel, type Built, buildModel } from "../../server/src/analysis/model.ts";
import type { Rule } from "../../server/src/analysis/rule.ts";
import type { Snapshot } from "../../server/src/analysis/snapshot.ts";
import { loadSyntax } from "../../server/src/analysis/syntax/parse.ts";
import type { Syntax } from "../../server/src/analysis/syntax/tree.ts";
import type { Position, Range } from "../../server/src/analysis/text.ts";
import { LEGEND } from "../../server/src/features/agreed.ts";
import type { View } from "../../server/src/features/card.ts";
import { codeActions } from "../../server/src/features/code-actions.ts";
import { codeLenses, type PlacesShown, resolveCodeLens } from "../../server/src/features/code-lens.ts";
import type { ListClient } from "../../server/src/features/complete/item.ts";
import { completion, resolveCompletion } from "../../server/src/features/completion.ts";
import { documentSymbols } from "../../server/src/features/document-symbols.ts";
import { hover } from "../../server/src/features/hover.ts";
import { inlayHints } from "../../server/src/features/inlay-hints.ts";
import { documentHighlights, references } from "../../server/src/features/references.ts";
import { semanticTokens } from "../../server/src/features/semantic-tokens.ts";
import { signatureHelp } from "../../server/src/features/signature-help.ts";
import { headerFollower } from "../../server/src/headers.ts";
import { type Fixture, fixture } from "./fixture.ts";
import { root } from "./paths.ts";

const require = createRequire(import.meta.url);

export const syntax: Syntax = await loadSyntax({
  runtime: readFileSync(require.resolve("web-tree-sitter/web-tree-sitter.wasm")),
  language: readFileSync(require.resolve("tree-sitter-c/tree-sitter-c.wasm")),
});

export const kb: KnowledgeBase = knowledgeBase(buildKnowledge(join(root, "data")));

export interface Options {
  readonly target?: string | undefined;
  readonly loader?: string | undefined;
  readonly arch?: string | undefined;
  readonly official?: (helper: string) => string | undefined;
  /** Headers that another server for C beside us does not find; left out, there is none. */
  readonly besideC?: readonly string[];
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
  { target, loader = "libbpf", arch = "" }: Options = {},
): readonly Finding[] {
  const crashes: string[] = [];
  const onCrash = (rule: string, error: unknown): void => void crashes.push(`${rule}: ${String(error)}`);
  const context = { model: modelOf(text), kb, targets: targetsOf(target), loader, arch };
  const severities = Object.fromEntries(
    (rules ?? []).flatMap(({ meta }) => (meta.off ? [[meta.id, meta.severity]] : [])),
  );
  // A rule about the findings of others needs them.
  const everyRuleMatters = rules === undefined || rules.some(({ last }) => last === true);
  const found = lint(context, { severities, onCrash, ...(everyRuleMatters ? {} : { rules }) });
  expect(crashes).toEqual([]);
  return found.filter(({ rule }) => rules?.some(({ meta }) => meta === rule) ?? true);
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
export function checkFix(rule: Rule, before: string, after: string, options?: Options): void {
  expect(fixAll(fixture(before).text, [rule], options)).toBe(fixture(after).text);
}

export function fixAll(text: string, rules: readonly Rule[], options?: Options): string {
  return applyFixes(text, findingsIn(text, rules, options), { unsafe: true }).text;
}

/** The hover at `$0` as Markdown; undefined when there is none. */
export function hoverAt(
  source: string,
  { target, official, loader = "libbpf", besideC }: Options = {},
): string | undefined {
  const { text, cursor } = fixture(source);
  if (cursor === undefined) throw new Error("the fixture has no $0");
  const found = hover(snapshotOf(text), kb, cursor, {
    targets: targetsOf(target),
    loader,
    besideC: besideC && { missing: besideC },
    ...(official && { official }),
  });
  return found === null ? undefined : (found.contents as { value: string }).value;
}

export function targetsOf(target: string | undefined) {
  return readTargets(target, { distribution: kb.distribution, profile: () => undefined }).targets;
}

/** The text with each inlay hint in «» where it stands. */
export function hintsIn(source: string, { loader = "libbpf" }: Options = {}): string {
  const file = snapshotOf(source);
  const range = { start: { line: 0, character: 0 }, end: { line: file.lines.count, character: 0 } };
  const all = { programTypes: true, contextTypes: true, parameterNames: true };
  const hints = inlayHints(file, kb, range, { loader, inlayHints: all });
  return hints.reduceRight((text, { position, label }) => {
    const at = file.lines.offsetAt(position);
    return `${text.slice(0, at)}«${label}»${text.slice(at)}`;
  }, source);
}

/** `line: title → the texts of its places` of each code lens. */
export function lensesOf(source: string): readonly string[] {
  const file = snapshotOf(source);
  const options = { loader: "libbpf", placesCommand: "places", minimumCommand: "minimum" };
  return codeLenses(file, kb, options)
    .map((lens) => (lens.command === undefined ? resolveCodeLens(file, kb, lens, options) : lens))
    .map(({ range, command }) => {
      const [shown] = (command?.command === "places" ? (command.arguments ?? []) : []) as readonly PlacesShown[];
      const places = shown?.places.map(({ start, end }) =>
        source.slice(file.lines.offsetAt(start), file.lines.offsetAt(end)),
      );
      return `${range.start.line + 1}: ${command?.title}${places === undefined ? "" : ` → ${places.join(" ")}`}`;
    });
}

/** `name kind detail` of each symbol. */
export function symbolsOf(source: string): readonly string[] {
  const kinds: Readonly<Record<number, string>> = { 12: "function", 19: "object" };
  return documentSymbols(snapshotOf(fixture(source).text)).map(
    ({ name, kind, detail }: DocumentSymbol) => `${name} ${kinds[kind] ?? kind} ${detail}`,
  );
}

/** The code actions offered at `$0`. */
export function actionsAt(source: string, only?: readonly string[]): readonly CodeAction[] {
  const { text, cursor } = fixture(source);
  if (cursor === undefined) throw new Error("the fixture has no $0");
  const options = { uri: "file:///test.bpf.c", explainCommand: "explain", only };
  return codeActions(snapshotOf(text), findingsIn(text, undefined), { start: cursor, end: cursor }, options);
}

export interface ShownSignature {
  /** The prototype, with the parameter at the cursor in «». */
  readonly label: string;
  /** What is said about that parameter. */
  readonly parameter: string | undefined;
  readonly documentation: string | undefined;
  /** What is said about each of them. */
  readonly parameters: readonly (string | undefined)[];
}

/** The signature shown at `$0`; undefined when there is none. */
export function signatureAt(source: string, { target, besideC }: Options = {}): ShownSignature | undefined {
  const { text, cursor } = fixture(source);
  if (cursor === undefined) throw new Error("the fixture has no $0");
  const view = { targets: targetsOf(target), loader: "libbpf", besideC: besideC && { missing: besideC } };
  const found = signatureHelp(snapshotOf(text), kb, cursor, view);
  const signature = found?.signatures[0];
  if (signature === undefined) return undefined;
  const { label, parameters = [], documentation } = signature;
  const active = parameters[found?.activeParameter ?? 0];
  const [start, end] = (active?.label ?? [0, 0]) as [number, number];
  const marked = `${label.slice(0, start)}«${label.slice(start, end)}»${label.slice(end)}`;
  return {
    label: active === undefined ? label : marked,
    parameter: markdownOf(active?.documentation),
    documentation: markdownOf(documentation),
    parameters: parameters.map((one) => markdownOf(one.documentation)),
  };
}

function markdownOf(content: unknown): string | undefined {
  return (content as { readonly value: string } | undefined)?.value;
}

/** Every marked range holds a token of that label, `function defaultLibrary`; a `-` says that nothing there has one. */
export function checkTokens(source: string): void {
  const { text, labels } = fixture(source);
  const found = new Map(tokensIn(text).map(({ range, label }) => [JSON.stringify(range.start), { range, label }]));
  const shown = labels.map(({ range, label }) => {
    const token = found.get(JSON.stringify(range.start));
    return token === undefined ? { range, label: label === "-" ? "-" : "no token" } : token;
  });
  expect(shown).toEqual(labels);
}

/** The semantic tokens of a text, or of a part of it, as `type modifier modifier`. */
export function tokensIn(text: string, part?: Range): readonly { readonly range: Range; readonly label: string }[] {
  const data = semanticTokens(snapshotOf(text), kb, part)?.data ?? [];
  let start: Position = { line: 0, character: 0 };
  return Array.from({ length: data.length / 5 }, (_, i) => {
    const [lines = 0, columns = 0, length = 0, type = 0, modifiers = 0] = data.slice(i * 5, i * 5 + 5);
    start = { line: start.line + lines, character: (lines === 0 ? start.character : 0) + columns };
    const words = LEGEND.tokenModifiers.filter((__, bit) => (modifiers >> bit) % 2 === 1);
    const label = [LEGEND.tokenTypes[type], ...words].join(" ");
    return { range: { start, end: { line: start.line, character: start.character + length } }, label };
  });
}

export interface CompletionOptions extends Options {
  readonly uri?: string;
  /** The character that made the editor ask. */
  readonly typed?: string;
  readonly client?: ListClient;
  /** The settings of one session, where that is asked again and again; new ones otherwise. */
  readonly view?: View;
}

/** What is offered at `$0`, in the order in which it is shown; undefined when the place is none for completion. */
export function completeAt(
  source: string,
  { uri = "file:///test.bpf.c", typed, client, ...options }: CompletionOptions = {},
): readonly CompletionItem[] | undefined {
  const { text, cursor } = fixture(source);
  if (cursor === undefined) throw new Error("the fixture has no $0");
  return completion({ ...snapshotOf(text), uri }, kb, cursor, viewOf(options), { typed, ...client })?.items;
}

function viewOf({ target, loader = "libbpf", besideC, view }: CompletionOptions): View {
  return view ?? { targets: targetsOf(target), loader, besideC: besideC && { missing: besideC } };
}

/** What is offered at `$0` of each text, each read after the one before it, as an editor's keys are. */
export function completeInTurn(
  sources: readonly string[],
  { client, ...options }: CompletionOptions = {},
): readonly (readonly CompletionItem[] | undefined)[] {
  const own = viewOf(options);
  let built: Built | undefined;
  return sources.map((source) => {
    const { text, cursor } = fixture(source);
    if (cursor === undefined) throw new Error("the fixture has no $0");
    // As long as nothing is typed a file is not read again.
    if (built?.lowered.source !== text) built = build(text, built);
    const { lines, model } = built;
    return completion({ uri: "file:///test.bpf.c", text, lines, model }, kb, cursor, own, { ...client })?.items;
  });
}

/** The Markdown that an item offered at `$0` gets when it is looked at. */
export function detailsOf(
  source: string,
  item: CompletionItem,
  { loader = "libbpf" }: CompletionOptions = {},
): string | undefined {
  const view = { targets: [], loader };
  return markdownOf(resolveCompletion(snapshotOf(fixture(source).text), kb, item, view).documentation);
}

/** What a file needs of a kernel, as the command line tells it. */
export function minimumIn(source: string, { loader = "libbpf" }: Options = {}): FileMinimum {
  return minimumOf(modelOf(fixture(source).text), kb, loader);
}

/** `5.8 bpf_ringbuf_reserve()`, newest first. */
export function chainOf({ reasons }: Pick<FileMinimum, "reasons">): readonly string[] {
  return reasons.map((reason) => `${sinceText(reason)} ${reason.what}`);
}

/** The first file of a fixture at `file:///test.bpf.c`, with its headers, the other files, beside it. */
export async function fileOf({ text, files }: Pick<Fixture, "text" | "files">): Promise<Snapshot> {
  const uri = "file:///test.bpf.c";
  const headers = await headerFollower({ readText: async (other) => files.get(other.replace("file://", "")) }).follow(
    uri,
    text,
  );
  const { model, lines } = buildModel(text, syntax, { headers });
  return { uri, text, lines, model };
}

const PLACE = /«(\w+)(?:\|(\w+))?»/g;

/**
 * From each place in «» all of them are found and no other. `«name|def»` is what defines or declares it, `«name|write»` what
 * changes it.
 */
export async function checkPlaces(source: string): Promise<void> {
  const marked = fixture(source);
  const wanted: { readonly start: number; readonly name: string; readonly label: string }[] = [];
  const text = marked.text.replace(PLACE, (mark, name: string, label = "", at: number) => {
    const before = marked.text.slice(0, at).replace(PLACE, "$1").length;
    wanted.push({ start: before, name, label: String(label) });
    return mark.slice(1, 1 + name.length);
  });
  const file = await fileOf({ ...marked, text });
  const shown = wanted.map(
    ({ start, name, label }) => `${file.lines.positionAt(start).line + 1} ${start} ${name} ${label}`,
  );
  for (const { start } of wanted) expect(placesAt(file, file.lines.positionAt(start + 1))).toEqual(shown);
}

function placesAt(file: Snapshot, position: Position) {
  const { names } = file.model;
  const found = names.at(file.lines.offsetAt(position));
  if (found === undefined) return [];
  const uses = new Set(references([file], found.named, false).map(({ range }) => JSON.stringify(range)));
  return (documentHighlights(file, position) ?? []).map(({ range, kind }) => {
    const label = !uses.has(JSON.stringify(range)) ? "def" : kind === 3 ? "write" : "";
    const start = file.lines.offsetAt(range.start);
    return `${range.start.line + 1} ${start} ${file.text.slice(start, file.lines.offsetAt(range.end))} ${label}`;
  });
}
