/** Rule: `__array(values, …)` in a map that holds neither maps nor programs, or that holds the other. */

import { replace } from "../edits.ts";
import { type JudgedMap, mapsIn, memberOf, shortName } from "../for-rules/map-rules.ts";
import { readerOf } from "../knowledge/loaders.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const unexpectedMapValues: Rule = {
  meta: {
    id: "unexpected-map-values",
    group: "maps",
    summary: "Inner values in a map that holds neither maps nor programs",
    rationale: `\`__array(values, …)\` is for maps of maps and program arrays; libbpf refuses it in a map of any other type.
It lists what they are filled with: the definition of an inner map, or the type of a function. The message is \`should be
map-in-map or prog-array\`; a function where a map is needed is refused as well. A plain map's value is \`__type(value, T)\`,
in the singular.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__uint(max_entries, 16);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_HASH);
		__type(key, __u32);
		__type(value, __u64);
		__uint(max_entries, 4);
	});
} tables SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 16);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_HASH);
		__type(key, __u32);
		__type(value, __u64);
		__uint(max_entries, 4);
	});
} tables SEC(".maps");`,
        refused: { by: "libbpf", says: "map 'tables': should be map-in-map or prog-array" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (readerOf(ctx.loader) === "aya") return;
    for (const map of mapsIn(ctx)) {
      const { definition, fact, rules } = map;
      const values = memberOf(definition, "values");
      if (fact === undefined || rules === undefined || values?.macro !== "__array") continue;
      const holds = rules.inner === true ? "maps" : shortName(fact) === "PROG_ARRAY" ? "programs" : undefined;
      const given = givenIn(values.value);
      if (holds !== undefined && (given === undefined || given === holds)) continue;
      yield {
        range: values.nameRange,
        message:
          holds === undefined
            ? `${shortName(fact)} maps have no values: ${readerOf(ctx.loader)} refuses the file`
            : `${shortName(fact)} maps hold ${holds}, not ${given}: ${readerOf(ctx.loader)} refuses the file`,
        fixes: holds === undefined ? fixesFor(map, given) : [],
      };
    }
  },
};

/** What the type in `values` is of; undefined where its text does not tell. */
function givenIn(text: string): "maps" | "programs" | undefined {
  if (/^struct\b/.test(text)) return "maps";
  return /^(?:int|void|__?u32|u32|long)\s*\(/.test(text) ? "programs" : undefined;
}

function fixesFor({ definition, fact }: JudgedMap, given: "maps" | "programs" | undefined): readonly Fix[] {
  const type = memberOf(definition, "type");
  if (type === undefined || fact === undefined || given === undefined) return [];
  const wanted = given === "programs" ? "PROG_ARRAY" : `${shortName(fact).includes("HASH") ? "HASH" : "ARRAY"}_OF_MAPS`;
  const name = `BPF_MAP_TYPE_${wanted}`;
  return [{ title: `Change to ${name}`, edits: [replace(type.valueRange, name)] }];
}
