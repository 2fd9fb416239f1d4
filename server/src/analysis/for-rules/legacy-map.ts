/** For the rule about them: a map written as `struct bpf_map_def`, word by word turned into the form that BTF describes. */

import { Cursor } from "../syntax/cursor.ts";
import { tokenize } from "../syntax/tokens.ts";

/** A piece of the declaration's text to be replaced, by offsets in it. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What both forms call the same. libbpf never looked at any other field. */
const FIELDS = new Set(["type", "key_size", "value_size", "max_entries", "map_flags", "numa_node"]);

/**
 * Comments and line breaks stay where they are.
 *
 * @param text from `struct` to the semicolon
 * @returns undefined where the declaration has more than the usual parts
 */
export function toBtfForm(text: string): readonly Replacement[] | undefined {
  const cursor = new Cursor(text, tokenize(text));
  const head = headOf(cursor);
  if (head === undefined) return undefined;
  const { name, section, open } = head;
  const close = cursor.closing(open);
  if (!cursor.is(close, "}") || !cursor.is(close + 1, ";") || cursor.count > close + 2) return undefined;
  const entries = entriesOf(cursor, open, close);
  if (entries === undefined) return undefined;
  const before = cursor.end(cursor.is(open - 1, "=") ? open - 1 : open - 2);
  return [
    { start: cursor.start(0), end: before, text: "struct" },
    ...entries,
    { start: cursor.end(close), end: cursor.start(close + 1), text: ` ${name} ${section}(".maps")` },
  ];
}

/** `struct bpf_map_def SEC("maps") name = {`, with the section before or behind the name. */
function headOf(
  cursor: Cursor,
): { readonly name: string; readonly section: string; readonly open: number } | undefined {
  if (cursor.text(0) !== "struct" || cursor.text(1) !== "bpf_map_def") return undefined;
  let at = 2;
  let name: string | undefined;
  let section: string | undefined;
  while (!cursor.is(at, "=")) {
    const isSection = cursor.is(at + 1, "(") && cursor.is(at + 3, ")") && /^"maps(?:\/.*)?"$/.test(cursor.text(at + 2));
    if (isSection && section === undefined && /^(?:SEC|__section)$/.test(cursor.text(at))) {
      section = cursor.text(at);
      at += 4;
    } else if (/^[A-Za-z_]\w*$/.test(cursor.text(at)) && name === undefined && !isCall(cursor, at)) {
      name = cursor.text(at++);
    } else {
      return undefined;
    }
  }
  const isWhole = name !== undefined && section !== undefined && cursor.is(at + 1, "{");
  return isWhole ? { name: name ?? "", section: section ?? "", open: at + 1 } : undefined;
}

function isCall(cursor: Cursor, at: number): boolean {
  return cursor.is(at + 1, "(");
}

function entriesOf(cursor: Cursor, open: number, close: number): readonly Replacement[] | undefined {
  const commas = cursor.commas(open, close);
  const bounds = [open, ...commas, close];
  const found: Replacement[] = [];
  const names = new Set<string>();
  for (const [n, end] of bounds.slice(1).entries()) {
    const first = (bounds[n] ?? open) + 1;
    if (first === end && end === close) break;
    const name = cursor.text(first + 1);
    const isEntry = cursor.is(first, ".") && cursor.is(first + 2, "=") && end > first + 3;
    if (!isEntry || !FIELDS.has(name) || names.has(name)) return undefined;
    names.add(name);
    const written = memberOf(name, cursor.textOf(first + 3, end - 1), sizeofArgument(cursor, first + 3, end - 1));
    if (written === undefined) return undefined;
    found.push({ start: cursor.start(first), end: cursor.end(end - 1), text: written });
    // The last entry may have no comma.
    const comma = { start: end === close ? cursor.end(end - 1) : cursor.start(end), end: cursor.end(end) };
    found.push({ start: comma.start, end: end === close ? comma.start : comma.end, text: ";" });
  }
  return names.has("type") ? found : undefined;
}

/** A number becomes the length of an array, so it may not be negative. */
function memberOf(name: string, value: string, sized: string | undefined): string | undefined {
  if (/^[-~]/.test(value)) return undefined;
  if (sized !== undefined && name === "key_size") return `__type(key, ${sized})`;
  if (sized !== undefined && name === "value_size") return `__type(value, ${sized})`;
  return `__uint(${name}, ${value})`;
}

/** What stands in `sizeof(…)` where a value is nothing else. */
function sizeofArgument(cursor: Cursor, first: number, last: number): string | undefined {
  const isAll = cursor.text(first) === "sizeof" && cursor.is(first + 1, "(") && cursor.closing(first + 1) === last;
  return isAll && last > first + 2 ? cursor.textOf(first + 2, last - 1) : undefined;
}
