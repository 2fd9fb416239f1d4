/** Feature: hover. What the word, or the section, under the cursor is. */

import type { Hover } from "vscode-languageserver-types";
import type { EnumKind, KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import type { BpfModel } from "../analysis/model.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import { containsPosition, type Position, type Range } from "../analysis/text.ts";
import { type Card, renderCard, type View } from "./card.ts";
import { fieldAt } from "./context-at.ts";
import { describeConstant } from "./describe/constant.ts";
import { describeContext, describeField } from "./describe/context-field.ts";
import { describeEnumerator } from "./describe/enumerator.ts";
import { describeMap } from "./describe/file-map.ts";
import { describeHelper } from "./describe/helper.ts";
import { describeKfunc } from "./describe/kfunc.ts";
import { describeMacro } from "./describe/macro.ts";
import { describeSection } from "./describe/section.ts";
import { programsAt } from "./program-context.ts";

export function hover(file: Snapshot, kb: KnowledgeBase, position: Position, view: View): Hover | null {
  const section = sectionAt(file.model, position);
  if (section !== undefined) {
    const card = describeSection(section.name, kb, view);
    return card === undefined ? null : shown(card, section.range);
  }
  const word = file.model.wordAt(position);
  if (word === undefined) return null;
  const here: View = { ...view, programs: programsAt(file.model, kb, position) };
  const card =
    fieldCard(file, kb, word.range, here) ??
    ownCard(file.model, word.text, kb, here) ??
    kernelCard(file.model, word.text, kb, here);
  return card === undefined ? null : shown(card, word.range);
}

function shown(card: Card, range: Range): Hover {
  return { contents: { kind: "markdown", value: renderCard(card) }, range };
}

/** The string in a `SEC()` around the cursor. */
export function sectionAt({ functions, maps, globals }: BpfModel, position: Position) {
  const holders = [...functions, ...maps, ...globals];
  const found = holders.find(
    ({ section }) => section !== undefined && containsPosition(section.nameRange, position),
  )?.section;
  return found?.name === undefined ? undefined : { name: found.name, range: found.nameRange };
}

function fieldCard(file: Snapshot, kb: KnowledgeBase, range: Range, view: View): Card | undefined {
  const found = fieldAt(file, kb, range);
  return found && describeField(found.context, found.field, view);
}

/** What the file itself says of a name goes before what the kernel says. */
function ownCard(model: BpfModel, name: string, kb: KnowledgeBase, view: View): Card | undefined {
  const map = [...model.maps, ...model.outside.maps].find((one) => one.name === name);
  if (map !== undefined) return describeMap(map, kb, view);
  const program = model.programs.find((one) => one.name === name);
  if (program?.section.name !== undefined) {
    const card = describeSection(program.section.name, kb, view);
    return (
      card && { ...card, code: `SEC("${program.section.name}") ${name}`, what: ["program of this file", ...card.what] }
    );
  }
  return undefined;
}

/** A function or macro of the file's own by the name of one of the kernel's is not the kernel's. */
function kernelCard(model: BpfModel, name: string, kb: KnowledgeBase, view: View): Card | undefined {
  return model.redefines(name) ? undefined : cardOf(name, kb, view);
}

const ENUMS: readonly EnumKind[] = ["map-type", "program-type", "attach-type", "link-type", "command", "flag"];

/** What the knowledge base says of a name; undefined when it says nothing. */
export function cardOf(name: string, kb: KnowledgeBase, view: View): Card | undefined {
  const helper = kb.helper(name);
  if (helper !== undefined) return describeHelper(helper, kb, view);
  const kfunc = kb.kfunc(name);
  if (kfunc !== undefined) return describeKfunc(kfunc, kb, view);
  const macro = kb.macro(name);
  if (macro !== undefined) return describeMacro(macro);
  for (const kind of ENUMS) {
    const fact = kb.enumerator(kind, name);
    if (fact !== undefined) return describeEnumerator(kind, fact, kb, view);
  }
  const context = kb.context(name);
  if (context !== undefined) return describeContext(context);
  const constant = kb.constant(name);
  return constant && describeConstant(constant);
}
