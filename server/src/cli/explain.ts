/** `hookpoint check --explain NAME`: a rule's page, or what the knowledge base has on a helper, kfunc, section or macro. */

import { join } from "node:path";
import { explain as pageOf } from "../analysis/explain.ts";
import { knowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { classifySection, dataSection } from "../analysis/knowledge/sections.ts";
import { rules } from "../analysis/rules/index.ts";
import { nearest } from "../analysis/spelling.ts";
import { renderCard } from "../features/card.ts";
import { describeSection } from "../features/describe/section.ts";
import { cardOf } from "../features/hover.ts";
import { nodeHost } from "../files.ts";
import { profileReader } from "../profiles.ts";
import { BadUse, print, settingsOf } from "./source.ts";

export async function explain(name: string, target: readonly string[] | undefined): Promise<number> {
  if (name === "rules") {
    print(`${rules.map(({ meta }) => `${meta.id.padEnd(32)} ${meta.summary}`).join("\n")}\n`);
    return 0;
  }
  const rule = rules.find(({ meta }) => meta.id === name);
  if (rule !== undefined) {
    print(pageOf(rule.meta));
    return 0;
  }
  const host = nodeHost(join(__dirname, ".."));
  const kb = knowledgeBase(await host.loadKnowledge());
  const given = target === undefined ? {} : { target };
  const view = await settingsOf(given, { core: { kb }, kernels: profileReader(host) });
  if (view.problems.length > 0) throw new BadUse(view.problems.join("\n"));
  const isSection = classifySection(name, kb) !== undefined || dataSection(name) !== undefined;
  const card = cardOf(name, kb, view) ?? (isSection ? describeSection(name, kb, view) : undefined);
  if (card !== undefined) {
    print(`${renderCard(card)}\n`);
    return 0;
  }
  const meant = nearest(name, [
    ...rules.map(({ meta }) => meta.id),
    ...kb.facts.helpers.map((helper) => helper.name),
    ...kb.facts.kfuncs.map((kfunc) => kfunc.name),
    ...kb.facts.macros.map((macro) => macro.name),
  ]);
  throw new Error(
    `nothing is known of "${name}": no rule, helper, kfunc, macro, section, type or flag.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
  );
}
