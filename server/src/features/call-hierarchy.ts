/** Feature: call hierarchy. Who runs a function, and what it runs; one that is handed over, as to bpf_loop(), runs as well. */

import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  SymbolKind,
} from "vscode-languageserver-types";
import type { NamedFunction } from "../analysis/names/names.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { Position, Range } from "../analysis/text.ts";

const FUNCTION: SymbolKind = 12;

/** The file that was asked: a header alone does not tell what its functions are called by. */
interface Origin {
  readonly file: string;
}

export function originOfItem({ data, uri }: CallHierarchyItem): string {
  return (data as Origin | undefined)?.file ?? uri;
}

export function prepareCallHierarchy(file: Snapshot, position: Position): CallHierarchyItem[] | null {
  const { names } = file.model;
  const found = names.at(file.lines.offsetAt(position));
  if (found === undefined || found.named.local !== undefined || found.named.space !== "name") return null;
  const items = names.functions().flatMap((fn) => (fn.name === found.named.name ? [itemOf(file, fn)] : []));
  return items.length === 0 ? null : items;
}

export function incomingCalls(files: readonly Snapshot[], { name }: CallHierarchyItem): CallHierarchyIncomingCall[] {
  const found = new Map<string, { readonly from: CallHierarchyItem; readonly ranges: Map<string, Range> }>();
  for (const file of files) {
    const { names } = file.model;
    const functions = names.functions();
    for (const { header, span, range, role } of names.places(names.ofFile(name))) {
      if (role !== "use") continue;
      const caller = functions.find(
        (fn) => fn.header === header && fn.span.start <= span.start && span.end <= fn.span.end,
      );
      if (caller === undefined) continue;
      const from = itemOf(file, caller);
      const call = found.get(keyOf(from)) ?? { from, ranges: new Map() };
      call.ranges.set(`${range.start.line}:${range.start.character}`, range);
      found.set(keyOf(from), call);
    }
  }
  return [...found.values()].map(({ from, ranges }) => ({ from, fromRanges: [...ranges.values()] }));
}

export function outgoingCalls(file: Snapshot, item: CallHierarchyItem): CallHierarchyOutgoingCall[] {
  const { names } = file.model;
  const functions = names.functions();
  const caller = functions.find((fn) => keyOf(itemOf(file, fn)) === keyOf(item));
  if (caller === undefined) return [];
  const called = new Map<string, Range[]>();
  for (const { named, range } of names.within(caller)) {
    if (named.space !== "name" || named.local !== undefined) continue;
    const ranges = called.get(named.name);
    if (ranges === undefined) called.set(named.name, [range]);
    else ranges.push(range);
  }
  return functions.flatMap((fn) => {
    // Its own name in front of its body is no call.
    const ranges = (called.get(fn.name) ?? []).filter((range) => fn !== caller || !isSame(range, fn.nameRange));
    return ranges.length === 0 ? [] : [{ to: itemOf(file, fn), fromRanges: ranges }];
  });
}

function itemOf(file: Snapshot, { header, name, kind, section, range, nameRange }: NamedFunction): CallHierarchyItem {
  const data: Origin = { file: file.uri };
  const detail = kind === "program" ? (section ?? "") : "";
  return {
    name,
    kind: FUNCTION,
    uri: header ?? file.uri,
    range,
    selectionRange: nameRange,
    data,
    ...(detail && { detail }),
  };
}

function keyOf({ uri, selectionRange: { start } }: CallHierarchyItem): string {
  return `${uri}#${start.line}:${start.character}`;
}

function isSame(a: Range, b: Range): boolean {
  return a.start.line === b.start.line && a.start.character === b.start.character;
}
