/** Where a program, a map or a name stands in the C source, so that what a loader says of it is shown there. */

import type { Description } from "../describe.ts";
import type { Place } from "./answer.ts";
import type { Named } from "./names-said.ts";

/** @param program the one that was loaded, where it is known */
export type PlaceOfName = (named: Named, program?: string) => Place | undefined;

/**
 * @param file its name, as places give it
 * @param described what `hookpoint model` says of it
 */
export function sourcePlaces(file: string, text: string, described: Description): PlaceOfName {
  const lines = text.split(/\r?\n/);
  const placeAt = (line: number, name: string): Place | undefined => {
    const own = lines[line - 1];
    if (own === undefined) return undefined;
    const column = name === "" ? -1 : withoutTexts(own).search(wordPattern(name));
    return { file, line, ...(column < 0 ? {} : { column: column + 1 }), text: own.trim() };
  };
  /** The first line of a range that has the name, or the range's first. */
  const within = (range: object | undefined, name: string): Place | undefined => {
    const found = linesOf(range);
    if (found === undefined) return undefined;
    const pattern = wordPattern(name);
    for (let line = found.from; line <= found.to; line++)
      if (pattern.test(withoutTexts(lines[line - 1] ?? ""))) return placeAt(line, name);
    return placeAt(found.from, name);
  };
  const exactly = (range: object | undefined, name: string): Place | undefined => {
    const place = within(range, name);
    return place?.column === undefined ? undefined : place;
  };
  const { programs, maps, globals, calls } = described;
  const mapNamed = (name: string): (typeof maps)[number] | undefined => maps.find((one) => isMap(one.name, name));
  const map = (name: string): Place | undefined => within(mapNamed(name)?.range, mapNamed(name)?.name ?? name);
  const program = (name: string): Place | undefined => within(programs.find((one) => one.name === name)?.range, name);
  /** The line with its `SEC()`, or with the macro that has it. */
  const hook = (name: string): Place | undefined => {
    const found = linesOf(programs.find((one) => one.name === name)?.range);
    return found === undefined ? undefined : placeAt(found.from, "SEC");
  };
  const symbol = (name: string): Place | undefined =>
    exactly(globals.find((one) => one.name === name)?.range, name) ??
    exactly(calls.find((one) => one.name === name)?.range, name) ??
    map(name) ??
    program(name);

  return (named) => {
    switch (named.kind) {
      case "program":
        return program(named.name);
      case "hook":
        return hook(named.name);
      case "map":
        return map(named.name);
      case "field":
        return exactly(mapNamed(named.map)?.range, named.name) ?? map(named.map);
      case "symbol":
        return symbol(named.name);
      case "section":
        return inSection(named.name);
      case "licence":
        return lineWith(/\bSEC\s*\(\s*"license"\s*\)|section\s*\(\s*"license"/);
      default:
        return undefined;
    }
  };

  /** What stands in it, where that is one thing. */
  function inSection(name: string): Place | undefined {
    const [first, second] = programs.filter(({ section }) => section === name);
    if (first !== undefined) return second === undefined ? within(first.range, first.name) : undefined;
    const [variable, other] = globals.filter(({ section }) => section === name);
    return variable === undefined || other !== undefined ? undefined : within(variable.range, variable.name);
  }

  function lineWith(pattern: RegExp): Place | undefined {
    const index = lines.findIndex((line) => pattern.test(line));
    return index < 0 ? undefined : placeAt(index + 1, "");
  }
}

/** Kernels keep fifteen letters of a map's name. */
const isMap = (name: string, said: string): boolean => name === said || (said.length === 15 && name.startsWith(said));

function linesOf(range: object | undefined): { readonly from: number; readonly to: number } | undefined {
  const { start, end } = (range ?? {}) as { start?: { line?: number }; end?: { line?: number } };
  const [from, to] = [start?.line, end?.line];
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** A section may have the name of its program; of what stands in quotes only the place stays. */
const withoutTexts = (line: string): string =>
  line.replace(/"(?:[^"\\]|\\.)*"|\/\*.*?\*\/|\/\/.*$/g, (text) => " ".repeat(text.length));

function wordPattern(name: string): RegExp {
  return new RegExp(`(?<![\\w.])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?!\\w)`);
}
