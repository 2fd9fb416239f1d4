/** Which programs run a piece of code: its function's own section, or those of the programs that call it. */

import type { BpfFunction, BpfModel } from "../model.ts";
import { containsPosition, type Position } from "../text.ts";
import type { KnowledgeBase } from "./knowledge-base.ts";
import { classifySection } from "./sections.ts";
import type { ProgramKind } from "./supports.ts";

export function functionAt({ functions }: BpfModel, position: Position): BpfFunction | undefined {
  return functions.find(({ range }) => containsPosition(range, position));
}

export function programsAt(model: BpfModel, kb: KnowledgeBase, position: Position): readonly ProgramKind[] {
  const fn = functionAt(model, position);
  return fn === undefined ? [] : programsOf(fn, model, kb);
}

export function programsOf(fn: BpfFunction, model: BpfModel, kb: KnowledgeBase): readonly ProgramKind[] {
  const sections = new Set(
    fn.section === undefined
      ? model.programs.filter(({ name }) => model.reaches(name).has(fn.name)).map(({ section }) => section.name)
      : [fn.section.name],
  );
  const kinds = new Map<string, ProgramKind>();
  for (const name of sections) {
    const kind = name === undefined ? undefined : programKind(name, kb);
    if (kind !== undefined) kinds.set(`${kind.progType} ${kind.attachType}`, kind);
  }
  return [...kinds.values()];
}

export function programKind(section: string, kb: KnowledgeBase): ProgramKind | undefined {
  const meaning = classifySection(section, kb);
  return meaning && { progType: meaning.progType, attachType: meaning.attachType };
}

export function kindText({ progType, attachType }: ProgramKind): string {
  const type = progType.replace("BPF_PROG_TYPE_", "");
  return attachType === undefined ? type : `${type}, ${attachType}`;
}
