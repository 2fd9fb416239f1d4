/** Types of an object's BTF as C spells them, and their sizes. */

import type { Btf } from "../btf/btf.ts";

/** Deeper than anybody nests, and an end for what refers to itself. */
const DEEPEST = 32;
/** How many types one is made of; functions may take functions that take functions. */
const MOST_TYPES = 64;
const LONGEST = 1000;
/** Of the parameters of a function. */
const MOST = 12;

/** `struct event *`, or with a name `char name[16]`. */
export function declaration(btf: Btf, id: number, name = ""): string {
  const text = declared(btf, id, name, { left: MOST_TYPES });
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function declared(btf: Btf, id: number, name: string, budget: { left: number }): string {
  const type = btf.typeAt(id);
  if (budget.left-- <= 0) return named("…", name);
  const inner = (of: number, declarator: string): string => declared(btf, of, declarator, budget);
  switch (type.kind) {
    case "ptr": {
      const to = btf.kindOf(skipTags(btf, type.type));
      return inner(type.type, to === "array" || to === "func_proto" ? `(*${name})` : `*${name}`);
    }
    case "array":
      return inner(type.type, `${name}[${type.count === 0 ? "" : type.count}]`);
    case "const":
    case "volatile":
    case "restrict":
      return btf.kindOf(type.type) === "ptr"
        ? inner(type.type, named(type.kind, name))
        : `${type.kind} ${inner(type.type, name)}`;
    case "type_tag":
      return inner(type.type, name);
    case "func_proto": {
      const shown = type.params.slice(0, MOST).map((one) => (one.type === 0 ? "..." : inner(one.type, one.name)));
      if (type.params.length > MOST) shown.push("…");
      return inner(type.type, `${name}(${shown.length === 0 ? "void" : shown.join(", ")})`);
    }
    case "struct":
    case "union":
      return named(`${type.kind} ${type.name === "" ? "{…}" : type.name}`, name);
    case "enum":
    case "enum64":
      return named(`enum ${type.name === "" ? "{…}" : type.name}`, name);
    case "fwd":
      return named(`${type.union ? "union" : "struct"} ${type.name}`, name);
    case "void":
      return named("void", name);
    case "int":
    case "float":
    case "typedef":
      return named(type.name, name);
    case "func":
      return inner(type.type, type.name);
    default:
      return named("?", name);
  }
}

/** In bytes; undefined where there is none to speak of. */
export function sizeOf(btf: Btf, id: number, depth = 0): number | undefined {
  const resolved = btf.resolve(id);
  if (resolved === undefined || depth > DEEPEST) return undefined;
  const type = btf.typeAt(resolved);
  switch (type.kind) {
    case "ptr":
      return 8;
    case "array": {
      const one = sizeOf(btf, type.type, depth + 1);
      return one === undefined ? undefined : one * type.count;
    }
    case "int":
    case "float":
    case "struct":
    case "union":
    case "enum":
    case "enum64":
    case "datasec":
      return type.size;
    case "var":
      return sizeOf(btf, type.type, depth + 1);
    default:
      return undefined;
  }
}

function skipTags(btf: Btf, id: number): number {
  let at = id;
  for (let i = 0; i < DEEPEST; i++) {
    const type = btf.typeAt(at);
    if (type.kind !== "type_tag") return at;
    at = type.type;
  }
  return at;
}

function named(type: string, name: string): string {
  return name === "" ? type : `${type} ${name}`;
}
