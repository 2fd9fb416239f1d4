/** What the editor says about a string in `SEC()`. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import { classifySection } from "../../analysis/knowledge/sections.ts";
import { allowancesFor, type Feature } from "../../analysis/knowledge/supports.ts";
import { type Card, docsLink, sinceText, type View, verdictsOn } from "../card.ts";
import { describeData } from "./data-section.ts";

export function describeSection(name: string, kb: KnowledgeBase, view: View): Card | undefined {
  const meaning = classifySection(name, kb);
  if (meaning === undefined) return describeData(name, kb, view) ?? describeUnknown(name, kb);
  const { fact, progType, attachType, sleepable, target } = meaning;
  const type = kb.programType(progType);
  const attach = attachType === undefined ? undefined : kb.attachType(attachType);
  const features: Feature[] = [{ kind: "program-type", name: progType }];
  if (attach !== undefined && !fact.attachOptional) features.push({ kind: "attach-type", name: attach.name });
  const rules = fact.targetRules;
  const returns = allowancesFor(type?.returns ?? [], { progType, attachType }).filter(
    ({ until }) => until === undefined,
  );
  const minimum = latestOf([type?.since, fact.attachOptional ? undefined : attach?.since]);
  return {
    verdicts: verdictsOn(features, kb, view),
    code: `SEC("${name}")`,
    what: [
      `\`${progType}\``,
      attachType !== undefined && `\`${attachType}\``,
      minimum !== undefined && sinceText({ since: minimum }),
      fact.libbpf !== undefined && fact.libbpf !== "0.1" && `libbpf ${fact.libbpf}`,
      sleepable && "may sleep",
    ],
    note: fact.note,
    here: [
      rules?.syntax !== undefined && {
        label: "After the slash",
        text: `\`${rules.syntax}\`${target === undefined ? "" : `, here \`${target}\``}`,
      },
      rules?.without !== undefined && target === undefined && { label: "Without it", text: rules.without },
      badTarget(target, rules?.pattern) && {
        label: "This target",
        text: rules?.malformed ?? "is not what libbpf expects there",
      },
      type?.context !== undefined && { label: "Context", text: `\`struct ${type.context} *\`` },
      returns.length > 0 && {
        label: "Returns",
        text: returns.map(({ low, high }) => (low === high ? `${low}` : `${low} to ${high}`)).join("; "),
      },
      !fact.autoAttach && { label: "Attaching", text: "user space does it; libbpf does not by itself" },
      !meaning.autoload && { label: "Leading ?", text: "not loaded unless user space asks for it" },
    ],
    links: [docsLink(`program-type/${progType}`)],
  };
}

function badTarget(target: string | undefined, pattern: string | undefined): boolean {
  return target !== undefined && pattern !== undefined && !new RegExp(pattern).test(target);
}

function describeUnknown(name: string, kb: KnowledgeBase): Card | undefined {
  const removed = kb.removedSection(name);
  const reason = removed?.reason ?? "libbpf finds no program type for it; user space has to set one before the load.";
  const instead = removed?.replacement;
  return {
    code: `SEC("${name}")`,
    what: ["no section that libbpf knows"],
    note: { summary: reason },
    facts: [instead !== undefined && { label: "Write", text: `\`SEC("${instead}")\`` }],
  };
}

function latestOf(releases: readonly (string | undefined)[]): string | undefined {
  const known = releases.filter((release) => release !== undefined);
  return known.sort(
    (a, b) => Number(b.split(".")[0]) - Number(a.split(".")[0]) || Number(b.split(".")[1]) - Number(a.split(".")[1]),
  )[0];
}
