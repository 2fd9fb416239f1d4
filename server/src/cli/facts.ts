/** `hookpoint facts [KIND [NAME]]`: asks the knowledge base. Its JSON shape is documented in server/docs/facts.md. */

import { join } from "node:path";
import { knowledgeBase, prototypeOf } from "../analysis/knowledge/knowledge-base.ts";
import { classifySection, dataSection } from "../analysis/knowledge/sections.ts";
import { hasSince, readTargets, type Target } from "../analysis/knowledge/target.ts";
import type { Helper, KnowledgeJson } from "../analysis/knowledge/types.ts";
import { nodeHost } from "../files.ts";
import { BadUse, print } from "./source.ts";

/** Raised when a reader of an older shape could no longer make sense of the output. */
const FACTS_FORMAT = 1;

/** What can be asked for: the word on the command line, and where it stands in `knowledge.json`. */
const KINDS = {
  helpers: "helpers",
  kfuncs: "kfuncs",
  sections: "sections",
  "program-types": "programTypes",
  "attach-types": "attachTypes",
  "map-types": "mapTypes",
  "link-types": "linkTypes",
  commands: "commands",
  flags: "flags",
  macros: "macros",
} as const satisfies Readonly<Record<string, keyof KnowledgeJson>>;

type Kind = keyof typeof KINDS;

interface Fact {
  readonly name: string;
  readonly since?: string;
  readonly prototype?: string;
}

export interface FactsOptions {
  readonly format: "json" | "text";
  readonly target: readonly string[] | undefined;
}

export async function facts(words: readonly string[], { format, target }: FactsOptions): Promise<number> {
  const [kindWord, name, ...rest] = words;
  if (rest.length > 0) throw new BadUse(`Too many words: ${rest.join(" ")}.`);
  const { targets, unknown } = readTargets(target);
  if (unknown.length > 0) throw new BadUse(`"${unknown[0]}" is no kernel release. Write a number such as "5.15".`);
  const json = await nodeHost(join(__dirname, "..")).loadKnowledge();
  const kind = kindWord === undefined ? undefined : kindOf(kindWord);
  const found = kind === undefined ? counts(json) : answer(json, kind, name);
  if (found === undefined) throw new BadUse(`There is no ${singular(kind ?? "")} "${name}".`);
  const judged = found.map((fact) => (targets.length === 0 ? fact : { ...fact, targets: verdicts(fact, targets) }));
  if (format === "json")
    print(`${JSON.stringify({ format: FACTS_FORMAT, kind: kind ?? "kinds", facts: judged }, null, 2)}\n`);
  else for (const fact of judged) print(asText(fact, name !== undefined));
  return 0;
}

/** `helper` and `helpers` both. */
function kindOf(word: string): Kind {
  const kind = (Object.keys(KINDS) as Kind[]).find((name) => name === word || singular(name) === word);
  if (kind === undefined) throw new BadUse(`There is no kind "${word}". Choose ${Object.keys(KINDS).join(", ")}.`);
  return kind;
}

function singular(kind: string): string {
  return kind.replace(/s$/, "");
}

function counts(json: KnowledgeJson): readonly Fact[] {
  return Object.entries(KINDS).map(([name, key]) => {
    const entries = json[key];
    return { name, count: entries.length, notes: entries.filter(({ note }) => note !== undefined).length };
  });
}

/** All facts of a kind, or the one by that name; undefined when there is none. */
function answer(json: KnowledgeJson, kind: Kind, name: string | undefined): readonly Fact[] | undefined {
  const all: readonly Fact[] = json[KINDS[kind]];
  if (name === undefined) return all;
  if (kind === "sections") return [section(name, json)];
  const fact = all.find((entry) => entry.name === name);
  return fact && [kind === "helpers" ? { ...fact, prototype: prototypeOf(fact as Helper) } : fact];
}

/** What libbpf makes of any string in `SEC()`. */
function section(name: string, json: KnowledgeJson): Fact {
  const meaning = classifySection(name, knowledgeBase(json));
  if (meaning === undefined) {
    const data = dataSection(name);
    const reason = "libbpf's table has no pattern for it: a program there cannot be loaded without setting its type";
    return { name, ...(data === undefined ? { valid: false, reason } : { valid: true, data }) };
  }
  const { fact, progType, attachType, sleepable, autoload, target } = meaning;
  return { name, valid: true, pattern: fact.name, progType, attachType, sleepable, autoload, target } as Fact;
}

function verdicts({ since, ...fact }: Fact, targets: readonly Target[]): readonly object[] {
  return targets.map((target) => {
    if (since !== undefined) return { target: target.label, supported: hasSince(target, since), since };
    // A name that is in no release yet is in none of the targets; what has no release at all cannot be judged.
    return { target: target.label, supported: "number" in fact ? false : null };
  });
}

function asText(fact: Fact, whole: boolean): string {
  if (whole)
    return `${JSON.stringify(fact, null, 2)
      .replace(/^[{}]$/gm, "")
      .trim()}\n`;
  const { name, since, ...rest } = fact;
  const details = [since === undefined ? "" : `since ${since}`, ...Object.entries(rest).flatMap(detail)];
  return `${name}${details
    .filter((text) => text !== "")
    .map((text) => `  ${text}`)
    .join("")}\n`;
}

/** In a list only what fits on a line. */
function detail([key, value]: [string, unknown]): readonly string[] {
  if (key === "count" || key === "notes" || key === "progType" || key === "attachType" || key === "value")
    return [`${key} ${value}`];
  if (key !== "targets") return [];
  const missing = (value as readonly { target: string; supported: boolean | null }[]).filter(
    ({ supported }) => supported === false,
  );
  return missing.length === 0 ? [] : [`not on ${missing.map(({ target }) => target).join(", ")}`];
}
