/** `hookpoint facts [KIND [NAME]]`: asks the knowledge base. Its JSON shape is documented in server/docs/facts.md. */

import { join } from "node:path";
import { gainedIn, KERNEL_KINDS } from "../analysis/knowledge/gained.ts";
import { knowledgeBase, prototypeOf } from "../analysis/knowledge/knowledge-base.ts";
import { classifySection, dataSection } from "../analysis/knowledge/sections.ts";
import { allowancesFor, type FeatureKind, supports, type Verdict } from "../analysis/knowledge/supports.ts";
import type { Target } from "../analysis/knowledge/target.ts";
import type { Allowance, Helper, KfuncFact, KnowledgeJson } from "../analysis/knowledge/types.ts";
import { nodeHost } from "../files.ts";
import { profileReader } from "../profiles.ts";
import type { Settings } from "../settings.ts";
import { BadUse, print, settingsOf } from "./source.ts";

/** Raised when a reader of an older shape could no longer make sense of the output. */
const FACTS_FORMAT = 2;

/** What can be asked for: the word on the command line, and where it stands in `knowledge.json`. */
const KINDS = {
  helpers: "helpers",
  kfuncs: "kfuncs",
  sections: "sections",
  "loader-sections": "loaderSections",
  "removed-sections": "removedSections",
  "probed-functions": "probedFunctions",
  abilities: "abilities",
  "program-types": "programTypes",
  "attach-types": "attachTypes",
  "map-types": "mapTypes",
  "link-types": "linkTypes",
  commands: "commands",
  flags: "flags",
  macros: "macros",
  contexts: "contexts",
  constants: "constants",
  kernels: "kernels",
  distributions: "distributions",
} as const satisfies Readonly<Record<string, keyof KnowledgeJson>>;

type Kind = keyof typeof KINDS;

interface Fact {
  readonly name: string;
  readonly since?: string;
}

/** What is printed: a fact, and whatever else is known of it. */
type Answer = Fact & Readonly<Record<string, unknown>>;

export interface FactsOptions {
  readonly format: "json" | "text";
  readonly target: readonly string[] | undefined;
  /** A section or program type: what a helper or kfunc is for there. */
  readonly program: string | undefined;
}

export async function facts(words: readonly string[], options: FactsOptions): Promise<number> {
  const [kindWord, name, ...rest] = words;
  if (rest.length > 0) throw new BadUse(`Too many words: ${rest.join(" ")}.`);
  const host = nodeHost(join(__dirname, ".."));
  const json = await host.loadKnowledge();
  const kb = knowledgeBase(json);
  const given = options.target === undefined ? {} : { target: options.target };
  const settings = await settingsOf(given, { core: { kb }, kernels: profileReader(host) });
  if (settings.problems.length > 0) throw new BadUse(settings.problems.join("\n"));
  const kind = kindWord === undefined ? undefined : kindOf(kindWord);
  const found = kind === undefined ? counts(json) : answer(json, kind, name);
  if (found === undefined) throw new BadUse(`There is no ${singular(kind ?? "")} "${name}".`);
  const program = options.program === undefined ? undefined : programOf(options.program, json);
  const asked = found.map((fact) => withVerdicts(fact, kind, { json, settings, program }));
  if (options.format === "json")
    print(`${JSON.stringify({ format: FACTS_FORMAT, kind: kind ?? "kinds", facts: asked }, null, 2)}\n`);
  else for (const fact of asked) print(name === undefined ? listLine(fact) : page(fact));
  return 0;
}

/** `helper` and `helpers` both. */
function kindOf(word: string): Kind {
  const kind = (Object.keys(KINDS) as Kind[]).find((name) => name === word || singular(name) === word);
  if (kind === undefined) throw new BadUse(`There is no kind "${word}". Choose ${Object.keys(KINDS).join(", ")}.`);
  return kind;
}

function singular(kind: string): string {
  return kind.replace(/ies$/, "y").replace(/s$/, "");
}

function counts(json: KnowledgeJson): readonly Answer[] {
  return Object.entries(KINDS).map(([name, key]) => {
    const entries = json[key];
    const fields = key === "contexts" ? { fields: json.contexts.flatMap((context) => context.fields).length } : {};
    return { name, count: entries.length, notes: entries.filter(({ note }) => note !== undefined).length, ...fields };
  });
}

/** All facts of a kind, or the one by that name; undefined when there is none. */
function answer(json: KnowledgeJson, kind: Kind, name: string | undefined): readonly Answer[] | undefined {
  const all: readonly Fact[] = json[KINDS[kind]];
  if (name === undefined) return all as readonly Answer[];
  if (kind === "sections") return [section(name, json)];
  const fact: Fact | undefined =
    kind === "distributions" ? knowledgeBase(json).distribution(name) : all.find((entry) => entry.name === name);
  if (kind === "kernels" && fact !== undefined) return [{ ...fact, gained: namesOf(gainedIn(fact.name, json)) }];
  return fact && [{ ...fact, ...(kind === "helpers" && { prototype: prototypeOf(fact as Helper) }) }];
}

function namesOf(gained: ReturnType<typeof gainedIn>): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...gained].map(([kind, facts]) => [kind, facts.map(({ name }) => name)]));
}

/** What libbpf makes of any string in `SEC()`, and what others do. */
function section(name: string, json: KnowledgeJson): Answer {
  const kb = knowledgeBase(json);
  const meaning = classifySection(name, kb);
  const plain = name.replace(/^\?/, "");
  const removed = kb.removedSection(plain);
  if (meaning === undefined) {
    const data = dataSection(name);
    const reason =
      removed?.reason ??
      "libbpf's table has no pattern for it: a program there cannot be loaded without setting its type";
    const instead = removed?.replacement;
    return {
      name,
      ...(data === undefined ? { valid: false, reason, ...(instead && { instead }) } : { valid: true, data }),
    };
  }
  const { fact, progType, attachType, sleepable, autoload, target } = meaning;
  const { targetRules, note, libbpf } = fact;
  return {
    name,
    valid: true,
    pattern: fact.name,
    progType,
    attachType,
    sleepable,
    autoload,
    target,
    ...targetProblem(target, targetRules),
    ...(removed?.status === "deprecated" && { deprecated: removed.reason, instead: removed.replacement }),
    context: kb.programType(progType)?.context,
    libbpf,
    targetRules,
    note,
  };
}

/** What is wrong with the part behind the slash, if anything is. */
function targetProblem(
  target: string | undefined,
  rules: { pattern?: string; without?: string; malformed?: string; target: string } | undefined,
) {
  if (rules === undefined) return {};
  if (target === undefined) return rules.without === undefined ? {} : { withoutTarget: rules.without };
  const well = rules.pattern === undefined || new RegExp(rules.pattern).test(target);
  return well ? {} : { malformedTarget: rules.malformed ?? "not what libbpf expects there" };
}

interface Program {
  readonly progType: string;
  readonly attachType?: string | undefined;
}

/** `xdp`, `fentry/foo` or `BPF_PROG_TYPE_XDP`. */
function programOf(word: string, json: KnowledgeJson): Program {
  const kb = knowledgeBase(json);
  if (kb.programType(word) !== undefined) return { progType: word };
  const meaning = classifySection(word, kb);
  if (meaning === undefined) throw new BadUse(`"${word}" is neither a section nor a program type.`);
  return { progType: meaning.progType, attachType: meaning.attachType };
}

interface Question {
  readonly json: KnowledgeJson;
  readonly settings: Settings;
  readonly program: Program | undefined;
}

function withVerdicts(fact: Answer, kind: Kind | undefined, { json, settings, program }: Question): Answer {
  const judged = kind && (KERNEL_KINDS as Partial<Record<Kind, { readonly feature: FeatureKind }>>)[kind]?.feature;
  const callable = judged === "helper" || judged === "kfunc";
  const narrowed =
    callable && program
      ? { ...fact, allowed: allowancesFor((fact as unknown as Helper | KfuncFact).allowed, program) }
      : fact;
  if (settings.targets.length === 0 || judged === undefined) return narrowed;
  const kb = knowledgeBase(json);
  const targets = settings.targets.map((target: Target): Verdict & { target: string } => ({
    target: target.label,
    ...supports(
      target,
      { kind: judged, name: fact.name, ...(callable && program && { program }) },
      kb,
      settings.loader,
    ),
  }));
  return { ...narrowed, targets };
}

/** In a list only what fits on a line. */
function listLine(fact: Answer): string {
  const { name, since, ...rest } = fact;
  const details = [since === undefined ? "" : `since ${since}`, ...Object.entries(rest).flatMap(detail)];
  return `${[name, ...details.filter((text) => text !== "")].join("  ")}\n`;
}

const IN_LISTS = [
  "count",
  "notes",
  "fields",
  "progType",
  "attachType",
  "value",
  "kernel",
  "released",
  "replacement",
  "libbpf",
];

function detail([key, value]: [string, unknown]): readonly string[] {
  if (key === "targets")
    return (value as readonly (Verdict & { target: string })[]).map(({ target, answer: said }) => `${target}: ${said}`);
  return IN_LISTS.includes(key) && typeof value !== "object" ? [`${key} ${value}`] : [];
}

/** One fact, for people: a heading, then a paragraph for everything that is known. */
function page({ name, ...fact }: Answer): string {
  const lines = Object.entries(fact).flatMap(([key, value]) => (value === undefined ? [] : paragraph(key, value)));
  return `${[name, ...lines].join("\n")}\n`;
}

function paragraph(key: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "object" && "in" in one))
    return [`  ${key}:`, ...(value as readonly Allowance[]).map((one) => `    ${intervalText(one)}`)];
  if (key === "targets")
    return [
      "  targets:",
      ...(value as readonly (Verdict & { target: string })[]).map(
        ({ target, answer: said, reason, gpl, sleepable }) =>
          `    ${target}: ${said}, ${reason}${gpl ? "; GPL only" : ""}${sleepable ? "; sleepable programs only" : ""}`,
      ),
    ];
  if (Array.isArray(value))
    return value.some((one) => typeof one === "object")
      ? [`  ${key}:`, ...value.map((one) => `    ${objectText(one)}`)]
      : [`  ${key}: ${value.join(" ")}`];
  if (typeof value === "object" && value !== null)
    return [`  ${key}:`, ...Object.entries(value).map(([field, text]) => `    ${field}: ${plainText(text)}`)];
  return [`  ${key}: ${plainText(value)}`];
}

function intervalText({ in: where, since, maybe, until, ...rest }: Allowance): string {
  const when = `since ${since}${maybe === undefined ? "" : ` (perhaps ${maybe})`}${until === undefined ? "" : `, until ${until}`}`;
  const more = Object.entries(rest).map(([key, value]) => (value === true ? key : `${key} ${value}`));
  return [when, ...more].join(", ").concat(`: ${where.join(" ")}`);
}

function objectText(value: unknown): string {
  return Object.entries(value as object)
    .map(([key, part]) =>
      key === "access"
        ? `access ${(part as readonly Allowance[]).map(intervalText).join("; ")}`
        : `${key} ${plainText(part)}`,
    )
    .join(", ");
}

function plainText(value: unknown): string {
  if (Array.isArray(value)) return value.map(plainText).join(value.some((one) => typeof one === "object") ? "; " : " ");
  if (typeof value === "object" && value !== null) return objectText(value);
  return String(value).includes("\n") ? `\n${String(value).replace(/^/gm, "      ")}` : String(value);
}
