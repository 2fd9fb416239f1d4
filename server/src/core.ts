/** The loaded core: parser and knowledge base, ready to look at texts. */

import { type KnowledgeBase, knowledgeBase } from "./analysis/knowledge/knowledge-base.ts";
import { type Finding, lint, lintInTurns } from "./analysis/lint.ts";
import type { Earlier } from "./analysis/lint-again.ts";
import type { BpfModel } from "./analysis/model.ts";
import type { Rule } from "./analysis/rule.ts";
import { asksTheKernel, type Syntax } from "./analysis/syntax/tree.ts";
import type { Host } from "./host.ts";
import type { Settings } from "./settings.ts";

export interface Core {
  readonly kb: KnowledgeBase;
  /** The parser. Loading it costs more than most files need: only those that ask about their kernel are parsed. */
  readonly syntax: () => Promise<Syntax>;
}

/** Longer texts are generated or no source at all; analysing them would make the editor wait. */
export const MAX_LENGTH = 2 * 1024 * 1024;

export function tooLargeMessage(length: number): string {
  return `This file has ${Math.round(length / 1024 / 1024)} MB. Hookpoint analyses files up to ${MAX_LENGTH / 1024 / 1024} MB.`;
}

export async function loadCore(host: Host): Promise<Core> {
  let syntax: Promise<Syntax> | undefined;
  const load = async (): Promise<Syntax> => {
    const [{ loadSyntax }, bytes] = await Promise.all([import("./analysis/syntax/parse.ts"), host.loadGrammar()]);
    return loadSyntax(bytes);
  };
  return {
    kb: knowledgeBase(await host.loadKnowledge()),
    syntax: () => {
      syntax ??= load();
      return syntax;
    },
  };
}

/** The parser, where this text needs one. */
export async function syntaxFor(text: string, { syntax }: Core): Promise<Syntax | undefined> {
  return asksTheKernel(text) ? syntax() : undefined;
}

export interface LookedFor {
  /** Which rules; all when left out. */
  readonly only?: readonly Rule[] | undefined;
  /** What was found in the file before; it learns what is found now. */
  readonly earlier?: Earlier | undefined;
}

type Question = readonly [
  model: BpfModel,
  kb: KnowledgeBase,
  settings: Settings,
  onCrash: (rule: string, error: unknown) => void,
  lookedFor?: LookedFor,
];

/** The findings for one model under one person's settings: the same in every host. */
export function findingsOf(...question: Question): readonly Finding[] {
  return lint(...forLint(...question));
}

/** The same, in turns between which something else can be done. */
export function findingsInTurns(...question: Question): Generator<void, readonly Finding[]> {
  return lintInTurns(...forLint(...question));
}

function forLint(
  ...[model, kb, { targets, severities, loader, arch }, onCrash, { only, earlier } = {}]: Question
): Parameters<typeof lint> {
  const options = { severities, onCrash, earlier, ...(only === undefined ? {} : { rules: only }) };
  return [{ model, kb, targets, loader, arch }, options];
}
