/** Reads `knowledge.json`, each fact when it is first asked for: a file needs a few dozen of thousands. */

import type { KnowledgeJson } from "./types.ts";

/** What is a list of facts, each with a name. */
export type FactKind = {
  [K in keyof KnowledgeJson]: KnowledgeJson[K] extends readonly { readonly name: string }[] ? K : never;
}[keyof KnowledgeJson];

type FactOf<K extends FactKind> = KnowledgeJson[K][number];

const lists = new WeakMap<KnowledgeJson, ReadonlyMap<string, List>>();

/** A string is one. What is bytes elsewhere becomes strings piece by piece. */
export interface KnowledgeText {
  readonly length: number;
  indexOf(text: string, from: number): number;
  slice(start: number, end: number): string;
}

/** Takes any JSON of this shape; with a line for each fact, as it is built, it costs next to nothing until somebody asks. */
export function readKnowledge(text: KnowledgeText): KnowledgeJson {
  const last = text.length - CLOSE.length;
  if (text.slice(0, OPEN.length) !== OPEN || text.slice(last, text.length) !== CLOSE)
    return JSON.parse(text.slice(0, text.length));
  const json: Record<string, unknown> = {};
  const found = new Map<string, List>();
  for (let at = OPEN.length; at < last; ) {
    const lineEnd = text.indexOf("\n", at);
    const line = text.slice(at, lineEnd);
    const colon = line.indexOf(":");
    const kind = line.slice(1, colon - 1);
    at = lineEnd + 1;
    if (!line.endsWith(":[")) {
      json[kind] = JSON.parse(withoutComma(line.slice(colon + 1)));
      continue;
    }
    const end = text.indexOf("\n]", lineEnd);
    // Not as it was built.
    if (end === -1) return JSON.parse(text.slice(0, text.length));
    const list = new List(text, at, end);
    found.set(kind, list);
    Object.defineProperty(json, kind, { enumerable: true, get: () => list.all() });
    at = text.indexOf("\n", end + 1) + 1;
  }
  const knowledge = json as unknown as KnowledgeJson;
  lists.set(knowledge, found);
  return knowledge;
}

const OPEN = "{\n";
const CLOSE = "\n}";

/** Looks for facts of one kind by their names. */
export function finder<K extends FactKind>(json: KnowledgeJson, kind: K): (name: string) => FactOf<K> | undefined {
  const list = lists.get(json)?.get(kind);
  if (list !== undefined) return (name) => list.named(name) as FactOf<K> | undefined;
  let byName: ReadonlyMap<string, FactOf<K>> | undefined;
  return (name) => {
    byName ??= new Map(json[kind].map((fact) => [fact.name, fact]));
    return byName.get(name);
  };
}

/** Looks for those facts of one kind that say a certain word. */
export function selector<K extends FactKind>(
  json: KnowledgeJson,
  kind: K,
  key: string & keyof FactOf<K>,
): (word: string) => FactOf<K>[] {
  const list = lists.get(json)?.get(kind);
  return (word) => {
    const facts = (list?.saying(`"${key}":"${word}"`) ?? json[kind]) as readonly FactOf<K>[];
    return facts.filter((fact) => fact[key] === word);
  };
}

const NAME = '{"name":"';

/** A list of facts, one line each. A fact is the same object however it was asked for. */
class List {
  private readonly text: KnowledgeText;
  private readonly start: number;
  private readonly end: number;
  private known: readonly string[] | undefined;
  private facts: unknown[] = [];
  private places: Map<string, number> | undefined;
  private whole: readonly unknown[] | undefined;

  constructor(text: KnowledgeText, start: number, end: number) {
    this.text = text;
    this.start = start;
    this.end = end;
  }

  private get lines(): readonly string[] {
    if (this.known === undefined) {
      this.known = this.end < this.start ? [] : this.text.slice(this.start, this.end).split("\n");
      // One that is filled here and there from nothing is a table to V8, and slow.
      this.facts = new Array<unknown>(this.known.length);
    }
    return this.known;
  }

  all(): readonly unknown[] {
    this.whole ??= this.lines.map((_, i) => this.at(i));
    return this.whole;
  }

  named(name: string): unknown {
    this.places ??= new Map(this.lines.map((line, i) => [line.slice(NAME.length, line.indexOf('"', NAME.length)), i]));
    const place = this.places.get(name);
    return place === undefined ? undefined : this.at(place);
  }

  saying(text: string): unknown[] {
    return this.lines.flatMap((line, i) => (line.includes(text) ? [this.at(i)] : []));
  }

  private at(i: number): unknown {
    const line = this.lines[i] ?? "";
    this.facts[i] ??= JSON.parse(withoutComma(line));
    return this.facts[i];
  }
}

function withoutComma(line: string): string {
  return line.endsWith(",") ? line.slice(0, -1) : line;
}
