/** What a program in user space says of BPF code: the objects it loads, and the maps, programs and variables it names. */

import type { Span } from "../text.ts";
import { readC } from "./c-uses.ts";
import { readGo } from "./go-uses.ts";

export interface LoaderFile {
  /** What it loads, by the files that these are made of. */
  readonly objects: readonly ObjectUse[];
  readonly uses: readonly LoaderUse[];
}

export interface ObjectUse extends Span {
  /** stem: `watch` of "watch.skel.h", for `watch.bpf.c` · path: as bpf2go is given it, beside the file. */
  readonly by: "stem" | "path";
  readonly name: string;
}

export interface LoaderUse extends Span {
  /** As it stands there. */
  readonly name: string;
  readonly kind: ThingKind;
  /** In which of its forms the name is written: as in C, or as bpf2go makes a field of it. */
  readonly form: "c" | "go";
  /** Whether only the objects that the file loads are meant, or any of the workspace. */
  readonly of: "objects" | "any";
  /** Of several objects the one that is meant, by its `name`, where what stands before tells. */
  readonly object?: string;
}

export type ThingKind = "map" | "program" | "global";

export function readLoader(path: string, text: string): LoaderFile {
  return path.endsWith(".go") ? readGo(text) : readC(path, text);
}

/** `my_map` is the field MyMap of what bpf2go makes, and `kprobe__sys` KprobeSys. */
export function goName(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join("");
}

/** `watch` of `watch.bpf.c`, `watch.bpf` and `watch_bpf`. bpftool writes `_` for what C allows in no name. */
export function stemOf(name: string): string {
  return name
    .replace(/\.c$/, "")
    .replace(/[^A-Za-z0-9]/g, "_")
    .replace(/_bpf$/, "");
}

/** All that stands between comments, blanks in place of these: the places stay. */
export function withoutCommentsAt(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (part) =>
    part.startsWith("/") ? part.replace(/[^\n]/g, " ") : part,
  );
}

/** The same without what stands in strings. */
export function withoutStringsAt(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"/g, (string) => `"${" ".repeat(string.length - 2)}"`);
}

/** Each match of a pattern with the `d` flag, with the span of the named group. */
export function* named(
  text: string,
  pattern: RegExp,
  group = "name",
): Iterable<{ readonly match: RegExpExecArray } & Span> {
  for (const match of text.matchAll(pattern)) {
    const place = match.indices?.groups?.[group];
    if (place !== undefined) yield { match, start: place[0], end: place[1] };
  }
}
