/** Feature: signature help. The prototype of the call around the cursor, and what its arguments must be. */

import type { ParameterInformation, SignatureHelp } from "vscode-languageserver-types";
import { declare, type KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { programsAt } from "../analysis/knowledge/programs.ts";
import type { Feature } from "../analysis/knowledge/supports.ts";
import type { Helper, KfuncFact, MacroFact, Note, Param } from "../analysis/knowledge/types.ts";
import type { BpfModel } from "../analysis/model.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import { Cursor } from "../analysis/syntax/cursor.ts";
import { ATTRIBUTE_WORDS } from "../analysis/syntax/dialect-words.ts";
import { IDENTIFIER } from "../analysis/syntax/tokens.ts";
import { comparePositions, type Position, type Range } from "../analysis/text.ts";
import { type View, verdictsOn } from "./card.ts";
import { regionAt } from "./complete/region.ts";
import { inTheseWords } from "./describe/allowed.ts";
import { enclosingCall } from "./signature/enclosing-call.ts";
import { macroParameterWords } from "./signature/macro-words.ts";
import { helperParameterWords, kfuncParameterWords, passedParams } from "./signature/parameter-words.ts";

/** A prototype in pieces: what stands before its parameters, and these. */
interface Prototype {
  readonly head: string;
  readonly params: readonly Parameter[];
  readonly note?: Note | undefined;
  readonly verdicts?: readonly string[];
}

interface Parameter {
  readonly text: string;
  readonly words?: string | undefined;
}

export function signatureHelp(file: Snapshot, kb: KnowledgeBase, position: Position, view: View): SignatureHelp | null {
  const { model, lines } = file;
  const call = enclosingCall(file, position);
  if (call === undefined || isDeclaredAt(model, call.name, lines.positionAt(call.nameSpan.start))) return null;
  const here: View = { ...view, programs: programsAt(model, kb, position, view.loader) };
  const prototype = prototypeFor(file, call.name, kb, here);
  return prototype === undefined ? null : rendered(prototype, call.argument);
}

/** Its own parameter list calls nothing. */
function isDeclaredAt({ functions, kfuncs }: BpfModel, name: string, start: Position): boolean {
  const named = [...functions, ...kfuncs].filter((one) => one.name === name);
  return named.some(({ nameRange }) => comparePositions(nameRange.start, start) === 0);
}

/** What the file itself makes of a name goes before what the kernel does. */
function prototypeFor(file: Snapshot, name: string, kb: KnowledgeBase, view: View): Prototype | undefined {
  const { functions, redefines } = file.model;
  const own = functions.find((one) => one.name === name && one.macro === undefined);
  if (own !== undefined) return view.besideC !== undefined ? undefined : writtenPrototype(file, own.nameRange);
  if (redefines(name)) return undefined;
  const helper = kb.helper(name);
  if (helper !== undefined) return helperPrototype(helper, kb, view);
  const kfunc = kb.kfunc(name);
  const declared = file.model.kfuncs.find((one) => one.name === name);
  if (kfunc !== undefined || declared !== undefined)
    return kfuncPrototype(name, kfunc, declared && writtenPrototype(file, declared.nameRange), kb, view);
  const macro = kb.macro(name);
  return macro?.params && macroPrototype(macro, macro.params, kb, view);
}

function helperPrototype(helper: Helper, kb: KnowledgeBase, view: View): Prototype {
  const { name, returns, params, note } = helper;
  return {
    head: declare(returns, name),
    params: params.map((param, i) => ({ text: parameterText(param), words: helperParameterWords(helper, i) })),
    note,
    verdicts: verdictsOn(inTheseWords("helper", name, view), kb, view),
  };
}

/** As the file declares it, where it does: that is what the compiler checks. What the kernel says of it goes along. */
function kfuncPrototype(
  name: string,
  kfunc: KfuncFact | undefined,
  declared: Prototype | undefined,
  kb: KnowledgeBase,
  view: View,
): Prototype | undefined {
  const known = kfunc?.params === undefined ? undefined : passedParams(kfunc);
  const shown = declared ?? (kfunc?.returns === undefined || known === undefined ? undefined : plain(kfunc, known));
  if (shown === undefined) return undefined;
  const names = known?.length === shown.params.length ? known : shown.params.map(({ text }) => ({ name: text }));
  return {
    head: shown.head,
    params: shown.params.map(({ text }, i) => ({ text, words: kfuncParameterWords(name, names, i) })),
    note: kfunc?.note,
    verdicts: kfunc === undefined ? [] : verdictsOn(inTheseWords("kfunc", name, view), kb, view),
  };
}

function plain({ name, returns = "" }: KfuncFact, params: readonly Param[]): Prototype {
  return { head: declare(returns, name), params: params.map((param) => ({ text: parameterText(param) })) };
}

function macroPrototype(
  { name, returns, params: _, note, needs = [] }: MacroFact,
  params: readonly string[],
  kb: KnowledgeBase,
  view: View,
): Prototype {
  const features = needs.flatMap(({ kind, name: what, when }): readonly Feature[] => {
    const isKnown = kind === "helper" ? kb.helper(what) : kind === "kfunc" && kb.kfunc(what);
    return isKnown && when === undefined ? inTheseWords(kind as "helper" | "kfunc", what, view) : [];
  });
  return {
    head: returns === undefined ? name : declare(returns, name),
    params: params.filter((param) => param !== "").map((text) => ({ text, words: macroParameterWords(name, text) })),
    note,
    verdicts: features.flatMap((feature) =>
      verdictsOn([feature], kb, view).map((verdict) => `${verdict} (it uses \`${feature.name}\`)`),
    ),
  };
}

/** A pointer to a function has its name inside its type: `bool ()(int a)`. */
function parameterText({ type, name }: Param): string {
  return type.includes("()") ? type.replace("()", `(*${name})`) : declare(type, name);
}

/** A prototype as it stands in the file, by the place of its name. */
function writtenPrototype(file: Snapshot, nameRange: Range): Prototype | undefined {
  const { text, lines, model } = file;
  const cursor = new Cursor(text, model.code.tokensIn(regionAt(file, nameRange.start)));
  const start = lines.offsetAt(nameRange.start);
  let name = 0;
  while (name < cursor.count && cursor.start(name) < start) name++;
  const open = name + 1;
  if (cursor.start(name) !== start || !cursor.is(open, "(") || !cursor.isClosed(open)) return undefined;
  const close = cursor.closing(open);
  const bounds = [open, ...cursor.commas(open, close), close];
  const params = bounds.slice(1).map((end, i) => between(cursor, text, (bounds[i] ?? open) + 1, end));
  return {
    head: `${returnsBefore(cursor, name)}${cursor.text(name)}`,
    params: params.filter((param) => param !== "" && param !== "void").map((param) => ({ text: param })),
  };
}

/** On one line, without comments. */
function between(cursor: Cursor, text: string, first: number, end: number): string {
  let result = "";
  for (let i = first; i < end; i++) {
    const gap = i > first && cursor.start(i) > cursor.end(i - 1) ? " " : "";
    result += gap + text.slice(cursor.start(i), cursor.end(i));
  }
  return result;
}

const NOT_TYPE = new Set(["static", "extern", "inline"]);

function returnsBefore(cursor: Cursor, name: number): string {
  const words: string[] = [];
  for (let i = name - 1; cursor.kind(i) === IDENTIFIER || cursor.is(i, "*"); i--) words.unshift(cursor.text(i));
  const type = words.filter((word) => !NOT_TYPE.has(word) && !ATTRIBUTE_WORDS.has(word)).join(" ");
  const spaced = type.replaceAll("* *", "**");
  return spaced === "" || spaced.endsWith("*") ? spaced : `${spaced} `;
}

function rendered({ head, params, note, verdicts = [] }: Prototype, argument: number): SignatureHelp {
  let label = `${head}(`;
  const parameters = params.map(({ text, words }, i): ParameterInformation => {
    if (i > 0) label += ", ";
    const start = label.length;
    label += text;
    return { label: [start, label.length], ...(words !== undefined && { documentation: markdown(words) }) };
  });
  const documentation = [...verdicts.map((verdict) => `⚠️ ${verdict}`), note?.summary ?? ""].filter(Boolean);
  return {
    signatures: [
      {
        label: `${label}${params.length === 0 && head.includes(" ") ? "void" : ""})`,
        ...(documentation.length > 0 && { documentation: markdown(documentation.join("\n\n")) }),
        parameters,
      },
    ],
    activeSignature: 0,
    activeParameter: activeIn(params, argument),
  };
}

/** The last of a variable number stays; one too many is none of them. */
function activeIn(params: readonly Parameter[], argument: number): number {
  const isVariadic = params.at(-1)?.text.endsWith("...") === true;
  return Math.min(argument, isVariadic ? params.length - 1 : params.length);
}

function markdown(value: string) {
  return { kind: "markdown" as const, value };
}
