/** Rule: something in `.maps` that is no structure of libbpf's form. */

import { replace } from "../edits.ts";
import { typeInSizeof } from "../for-rules/map-rules.ts";
import { readerOf } from "../knowledge/loaders.ts";
import type { BpfMap, BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import type { Range } from "../text.ts";

export const notAMapDefinition: Rule = {
  meta: {
    id: "not-a-map-definition",
    group: "maps",
    summary: "Something in .maps that is no map definition",
    rationale: `libbpf looks at the type of each variable in \`.maps\`, never at its data, and refuses what is no map definition.
That is a structure whose members carry their values in their types, as \`__uint()\` and \`__type()\` write them. A pointer to such
a structure, an array of them or a number is refused (\`unexpected def kind\`), and so is the old \`struct bpf_map_def\`, whose
members are plain numbers (\`attr 'type': expected PTR\`): its section was \`maps\`, and libbpf 1.0 gave it up.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
} *counts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
} counts SEC(".maps");`,
        refused: { by: "libbpf", says: "map 'counts': unexpected def kind" },
      },
      {
        bad: `struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct bpf_map_def counts SEC(".maps") = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = 1024,
};`,
        good: `struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
} counts SEC(".maps");`,
        refused: { by: "libbpf", says: "map 'counts': attr 'type': expected PTR" },
      },
    ],
  },

  *check({ model, loader }: RuleContext): Iterable<Report> {
    if (readerOf(loader) === undefined) return;
    for (const map of model.maps) {
      if (map.section?.name !== ".maps") continue;
      const found = judge(map, model);
      if (found !== undefined) yield { range: map.nameRange, ...found };
    }
  },
};

function judge(map: BpfMap, model: BpfModel): Omit<Report, "range"> | undefined {
  const { start, end } = map.nameRange;
  if (model.code.textOf(map.nameRange) !== map.name) return undefined;
  const head = withoutBodies(model.code.textOf({ start: map.range.start, end: start }));
  const tail = model.code.textOf({ start: end, end: map.range.end });
  if (/\bextern\b/.test(head)) return undefined;
  const pointer = /[}\w]\s*(\*)\s*$/.exec(head);
  if (pointer !== null) {
    const star = starBefore(map, model);
    return {
      message: `map ${map.name} is a pointer: a map is the structure itself`,
      ...(star && { fixes: [{ title: "Remove *", edits: [replace(star, "")] }] }),
    };
  }
  if (/^\s*\[/.test(tail)) return { message: `map ${map.name} is an array: every map is defined by itself` };
  if (/^(?:(?:static|const|volatile)\s+)*struct\s+bpf_map_def\s*$/.test(head.trim())) {
    const fix = rewritten(map, tail, model);
    return {
      message: `struct bpf_map_def is no definition for ".maps": there __uint() and __type() make the members`,
      ...(fix && { fixes: [fix] }),
    };
  }
  const isNumber =
    /^(?:(?:static|const|volatile|unsigned|signed)\s+)*(?:int|char|short|long|__?[us](?:8|16|32|64)|[us](?:8|16|32|64))\s*$/;
  return isNumber.test(head.trim()) ? { message: `map ${map.name} is a number: a map is a structure` } : undefined;
}

/** Bodies in braces, comments and the section mark say nothing about the declarator. */
function withoutBodies(text: string): string {
  const open = text.indexOf("{");
  const close = text.lastIndexOf("}");
  const outside = open === -1 || close < open ? text : `${text.slice(0, open)}{}${text.slice(close + 1)}`;
  return outside.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, " ").replace(/\bSEC\s*\([^()]*\)/g, " ");
}

function starBefore({ nameRange: { start } }: BpfMap, { code: { lines } }: BpfModel): Range | undefined {
  const before = lines.textOf(start.line).slice(0, start.character);
  const at = /\*\s*$/.exec(before)?.index;
  return at === undefined ? undefined : { start: { line: start.line, character: at }, end: start };
}

/** `.key_size = sizeof(T)` becomes `__type(key, T)`, everything else `__uint(name, value)`. */
function rewritten(map: BpfMap, tail: string, { code }: BpfModel): Fix | undefined {
  const inside = /^\s*SEC\s*\(\s*"\.maps"\s*\)\s*=\s*\{([^{}]*)\}\s*;?\s*$/.exec(tail)?.[1];
  if (inside === undefined || /\/\/|\/\*|#/.test(inside)) return undefined;
  const parts = inside
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const fields = parts.map((part) => /^\.(\w+)\s*=\s*([^,]+)$/.exec(part));
  if (fields.some((field) => field === null)) return undefined;
  const members = fields.map((field) => {
    const [, name = "", value = ""] = field ?? [];
    const type = typeInSizeof(value);
    const which = /^(key|value)_size$/.exec(name)?.[1];
    return which !== undefined && type !== undefined ? `\t__type(${which}, ${type});` : `\t__uint(${name}, ${value});`;
  });
  const text = `struct {\n${members.join("\n")}\n} ${map.name} SEC(".maps");`;
  const isEnded = code.textOf(map.range).trimEnd().endsWith(";");
  return {
    title: "Rewrite with __uint() and __type()",
    edits: [replace(map.range, isEnded ? text : text.slice(0, -1))],
  };
}
