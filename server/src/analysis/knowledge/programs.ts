/** Which programs run a piece of code: its function's own section, or those of the programs that call it. */

import type { BpfFunction, BpfModel } from "../model.ts";
import { containsPosition, type Position } from "../text.ts";
import type { KnowledgeBase } from "./knowledge-base.ts";
import { type ProgramMeaning, programMeaning } from "./loaders.ts";
import type { ProgramKind } from "./supports.ts";

export function functionAt({ functions }: BpfModel, position: Position): BpfFunction | undefined {
  return functions.find(({ range }) => containsPosition(range, position));
}

/** @param loader as the setting `hookpoint.loader` */
export function programsAt(
  model: BpfModel,
  kb: KnowledgeBase,
  position: Position,
  loader: string,
): readonly ProgramKind[] {
  const fn = functionAt(model, position);
  return fn === undefined ? [] : programsOf(fn, model, kb, loader);
}

export function programsOf(
  fn: BpfFunction,
  model: BpfModel,
  kb: KnowledgeBase,
  loader: string,
): readonly ProgramKind[] {
  const kinds = new Map<string, ProgramKind>();
  for (const { kind } of meaningsOf(fn, model, kb, loader)) kinds.set(`${kind.progType} ${kind.attachType}`, kind);
  return [...kinds.values()];
}

/** One for each section; those of which the loader finds no type are left out. */
export function meaningsOf(
  fn: BpfFunction,
  { programs, runs }: Pick<BpfModel, "programs" | "runs">,
  kb: KnowledgeBase,
  loader: string,
): readonly ProgramMeaning[] {
  const sections = new Set(
    fn.section === undefined
      ? programs.filter(({ name }) => runs(name, fn.name)).map(({ section }) => section.name)
      : [fn.section.name],
  );
  return [...sections].flatMap((name) => (name === undefined ? [] : (programMeaning(name, kb, loader) ?? [])));
}

export function kindText({ progType, attachType }: ProgramKind): string {
  const type = progType.replace("BPF_PROG_TYPE_", "");
  return attachType === undefined ? type : `${type}, ${attachType}`;
}
