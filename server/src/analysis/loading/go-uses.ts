/** What Go programs with cilium/ebpf say of BPF objects: by what bpf2go makes of these, and by names in tags and tables. */

import { type LoaderFile, type LoaderUse, named, type ObjectUse, type ThingKind, withoutCommentsAt } from "./uses.ts";

/** `//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -type event bpf watch.bpf.c -- -I../headers` */
const GENERATE = /^\/\/go:generate\b[^\n]*\bbpf2go\b(?<words>[^\n]*)/dgm;
/** Flags of bpf2go that take a word of their own. */
const TAKES_WORD = /^--?(?:cc|cflags|tags|target|type|output-stem|output-dir|output-suffix|makebase|go-package|strip)$/;
const TAG = /`ebpf:"(?<name>[A-Za-z_]\w*)"`/dg;
const TAGGED = /\*ebpf\.(?<what>Map|MapSpec|Program|ProgramSpec|Variable|VariableSpec)\s*$/;
const TABLE = /\.(?<what>Maps|Programs|Variables)\s*\[\s*"(?<name>[A-Za-z_]\w*)"\s*\]/dg;

const KINDS: Readonly<Record<string, ThingKind>> = { M: "map", P: "program", V: "global" };

export function readGo(source: string): LoaderFile {
  const objects: ObjectUse[] = [];
  const idents = new Map<string, string>();
  for (const { match, start, end } of named(source, GENERATE, "words")) {
    const [ident, path] = positional(match.groups?.["words"] ?? "");
    if (ident === undefined || path === undefined) continue;
    idents.set(ident, path);
    const at = start + (match.groups?.["words"] ?? "").indexOf(path);
    objects.push({ by: "path", name: path, start: at, end: Math.min(end, at + path.length) });
  }
  const text = withoutCommentsAt(source);
  const uses: LoaderUse[] = [];
  for (const { start, end } of named(text, TAG)) {
    const what = TAGGED.exec(text.slice(text.lastIndexOf("\n", start) + 1, start - '`ebpf:"'.length))?.groups?.["what"];
    if (what !== undefined) uses.push(use(text, "c", "any", KINDS[what.charAt(0)] ?? "map", { start, end }));
  }
  for (const { match, start, end } of named(text, TABLE))
    uses.push(use(text, "c", "any", KINDS[match.groups?.["what"]?.charAt(0) ?? ""] ?? "map", { start, end }));
  for (const holder of holdersIn(text, idents))
    for (const { match, start, end } of named(
      text,
      new RegExp(`\\b${holder.name}\\s*\\.\\s*(?<name>[A-Z]\\w*)\\b(?<call>\\s*\\()?`, "dg"),
    )) {
      // `objs.Close()` is its own.
      if (match.groups?.["call"] !== undefined) continue;
      for (const kind of holder.kinds)
        uses.push({
          ...use(text, "go", "objects", kind, { start, end }),
          ...(holder.object !== undefined && { object: holder.object }),
        });
    }
  return { objects, uses: uses.sort((a, b) => a.start - b.start) };
}

interface Holder {
  readonly name: string;
  readonly kinds: readonly ThingKind[];
  /** Undefined where the same name stands for several. */
  readonly object: string | undefined;
}

/** Variables, fields and parameters whose type bpf2go made: `objs` of `var objs bpfObjects`. */
function holdersIn(text: string, idents: ReadonlyMap<string, string>): readonly Holder[] {
  const found = new Map<string, Holder>();
  for (const [ident, path] of idents) {
    const lower = `${ident.charAt(0).toLowerCase()}${ident.slice(1)}`;
    const upper = `${ident.charAt(0).toUpperCase()}${ident.slice(1)}`;
    const type = `(?:${lower}|${upper})(?<what>Objects|Maps|Programs|Variables|Specs)`;
    const declared = new RegExp(`\\b(?<name>[A-Za-z_]\\w*)\\s+\\*?${type}\\b`, "dg");
    const made = new RegExp(`\\b(?<name>[A-Za-z_]\\w*)\\s*:?=\\s*&?${type}\\s*\\{`, "dg");
    for (const pattern of [declared, made])
      for (const { match, start, end } of named(text, pattern)) {
        const name = text.slice(start, end);
        if (name === "type" || name === "return" || name === "func" || name === "struct") continue;
        const what = match.groups?.["what"]?.charAt(0) ?? "";
        const before = found.get(name);
        const own: readonly ThingKind[] = KINDS[what] === undefined ? ["map", "program", "global"] : [KINDS[what]];
        const kinds = new Set([...(before?.kinds ?? []), ...own]);
        const object = before === undefined || before.object === path ? path : undefined;
        found.set(name, { name, kinds: [...kinds], object });
      }
  }
  return [...found.values()];
}

function use(
  text: string,
  form: LoaderUse["form"],
  of: LoaderUse["of"],
  kind: ThingKind,
  { start, end }: { readonly start: number; readonly end: number },
): LoaderUse {
  return { name: text.slice(start, end), kind, form, of, start, end };
}

/** The words that are no flags: the name of what is made, and the source. */
function positional(words: string): readonly string[] {
  const found: string[] = [];
  const all = words.trim().split(/\s+/);
  for (let i = 0; i < all.length; i++) {
    const word = all[i] ?? "";
    if (word === "--") break;
    if (TAKES_WORD.test(word)) i++;
    else if (!word.startsWith("-")) found.push(word);
  }
  return found;
}
