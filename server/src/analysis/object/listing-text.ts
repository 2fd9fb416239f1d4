/** The listing of an object as one text, and which of its lines belong to which line of the source. */

import { printable } from "../printable.ts";
import type { ListedFunction, ListedInstruction } from "./listing.ts";

export interface ListingText {
  readonly text: string;
  /** What each instruction's line is made of, by the number of the line in the text, from 0. */
  readonly lines: readonly ListingLine[];
}

export interface ListingLine {
  readonly line: number;
  readonly file: string;
  /** In the source, from 1. */
  readonly sourceLine: number;
}

/** @param withSource whether the lines of the source are shown between the instructions */
export function listingText(functions: readonly ListedFunction[], withSource: boolean): ListingText {
  const text: string[] = [];
  const lines: ListingLine[] = [];
  for (const one of functions) {
    if (text.length > 0) text.push("");
    text.push(...head(one));
    if (withSource && one.instructions.every(({ source }) => source === undefined))
      text.push(
        "; The object does not say which source lines these come from: it was built without -g, or by a compiler that writes none.",
      );
    let now: ListedInstruction["source"];
    for (const { index, text: spelling, comment, source } of one.instructions) {
      if (source !== undefined && !same(source, now)) {
        now = source.line === 0 ? undefined : source;
        if (withSource && now !== undefined) {
          if (now.text !== "") text.push(`; ${now.text} @ ${baseName(now.file)}:${now.line}`);
          else text.push(`; @ ${baseName(now.file)}:${now.line}`);
        }
      }
      if (now !== undefined) lines.push({ line: text.length, file: now.file, sourceLine: now.line });
      text.push(`${String(index).padStart(4)}: ${spelling}${comment === undefined ? "" : ` ; ${comment}`}`);
    }
  }
  return { text: text.length === 0 ? "" : printable(`${text.join("\n")}\n`), lines };
}

function head({ name, section, isProgram, prototype }: ListedFunction): readonly string[] {
  const where = isProgram ? `SEC("${section}")` : "called by programs";
  return [`; ${prototype ?? name} ${where}`, `${name}:`];
}

function same(a: NonNullable<ListedInstruction["source"]>, b: ListedInstruction["source"]): boolean {
  return b !== undefined && a.line === b.line && a.file === b.file;
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}
