/** What C programs that load BPF objects say of these: by skeletons, by names that libbpf looks up, and in a skeleton itself. */

import type { Span } from "../text.ts";
import {
  type LoaderFile,
  type LoaderUse,
  named,
  type ObjectUse,
  stemOf,
  type ThingKind,
  withoutCommentsAt,
  withoutStringsAt,
} from "./uses.ts";

const SKELETON = /(?<=^|\/)([^/]+?)\.(?:l|sub)?skel\.h$/;
const INCLUDE = /^[ \t]*#[ \t]*include[ \t]*[<"](?<name>[^>"\n]*\.(?:l|sub)?skel\.h)[>"]/dgm;
const OPENED = /\bbpf_object__open(?:_file|_mem)?\s*\(\s*"(?<name>[^"\n]*\.o)"/dg;
const MEMBER = /(?:->|\.)\s*(?<group>maps|progs|links|struct_ops)\s*(?:->|\.)\s*(?<name>[A-Za-z_]\w*)/dg;
const DATA = /(?:->|\.)\s*(?:rodata|data|bss|kconfig)(?:_\w+)?\s*->\s*(?<name>[A-Za-z_]\w*)/dg;
const LOOKED_UP = /\bbpf_object__find_(?<what>map|map_fd|program)_by_name\s*\([^;"]*?"(?<name>[A-Za-z_]\w*)"/dg;

const GROUPS: Readonly<Record<string, ThingKind>> = {
  maps: "map",
  struct_ops: "map",
  progs: "program",
  links: "program",
};

export function readC(path: string, source: string): LoaderFile {
  const own = SKELETON.exec(path)?.[1];
  if (own !== undefined) return readSkeleton(own, source);
  const text = withoutCommentsAt(source);
  const objects: ObjectUse[] = [];
  for (const { match, start, end } of named(text, INCLUDE)) {
    const stem = SKELETON.exec(match.groups?.["name"] ?? "")?.[1];
    if (stem !== undefined) objects.push({ by: "stem", name: stem, start, end });
  }
  for (const { match, start, end } of named(text, OPENED)) {
    const file = match.groups?.["name"] ?? "";
    objects.push({ by: "stem", name: file.slice(file.lastIndexOf("/") + 1).replace(/\.o$/, ""), start, end });
  }
  const uses: LoaderUse[] = [];
  const add = (kind: ThingKind, of: LoaderUse["of"], { start, end }: Span, object?: string) =>
    uses.push({
      name: text.slice(start, end),
      kind,
      form: "c",
      of,
      start,
      end,
      ...(object !== undefined && { object }),
    });
  // Others have members of these names as well.
  if (objects.length > 0) {
    const code = withoutStringsAt(text);
    const objectOf = objectsBehind(code, objects);
    for (const found of named(code, MEMBER))
      add(GROUPS[found.match.groups?.["group"] ?? ""] ?? "map", "objects", found, objectOf(found));
    for (const found of named(code, DATA)) add("global", "objects", found, objectOf(found));
  }
  for (const found of named(text, LOOKED_UP))
    add(found.match.groups?.["what"] === "program" ? "program" : "map", "any", found);
  return { objects, uses: uses.sort((a, b) => a.start - b.start) };
}

/** `struct watch_bpf *skel`, `watch_bpf *skel` in C++, `skel = watch_bpf__open()`. */
const TYPED =
  /\b(?<type>[A-Za-z_]\w*)\s*\*+\s*(?:const\s+)?(?<name>[A-Za-z_]\w*)\s*[;,)=]|\b(?<made>[A-Za-z_]\w*)\s*=\s*(?<by>[A-Za-z_]\w*?)(?:__|::)(?:open|load)\w*\s*\(/g;

/** Longer names are nobody's. */
const LONGEST = 80;

/** Of several skeletons the one that a variable is of, by what was last said of it before. */
function objectsBehind(
  code: string,
  objects: readonly ObjectUse[],
): (found: { readonly match: RegExpExecArray }) => string | undefined {
  if (objects.length < 2) return () => undefined;
  const said: { readonly at: number; readonly variable: string; readonly object: string }[] = [];
  for (const { index, groups } of code.matchAll(TYPED)) {
    const { type, name, made, by } = groups ?? {};
    const object = objects.find((one) => stemOf(one.name) === stemOf(type ?? by ?? ""));
    if (object !== undefined) said.push({ at: index, variable: name ?? made ?? "", object: object.name });
  }
  return ({ match: { index } }) => {
    // `skel` of `env.skel->maps.counts`.
    const base = /[A-Za-z_]\w*(?=\s*$)/.exec(code.slice(Math.max(0, index - LONGEST), index))?.[0];
    const ofIt = said.filter(({ variable }) => variable === base);
    return (ofIt.findLast(({ at }) => at < index) ?? ofIt[0])?.object;
  };
}

const POINTER = /\bstruct bpf_(?<what>map|program|link)\s*\*\s*(?<name>[A-Za-z_]\w*)\s*;/dg;
const SECTION = /\bstruct \w+__(?:rodata|data|bss|kconfig)\w*\s*\{(?<body>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/dg;
const FIELD = /\b(?<name>[A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*;/dg;

/** What bpftool wrote: its members are named after what stands in the source. */
function readSkeleton(stem: string, text: string): LoaderFile {
  const uses: LoaderUse[] = [];
  for (const { match, start, end } of named(text, POINTER)) {
    const name = text.slice(start, end);
    // Its own members, beside those of the source.
    if (/^(?:obj|skeleton|links?|progs|maps)$/.test(name)) continue;
    uses.push({
      name,
      kind: match.groups?.["what"] === "map" ? "map" : "program",
      form: "c",
      of: "objects",
      start,
      end,
    });
  }
  for (const { match, start } of named(text, SECTION, "body"))
    for (const field of named(match.groups?.["body"] ?? "", FIELD)) {
      const span = { start: start + field.start, end: start + field.end };
      uses.push({ name: text.slice(span.start, span.end), kind: "global", form: "c", of: "objects", ...span });
    }
  return { objects: [{ by: "stem", name: stem, start: 0, end: 0 }], uses: uses.sort((a, b) => a.start - b.start) };
}
