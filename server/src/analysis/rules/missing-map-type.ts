/** Rule: a map definition without a type. */

import { insertAt } from "../edits.ts";
import { lacks, mapsIn, memberOf } from "../for-rules/map-rules.ts";
import { readerOf } from "../knowledge/loaders.ts";
import type { MapDefinition } from "../map-definitions.ts";
import type { BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const missingMapType: Rule = {
  meta: {
    id: "missing-map-type",
    group: "maps",
    summary: "A map definition without a type",
    rationale: `Every map says what it is with \`__uint(type, BPF_MAP_TYPE_…)\`; there is no default. libbpf stops at the
first definition without it when it opens the object, before any code of yours could set the type. An inner map, in
\`__array(values, struct { … })\`, needs a type of its own.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__type(key, struct sock *);
	__type(value, __u64);
	__uint(max_entries, 1024);
} starts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct sock *);
	__type(value, __u64);
	__uint(max_entries, 1024);
} starts SEC(".maps");`,
        refused: { by: "libbpf", says: "map 'starts': map type isn't specified" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { definition } of mapsIn(ctx)) {
      const member = memberOf(definition, "type");
      const isUnset = member?.value === "BPF_MAP_TYPE_UNSPEC" || member?.value === "0";
      if (!isUnset && !lacks(definition, "type")) continue;
      yield {
        range: isUnset ? (member?.valueRange ?? definition.nameRange) : definition.nameRange,
        message: `map ${definition.name} has no type: ${readerOf(ctx.loader) === "libbpf" ? "libbpf refuses the file" : "the kernel refuses the map"}`,
        fixes: isUnset ? [] : candidates(definition, ctx).flatMap((type) => withType(definition, type, ctx.model)),
      };
    }
  },
};

/** The types that a definition may have been meant for, the likeliest first: by its shape, and by who uses it. */
function candidates(definition: MapDefinition, ctx: RuleContext): readonly string[] {
  const shaped = shapedLike(definition);
  const taken = typesTaken(definition, ctx);
  if (taken === undefined) return shaped;
  const both = shaped.filter((type) => taken.includes(type));
  return both.length > 0 ? both : taken.slice(0, FEW);
}

const FEW = 4;

/** What every helper takes that is handed the map; undefined where they take any. */
function typesTaken({ name }: MapDefinition, { model, kb }: RuleContext): readonly string[] | undefined {
  const each = model.calls.flatMap((call) => {
    const taken = call.args.some(({ map }) => map?.name === name) ? kb.helper(call.name)?.maps : undefined;
    return taken === undefined || model.redefines(call.name) ? [] : [taken.flatMap((part) => part.in)];
  });
  const [first, ...others] = each;
  return first && [...new Set(first)].filter((type) => others.every((types) => types.includes(type)));
}

function shapedLike({ facts, members }: MapDefinition): readonly string[] {
  const has = (...names: readonly string[]): boolean => members.some(({ name }) => names.includes(name));
  const [keyed, valued] = [has("key", "key_size"), has("value", "value_size")];
  if (has("values")) return facts.keySize === 4 ? ["ARRAY_OF_MAPS", "HASH_OF_MAPS"] : ["HASH_OF_MAPS"];
  if (!keyed) return valued ? ["QUEUE", "STACK"] : ["RINGBUF"];
  return facts.keySize === 4 ? ["HASH", "ARRAY", "LRU_HASH", "PERCPU_ARRAY"] : ["HASH", "LRU_HASH"];
}

function withType({ members }: MapDefinition, type: string, { code: { lines } }: BpfModel): readonly Fix[] {
  const [first] = members;
  if (first === undefined) return [];
  const { line, character } = first.range.start;
  const before = lines.textOf(line).slice(0, character);
  const separator = before.trim() === "" ? `\n${before}` : " ";
  const text = `__uint(type, BPF_MAP_TYPE_${type});${separator}`;
  return [{ title: `Add __uint(type, BPF_MAP_TYPE_${type})`, edits: [insertAt(first.range.start, text)] }];
}
