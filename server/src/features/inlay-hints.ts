/** Feature: inlay hints. What a section makes of a program, what `ctx` points to, what a helper calls its arguments. */

import type { InlayHint, InlayHintKind } from "vscode-languageserver-types";
import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { programMeaning, shortType } from "../analysis/knowledge/loaders.ts";
import type { BpfModel, Call, Program } from "../analysis/model.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import { comparePositions, type Position, type Range } from "../analysis/text.ts";
import { contextPointer } from "./context-type.ts";
import { passedParams } from "./signature/parameter-words.ts";

export interface InlayHintChoice {
  readonly programTypes: boolean;
  readonly contextTypes: boolean;
  readonly parameterNames: boolean;
}

// The numbers of InlayHintKind: its own object would be the only code this file needs at run time.
const TYPE: InlayHintKind = 1;
const PARAMETER: InlayHintKind = 2;

export function inlayHints(
  { model }: Snapshot,
  kb: KnowledgeBase,
  range: Range,
  { loader, inlayHints: wanted }: { readonly loader: string; readonly inlayHints: InlayHintChoice },
): InlayHint[] {
  const isAsked = ({ start, end }: Range): boolean =>
    comparePositions(start, range.end) <= 0 && comparePositions(range.start, end) <= 0;
  const programs = model.programs.filter((program) => isAsked(program.range));
  return [
    ...(wanted.programTypes ? programs.flatMap((program) => typeHint(program, kb, loader)) : []),
    ...(wanted.contextTypes ? programs.flatMap((program) => contextHint(program, model, kb, loader)) : []),
    ...(wanted.parameterNames
      ? model.calls.filter((call) => isAsked(call.range)).flatMap((call) => parameterHints(call, model, kb))
      : []),
  ].sort((a, b) => comparePositions(a.position, b.position));
}

/** `SEC("tc")`: sched_cls. */
function typeHint({ section }: Program, kb: KnowledgeBase, loader: string): InlayHint[] {
  const meaning = section.name === undefined ? undefined : programMeaning(section.name, kb, loader);
  if (meaning === undefined) return [];
  const { progType, attachType } = meaning.kind;
  const type = shortType(progType);
  if (isSaidBy(meaning.word, type)) return [];
  const tooltip = attachType === undefined ? progType : `${progType}, ${attachType}`;
  return [{ position: section.range.end, label: type, kind: TYPE, paddingLeft: true, tooltip }];
}

/** `kprobe`, `kretprobe.multi` and `?kprobe` say kprobe. */
function isSaidBy(word: string, type: string): boolean {
  return letters(word).replace("kret", "k").startsWith(letters(type));
}

function letters(text: string): string {
  return text.replace(/[^a-z]/g, "");
}

/** `void *ctx`, and the context that a macro unpacks and the body asks for all the same. */
function contextHint(program: Program, { code }: BpfModel, kb: KnowledgeBase, loader: string): InlayHint[] {
  const pointer = contextPointer(program, kb, loader);
  if (pointer === undefined) return [];
  const { macro, params, nameRange, range } = program;
  if (macro === undefined) {
    if (params.length !== 1 || !/^(?:const )?void \*$/.test(params[0]?.type ?? "")) return [];
    const end = endOfParams(program, code.textOf({ start: nameRange.end, end: range.end }), code.lines);
    return end === undefined ? [] : [{ position: end, label: `: ${pointer}`, kind: TYPE }];
  }
  const isUsed = code.uses("ctx").some((use) => use.in === program || use.in?.name === program.name);
  if (!isUsed || params.some(({ name }) => name === "ctx")) return [];
  return [{ position: nameRange.end, label: `, ${pointer}${pointer.endsWith("*") ? "" : " "}ctx`, kind: TYPE }];
}

/** Before the parenthesis that closes the parameters. */
function endOfParams({ nameRange }: Program, behind: string, lines: BpfModel["code"]["lines"]): Position | undefined {
  const match = /^\s*\([^(){};]*/.exec(behind)?.[0];
  if (match === undefined || behind[match.length] !== ")") return undefined;
  return lines.positionAt(lines.offsetAt(nameRange.end) + match.trimEnd().length);
}

/** `map: &counts, key: &pid`; nothing where the argument says as much by itself. */
function parameterHints({ name, args, closed }: Call, { redefines }: BpfModel, kb: KnowledgeBase): InlayHint[] {
  if (!closed || args.length < 2 || redefines(name)) return [];
  const kfunc = kb.kfunc(name);
  const params = kb.helper(name)?.params ?? (kfunc === undefined ? undefined : passedParams(kfunc));
  if (params === undefined || params.some(({ type }) => type === "...")) return [];
  return args.flatMap(({ text, range }, i) => {
    const param = params[i]?.name;
    if (param === undefined || param === "" || text === "" || says(text, param)) return [];
    return [{ position: range.start, label: `${param}:`, kind: PARAMETER, paddingRight: true }];
  });
}

/** The last word of `&event->key`, `sizeof(key)`: whoever reads it needs no hint. */
function says(argument: string, param: string): boolean {
  const words = argument.toLowerCase().match(/[a-z_]\w*/g) ?? [];
  const last = words.at(-1) ?? "";
  if (words[0] === "sizeof" && /size|len/.test(param)) return true;
  return last === param.toLowerCase() || last.endsWith(`_${param.toLowerCase()}`);
}
