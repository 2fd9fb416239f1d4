/** What the maps of a file need: their types, their flags, and sizes that kernels took later. */

import { isAlternative } from "../for-rules/guarded.ts";
import { flagNeeds, type JudgedMap, mapsIn, memberOf, partsOf } from "../for-rules/map-rules.ts";
import { usesOfMap } from "../for-rules/map-uses.ts";
import { runsOf } from "../for-rules/runs.ts";
import { fits } from "../knowledge/number-rules.ts";
import type { BpfModel, MapFacts, Program } from "../model.ts";
import type { Range } from "../text.ts";
import { isUsedInHeaders } from "./header-calls.ts";
import type { Asked, Need } from "./need.ts";

export function mapNeeds(asked: Asked): readonly Need[] {
  const { model } = asked;
  const typed = [
    ...model.maps.map((map) => ({
      map,
      range: map.attributes.find(({ name }) => name === "type")?.valueRange ?? map.nameRange,
    })),
    ...mapsOfHeaders(asked),
  ];
  return [
    ...typed.flatMap(({ map, range }) => typeNeed(map, range, asked)),
    ...mapsIn(asked).flatMap((map) => [...flagsOf(map, asked), ...sizesOf(map, asked)]),
  ];
}

function typeNeed(map: MapFacts, range: Range, asked: Asked): readonly Need[] {
  const { type } = map;
  if (type === undefined || asked.model.code.compiledWhen(range).length > 0) return [];
  return [
    {
      what: `${type.replace("BPF_MAP_TYPE_", "")} maps`,
      asks: { kind: "map-type", name: type },
      range,
      ...usedBy(map, asked),
    },
  ];
}

/**
 * Where the file chooses whether to use it at all, user space may have turned the map off. What merely may leave a use out, such as
 * a filter that is set before the load, does not keep the map from being made.
 */
function usedBy(map: Pick<MapFacts, "name">, asked: Asked): Pick<Need, "programs" | "ofFile" | "isLeftOut"> {
  const uses = usesOfMap(map, asked.model);
  const isLeftOut = uses.length > 0 && uses.every((call) => isAlternative(call.range, call.in, asked.model));
  const programs = new Set<Program>(uses.flatMap((call) => runsOf(call, asked)).map(({ program }) => program));
  return { programs: [...programs], ofFile: true, ...(isLeftOut && { isLeftOut: true }) };
}

/** They stand where the header is included. What the file does not use of a header's maps user space may have turned off. */
function mapsOfHeaders(asked: Asked): readonly { readonly map: MapFacts; readonly range: Range }[] {
  const { model } = asked;
  return model.outside.maps.flatMap((map) => {
    const range = includeOf(map.header, model);
    const isUsed = usesOfMap(map, model).length > 0 || isUsedInHeaders(map.name, asked);
    return range === undefined || !isUsed ? [] : [{ map, range }];
  });
}

function includeOf(uri: string, { includes }: BpfModel): Range | undefined {
  const own = includes.find(({ path }) => uri.endsWith(`/${encodeURI(path.replace(/^(?:\.{1,2}\/)+/, ""))}`));
  return (own ?? includes[0])?.range;
}

function flagsOf(map: JudgedMap, asked: Asked): readonly Need[] {
  const member = memberOf(map.definition, "map_flags");
  if (member === undefined || map.fact === undefined) return [];
  const common = { range: member.valueRange, ...usedBy(map.definition.facts, asked) };
  const type = map.fact.name.replace("BPF_MAP_TYPE_", "");
  return partsOf(member.value).flatMap((name): readonly Need[] => {
    const needs = asked.kb.enumerator("flag", name) === undefined ? undefined : flagNeeds(name, map);
    if (needs === undefined) return [];
    const later = needs.later === undefined ? [] : [{ since: needs.later }];
    return [
      { ...common, what: name, asks: needs.flag },
      ...later.map((interval) => ({
        ...common,
        what: `${name} for ${type} maps`,
        asks: { intervals: [interval], with: undefined, source: map.rules?.source ?? [] },
      })),
    ];
  });
}

function sizesOf({ definition, fact, rules }: JudgedMap, asked: Asked): readonly Need[] {
  const { facts } = definition;
  const sizes = [
    { what: "keys", member: memberOf(definition, "key", "key_size"), size: facts.keySize, part: "key" },
    { what: "values", member: memberOf(definition, "value", "value_size"), size: facts.valueSize, part: "value" },
  ] as const;
  return (rules?.changes ?? []).flatMap(({ since, before }) =>
    sizes.flatMap(({ what, member, size, part }): readonly Need[] => {
      const rule = before?.[part];
      if (rule === undefined || member === undefined || size === undefined || fits(rule, size)) return [];
      return [
        {
          what: `${what} of ${size} bytes in ${fact?.name.replace("BPF_MAP_TYPE_", "")} maps`,
          asks: { intervals: [{ since }], with: undefined, source: rules?.source ?? [] },
          range: member.valueRange,
          ...usedBy(facts, asked),
        },
      ];
    }),
  );
}
