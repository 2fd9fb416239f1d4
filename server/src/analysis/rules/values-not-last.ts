/** Rule: `__array(values, …)` before other members. */

import { insertAt } from "../edits.ts";
import { mapsIn, removeMember } from "../for-rules/map-rules.ts";
import type { DefinedMember } from "../map-definitions.ts";
import type { BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const valuesNotLast: Rule = {
  meta: {
    id: "values-not-last",
    group: "maps",
    summary: "Inner values that are not the last member of a map",
    rationale: `\`__array(values, …)\` is an array without a length, which clang takes only at the end of a structure.
An initialiser gives it its length. Elsewhere clang says \`flexible array member 'values' … is not at the end of struct\`.`,
    severity: "error",
    fix: "safe",
    saidByC: true,
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_HASH);
		__type(key, __u32);
		__type(value, __u64);
		__uint(max_entries, 4);
	});
	__type(key, __u32);
	__uint(max_entries, 16);
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
        refused: { by: "clang", says: "is not at the end of struct" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { definition } of mapsIn(ctx)) {
      const { members } = definition;
      const values = members.find(({ name }) => name === "values");
      const last = members.at(-1);
      if (values === undefined || last === undefined || values === last) continue;
      yield {
        range: values.nameRange,
        message: `values has no length: clang refuses it before the end of ${definition.name}`,
        fixes: [moved(values, last, ctx.model)],
      };
    }
  },
};

function moved(values: DefinedMember, last: DefinedMember, model: BpfModel): Fix {
  const { lines } = model.code;
  const indentation = /^\s*/.exec(lines.textOf(values.range.start.line))?.[0] ?? "";
  const { line, character } = last.range.end;
  const rest = lines.textOf(line).slice(character);
  // A comment behind the last member stays with it.
  const end = rest.includes("}") ? last.range.end : { line, character: character + rest.length };
  const text = `\n${indentation}${model.code.textOf(values.range)}`;
  return { title: "Move values to the end", edits: [removeMember(values, model), insertAt(end, text)] };
}
