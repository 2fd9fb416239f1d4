/** What a loader's message is about: the names in it, the most exact first. */

export type Named =
  /** The nth CO-RE relocation of a function, as libbpf numbers them: those of its section, from 0. */
  | { readonly kind: "relocation"; readonly function: string; readonly number: number }
  /** An instruction of a loaded program, as the verifier counts. */
  | { readonly kind: "instruction"; readonly number: number }
  /** A word in the definition of a map. */
  | { readonly kind: "field"; readonly map: string; readonly name: string }
  /** A variable, a function, something of the kernel's. */
  | { readonly kind: "symbol" | "map" | "section" | "program"; readonly name: string }
  /** Where a program says what it is attached to. */
  | { readonly kind: "hook"; readonly name: string }
  | { readonly kind: "licence" };

/** @param said every line of the message */
export function namesSaid(said: string): readonly Named[] {
  return READERS.flatMap(({ pattern, named }) => [...said.matchAll(pattern)].map(named));
}

interface Reader {
  readonly pattern: RegExp;
  readonly named: (match: RegExpMatchArray) => Named;
}

const word = (text: string | undefined): string => text ?? "";
const symbol = ([, name]: RegExpMatchArray): Named => ({ kind: "symbol", name: word(name) });

/** In the order of how exactly they say a place. */
const READERS: readonly Reader[] = [
  {
    pattern: /prog '([^'\n]+)': relo #(\d{1,9})/g,
    named: ([, name, number]) => ({ kind: "relocation", function: word(name), number: Number(number) }),
  },
  {
    pattern: /^(\d{1,9}): <invalid [^>\n]+>/gm,
    named: ([, number]) => ({ kind: "instruction", number: Number(number) }),
  },
  {
    pattern: /^(\d{1,9}): \([0-9a-f]{2}\)/gm,
    named: ([, number]) => ({ kind: "instruction", number: Number(number) }),
  },
  {
    pattern: /map '([^'\n]+)': (?:unknown field|attr) '([^'\n]+)'/g,
    named: ([, map, name]) => ({ kind: "field", map: word(map), name: word(name) }),
  },
  {
    pattern: /map '([^'\n]+)': '([^'\n]+)' member should be last/g,
    named: ([, map, name]) => ({ kind: "field", map: word(map), name: word(name) }),
  },
  {
    pattern: /map '([^'\n]+)': (?:conflicting |can't determine )?(key|value)(?: (?:spec|type|size|def))\b/g,
    named: ([, map, name]) => ({ kind: "field", map: word(map), name: word(name) }),
  },
  {
    pattern: /map '([^'\n]+)': invalid pinning value/g,
    named: ([, map]) => ({ kind: "field", map: word(map), name: "pinning" }),
  },
  { pattern: /extern (?:function )?(?:\([^)\n]*\) )?'([^'\n]+)'/g, named: symbol },
  { pattern: /kfunc '([^'\n]+)' is referenced/g, named: symbol },
  { pattern: /relo against '([^'\n]+)'/g, named: symbol },
  { pattern: /struct_ops (?:init_kern|init|reloc) ([A-Za-z_]\w*):/g, named: symbol },
  { pattern: /exception callback '?([A-Za-z_]\w*)'? must be/g, named: symbol },
  { pattern: /BPF map '([^'\n]+)' is referenced/g, named: ([, name]) => ({ kind: "map", name: word(name) }) },
  { pattern: /\bmap '([^'\n]+)'/g, named: ([, name]) => ({ kind: "map", name: word(name) }) },
  { pattern: /\bprog(?:ram)? '([^'\n]+)'/g, named: ([, name]) => ({ kind: "program", name: word(name) }) },
  { pattern: /\b(?:section|sec)(?: name)? '([^'\n]+)'/g, named: ([, name]) => ({ kind: "section", name: word(name) }) },
  { pattern: /invalid license section|licen[cs]e section/g, named: () => ({ kind: "licence" }) },
];
