/** Feature: hover. What the word, or the section, under the cursor is. */

import type { Hover } from "vscode-languageserver-types";
import type { EnumKind, KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { takesSection } from "../analysis/knowledge/loaders.ts";
import { functionAt, programsAt } from "../analysis/knowledge/programs.ts";
import { dataSection } from "../analysis/knowledge/sections.ts";
import type { BpfModel, Section } from "../analysis/model.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { Word } from "../analysis/syntax/words.ts";
import { containsPosition, type Position, type Range } from "../analysis/text.ts";
import { type Card, renderCard, type View } from "./card.ts";
import { writtenSectionCard } from "./complete/section-card.ts";
import { fieldAt } from "./context-at.ts";
import { describeConstant } from "./describe/constant.ts";
import { describeContext, describeField } from "./describe/context-field.ts";
import { describeUnknownData } from "./describe/data-section.ts";
import { describeEnumerator } from "./describe/enumerator.ts";
import { describeMap } from "./describe/file-map.ts";
import { describeHelper } from "./describe/helper.ts";
import { describeKfunc } from "./describe/kfunc.ts";
import { describeLicence } from "./describe/licence.ts";
import { describeMacro } from "./describe/macro.ts";
import { macroUseAt } from "./describe/macro-use.ts";
import { wordRole } from "./describe/word-role.ts";
import { knownToC } from "./known-to-c.ts";

export function hover(file: Snapshot, kb: KnowledgeBase, position: Position, view: View): Hover | null {
  return (
    licenceHover(file, kb, position, view) ??
    sectionHover(file, kb, position, view) ??
    wordHover(file, kb, position, view)
  );
}

function shown(card: Card | undefined, range: Range): Hover | null {
  return card === undefined ? null : { contents: { kind: "markdown", value: renderCard(card) }, range };
}

function licenceHover(file: Snapshot, kb: KnowledgeBase, position: Position, { loader }: View): Hover | null {
  const { licence } = file.model;
  if (licence === undefined || !containsPosition(licence.range, position)) return null;
  const text = licenceText(file);
  return text === undefined ? null : shown(describeLicence(file, kb, { text, loader }), licence.range);
}

function sectionHover(file: Snapshot, kb: KnowledgeBase, position: Position, view: View): Hover | null {
  const section = sectionAt(file, position);
  if (section === undefined) return null;
  const { name, range, isData } = section;
  if (dataSection(name) === "license")
    return shown(describeLicence(file, kb, { text: licenceText(file), section: name, loader: view.loader }), range);
  const isUnknown = isData && dataSection(name) === undefined && !takesSection(name, kb, view.loader);
  return shown(isUnknown ? describeUnknownData(name) : writtenSectionCard(name, kb, view), range);
}

function wordHover(file: Snapshot, kb: KnowledgeBase, position: Position, view: View): Hover | null {
  const word = file.model.wordAt(position);
  if (word === undefined) return null;
  const here: View = { ...view, programs: programsAt(file.model, kb, position, view.loader) };
  const field = fieldAt(file, kb, word.range);
  if (field === undefined) return shown(ours(namedCard(file, kb, word, here), word.text, file, kb, view), word.range);
  return shown(ours(describeField(field.context, field.field, here), field.context.name, file, kb, view), word.range);
}

/** Where C declares the name, a server for it says how; of a constant that needs no explanation it says all there is. */
function ours(card: Card | undefined, name: string, file: Snapshot, kb: KnowledgeBase, { besideC }: View) {
  if (card?.declaration === undefined || besideC === undefined || !knownToC(file, kb, besideC)(name)) return card;
  const { declaration: _, ...rest } = card;
  return card.isPlain === true && card.note === undefined ? undefined : rest;
}

/** What is said of the licence, when one string says all of it and is typed to its end. */
function licenceText({ model, text, lines }: Snapshot): string | undefined {
  if (model.licence === undefined) return undefined;
  const { text: licence, range } = model.licence;
  const [start, end] = [lines.offsetAt(range.start), lines.offsetAt(range.end)];
  // A macro call that makes the whole definition has the licence among its arguments.
  if (text[start - 1] !== '"') return text.slice(start, end).includes(licence) ? licence : undefined;
  const isWhole = text[end] === '"' && !/^\s*["A-Za-z_]/.test(text.slice(end + 1, end + 80));
  return isWhole ? licence : undefined;
}

interface SectionPlace {
  readonly name: string;
  readonly range: Range;
  /** It holds a variable. */
  readonly isData: boolean;
}

/** The string in a `SEC()` around the cursor. */
export function sectionAt(file: Snapshot, position: Position): SectionPlace | undefined {
  const { functions, maps, globals } = file.model;
  const isAround = ({ section }: { readonly section: Section | undefined }): boolean =>
    section !== undefined && containsPosition(section.nameRange, position);
  const holder = functions.find(isAround) ?? maps.find(isAround) ?? globals.find(isAround);
  const section = holder?.section;
  if (section === undefined) return writtenSection(file, position);
  const isData = globals.some((global) => global === holder);
  return section.name === undefined ? undefined : { name: section.name, range: section.nameRange, isData };
}

const SECTION_STRING = /\b(SEC|(?:__)?section(?:__)?)\s*\(\s*"([^"\\]*)"/g;

/** One on a declaration that the model has no use for, or that is half typed. */
function writtenSection({ model, lines }: Snapshot, { line, character }: Position): SectionPlace | undefined {
  for (const { index, 0: whole, 1: macro, 2: name = "" } of lines.textOf(line).matchAll(SECTION_STRING)) {
    const end = index + whole.length - 1;
    const start = end - name.length;
    if (character < start || character > end) continue;
    // In a comment or another string it would be no word of code.
    const isCode = model.wordAt({ line, character: index })?.text === macro;
    const range = { start: { line, character: start }, end: { line, character: end } };
    return isCode && dataSection(name) !== undefined ? { name, range, isData: true } : undefined;
  }
  return undefined;
}

/** What the file itself says of a name goes before what the kernel says. */
function namedCard(file: Snapshot, kb: KnowledgeBase, { text: name, range }: Word, view: View): Card | undefined {
  const role = wordRole(file.text, file.lines.offsetAt(range.start));
  if (role === "field") return undefined;
  if (role === "tag") return structureCard(name, kb);
  return ownCard(file.model, name, range, kb, view) ?? kernelCard(file, name, range, kb, view);
}

function structureCard(name: string, kb: KnowledgeBase): Card | undefined {
  const context = kb.context(name);
  return context && describeContext(context);
}

function ownCard(model: BpfModel, name: string, range: Range, kb: KnowledgeBase, view: View): Card | undefined {
  const isParam = functionAt(model, range.start)?.params.some((param) => param.name === name) === true;
  const map = isParam ? undefined : model.mapNamed(name);
  if (map !== undefined) return describeMap(map, kb, view);
  const program = model.programs.find((one) => one.name === name);
  if (program?.section.name !== undefined) {
    const card = writtenSectionCard(program.section.name, kb, view);
    return (
      card && { ...card, code: `SEC("${program.section.name}") ${name}`, what: ["program of this file", ...card.what] }
    );
  }
  return undefined;
}

/** A function or macro of the file's own by the name of one of the kernel's is not the kernel's. */
function kernelCard(file: Snapshot, name: string, range: Range, kb: KnowledgeBase, view: View): Card | undefined {
  if (file.model.redefines(name)) return undefined;
  const macro = isCallable(name, kb) ? undefined : kb.macro(name);
  return macro === undefined ? cardOf(name, kb, view) : describeMacro(macro, kb, view, macroUseAt(file, name, range));
}

function isCallable(name: string, kb: KnowledgeBase): boolean {
  return kb.helper(name) !== undefined || kb.kfunc(name) !== undefined;
}

const ENUMS: readonly EnumKind[] = ["map-type", "program-type", "attach-type", "link-type", "command", "flag"];

/** What the knowledge base says of a name; undefined when it says nothing. */
export function cardOf(name: string, kb: KnowledgeBase, view: View): Card | undefined {
  const helper = kb.helper(name);
  if (helper !== undefined) return describeHelper(helper, kb, view);
  const kfunc = kb.kfunc(name);
  if (kfunc !== undefined) return describeKfunc(kfunc, kb, view);
  const macro = kb.macro(name);
  if (macro !== undefined) return describeMacro(macro, kb, view);
  for (const kind of ENUMS) {
    const fact = kb.enumerator(kind, name);
    if (fact !== undefined) return describeEnumerator(kind, fact, kb, view);
  }
  const context = kb.context(name);
  if (context !== undefined) return describeContext(context);
  const constant = kb.constant(name);
  return constant && describeConstant(constant);
}
