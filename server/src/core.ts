/** The loaded core: parser and knowledge base, ready to look at texts. */

import { type KnowledgeBase, knowledgeBase } from "./analysis/knowledge/knowledge-base.ts";
import { type Finding, lint } from "./analysis/lint.ts";
import type { BpfModel } from "./analysis/model.ts";
import { loadSyntax, type Syntax } from "./analysis/syntax/parse.ts";
import type { Host } from "./host.ts";
import type { Settings } from "./settings.ts";

export interface Core {
  readonly syntax: Syntax;
  readonly kb: KnowledgeBase;
}

/** Longer texts are generated or no source at all; analysing them would make the editor wait. */
export const MAX_LENGTH = 2 * 1024 * 1024;

export function tooLargeMessage(length: number): string {
  return `This file has ${Math.round(length / 1024 / 1024)} MB. Hookpoint analyses files up to ${MAX_LENGTH / 1024 / 1024} MB.`;
}

export async function loadCore(host: Host): Promise<Core> {
  const [syntax, knowledge] = await Promise.all([host.loadGrammar().then(loadSyntax), host.loadKnowledge()]);
  return { syntax, kb: knowledgeBase(knowledge) };
}

/** The findings for one model under one person's settings: the same in every host. */
export function findingsOf(
  model: BpfModel,
  kb: KnowledgeBase,
  { targets, severities }: Settings,
  onCrash: (rule: string, error: unknown) => void,
): readonly Finding[] {
  return lint({ model, kb, targets }, { severities, onCrash });
}
