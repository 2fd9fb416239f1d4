/** What the editor shows about one thing, whatever kind of thing it is; one shape, one renderer. */

import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { type Feature, type ProgramKind, supports, type Verdict } from "../analysis/knowledge/supports.ts";
import { type Target, targetText } from "../analysis/knowledge/target.ts";
import type { Interval, Note } from "../analysis/knowledge/types.ts";

export interface Card {
  /** As C declares it, without a word of ours: servers for C show that too. */
  readonly declaration?: string | undefined;
  /** Beside its note there is nothing here but what its header says. */
  readonly isPlain?: true;
  /** What it is, in the words of its place: a section, a map with its type. */
  readonly code?: string | undefined;
  /** One line: `BPF helper #181 · since Linux 5.17 · GPL only`. */
  readonly what: readonly (string | false | undefined)[];
  /** Sentences on the targets that lack it or may lack it. */
  readonly verdicts?: readonly string[];
  /** What matters at this very place. */
  readonly here?: readonly (CardFact | false | undefined)[];
  /** What one may want to look up. */
  readonly facts?: readonly (CardFact | false | undefined)[];
  readonly note?: Note | undefined;
  readonly links?: readonly (string | false | undefined)[];
}

/** A line below the text: `**Programs** XDP, SCHED_CLS`. */
export interface CardFact {
  readonly label: string;
  readonly text: string;
}

/** For whom a card is made. */
export interface View {
  readonly targets: readonly Target[];
  readonly loader: string;
  /** The programs that run the code at the cursor, as far as the file tells. */
  readonly programs?: readonly ProgramKind[];
  /** The comment that the user's own libbpf has on a helper. */
  readonly official?: (helper: string) => string | undefined;
  /** Another server for C runs beside us: what it shows as well is left out. */
  readonly besideC?: BesideC | undefined;
}

/** What is known of another server for C that runs beside us. */
export interface BesideC {
  /** Headers of the file that it does not find, as they are written there. */
  readonly missing: readonly string[];
}

/** Verdict for the targets first, then what it is, what it does, what goes wrong, an example, where to read on. */
export function renderCard({ declaration, code, what, verdicts = [], here = [], facts = [], note, links = [] }: Card) {
  return [
    verdicts.map((verdict) => `⚠️ ${verdict}`).join("\n\n"),
    declaration && codeBlock(declaration),
    code && codeBlock(code),
    what.filter(Boolean).join(" · "),
    note?.summary,
    listOf(here),
    note?.mistake && `**Watch out:** ${note.mistake}`,
    note?.example && codeBlock(note.example),
    listOf(facts),
    links.filter(Boolean).join(" · "),
  ]
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n");
}

function listOf(facts: readonly (CardFact | false | undefined)[]): string {
  return facts.flatMap((fact) => (fact ? [`- **${fact.label}:** ${fact.text}`] : [])).join("\n");
}

/** One sentence per verdict, targets with the same verdict together: those that lack it first. */
export function verdictsOn(
  features: readonly Feature[],
  kb: KnowledgeBase,
  { targets, loader }: View,
): readonly string[] {
  const sentences = new Map<string, string[]>();
  for (const target of targets) {
    const worst = worstOf(features.map((feature) => supports(target, feature, kb, loader)));
    if (worst === undefined || worst.answer === "yes") continue;
    const sentence = worst.answer === "no" ? `**Not on %**: ${worst.reason}` : `**Perhaps not on %**: ${worst.reason}`;
    sentences.set(sentence, [...(sentences.get(sentence) ?? []), targetText(target)]);
  }
  return [...sentences]
    .sort(([a], [b]) => Number(b.startsWith("**Not")) - Number(a.startsWith("**Not")))
    .map(([sentence, labels]) => sentence.replace("%", labels.join(", ")));
}

function worstOf(verdicts: readonly Verdict[]): Verdict | undefined {
  const order = { no: 0, unknown: 1, yes: 2 };
  return [...verdicts].sort((a, b) => order[a.answer] - order[b.answer])[0];
}

export function sinceText({ since, maybe, until }: Partial<Interval>): string {
  if (since === undefined) return "in no release yet";
  const start = maybe === undefined ? `since Linux ${since}` : `since Linux ${since}, perhaps ${maybe}`;
  return until === undefined ? start : `${start}, until ${until}`;
}

/** How many names a line of a card can hold. */
const MANY = 10;

export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, MANY).map((name) => `\`${name}\``);
  const more = names.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

export function codeBlock(code: string): string {
  return `\`\`\`c\n${code}\n\`\`\``;
}

export function docsLink(path: string, text = "docs.ebpf.io"): string {
  return `[${text}](https://docs.ebpf.io/linux/${path}/)`;
}

export function commitLink(commit: string | undefined): string | undefined {
  return commit && `[kernel commit](https://git.kernel.org/linus/${commit})`;
}
