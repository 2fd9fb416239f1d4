/** What a file has that others go to by name: programs, maps, functions, globals. */

import type { Header } from "./header.ts";
import type { BpfModel } from "./model.ts";
import type { FunctionOutline, VariableOutline } from "./syntax/outline.ts";
import { linesOf, type Range } from "./text.ts";

export interface NamedThing {
  readonly name: string;
  readonly kind: "program" | "map" | "function" | "global";
  /** The section of a program, the type of a map or a global; may be empty. */
  readonly detail: string;
  readonly range: Range;
  readonly nameRange: Range;
}

/** In the order of the kinds, not of the text. */
export function thingsOf({ programs, maps, functions, globals }: BpfModel): readonly NamedThing[] {
  return [
    ...programs.map((program) => thing("program", program, program.section.name ?? "")),
    ...maps.map((map) => thing("map", map, mapDetail(map.type))),
    ...functions.flatMap((fn) => (fn.section === undefined ? [thing("function", fn, "")] : [])),
    // What is only declared stands in another file.
    ...globals.flatMap((one) => (one.kind === "extern" ? [] : [thing("global", one, `${one.type}${one.bounds}`)])),
  ];
}

function mapDetail(type: string | undefined): string {
  return type?.replace("BPF_MAP_TYPE_", "") ?? "";
}

type Placed = Pick<NamedThing, "name" | "range" | "nameRange">;

function thing(kind: NamedThing["kind"], { name, range, nameRange }: Placed, detail: string): NamedThing {
  return { name, kind, detail, range, nameRange };
}

/** The same of a header, which has no model of its own. */
export function thingsOfHeader({ lowered, outline }: Header): readonly NamedThing[] {
  const lines = linesOf(lowered.source);
  const placed = ({ name, start, end, nameSpan }: FunctionOutline | VariableOutline): Placed => ({
    name,
    range: lines.rangeOf({ start, end }),
    nameRange: lines.rangeOf(nameSpan),
  });
  return [
    ...outline.functions.map((fn) =>
      thing(fn.section === undefined ? "function" : "program", placed(fn), fn.section?.name ?? ""),
    ),
    ...outline.variables.flatMap((variable) => {
      const { section, type, bounds, members } = variable;
      const kind = members.find(({ name }) => name === "type")?.value;
      if (section?.name === ".maps") return [thing("map", placed(variable), mapDetail(kind))];
      if (section?.name === "license" || /\bextern\b/.test(type)) return [];
      return [thing("global", placed(variable), `${type}${bounds}`)];
    }),
  ];
}
