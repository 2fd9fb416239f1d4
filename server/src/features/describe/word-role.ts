/** What a word stands for by its place alone: a field and a tag are neither a map nor a helper, whatever they are called. */

export type WordRole = "name" | "field" | "tag";

/** From which argument on a macro takes names of fields. */
const FIELDS_FROM: readonly (readonly [RegExp, number])[] = [
  [/^BPF_(?:CORE|PROBE)_READ(?:_USER)?(?:_STR)?_INTO$/, 2],
  [/^BPF_(?:CORE|PROBE)_READ(?:_USER)?$/, 1],
  [/^BPF_CORE_READ_BITFIELD(?:_PROBED)?$/, 1],
  [/^bpf_core_field_(?:exists|size|offset)$/, 1],
  [/^(?:offsetof|__builtin_offsetof)$/, 1],
  [/^container_of$/, 2],
];

export function wordRole(text: string, start: number): WordRole {
  const before = text.slice(Math.max(0, start - 40), start);
  // On the same line: the line above may be a comment that ends with a full stop.
  if (/(?:->|(?<!\.)\.)[ \t]*$/.test(before)) return "field";
  if (/\b(?:struct|union|enum)[ \t]+$/.test(before)) return "tag";
  const call = callBefore(text, start);
  const from = call && FIELDS_FROM.find(([macro]) => macro.test(call.name))?.[1];
  return call !== undefined && from !== undefined && call.argument >= from ? "field" : "name";
}

/** No call of interest is longer. */
const FAR = 400;

/** The call that a place is directly an argument of, read backwards. Where that is not certain there is none. */
function callBefore(text: string, start: number): { readonly name: string; readonly argument: number } | undefined {
  let depth = 0;
  let argument = 0;
  for (let i = start - 1; i >= Math.max(0, start - FAR); i--) {
    const c = text.charAt(i);
    if (`;{}"'`.includes(c)) return undefined;
    if (c === ")" || c === "]") depth++;
    else if (depth > 0) depth -= c === "(" || c === "[" ? 1 : 0;
    else if (c === ",") argument++;
    else if (c === "[") return undefined;
    else if (c === "(") return { name: /(\w*)\s*$/.exec(text.slice(Math.max(0, i - 60), i))?.[1] ?? "", argument };
  }
  return undefined;
}
