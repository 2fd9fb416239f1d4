/** The part of BTF that some types need: these and what they are made of; what is only pointed to is declared and no more. */

import type { Btf } from "./btf.ts";
import type { BtfType } from "./types.ts";

export interface Wanted {
  /** Types that are needed whole. */
  readonly ids: Iterable<number>;
  /** Whether somebody goes through a member of that name: what it points to is needed whole then. */
  readonly follows: (member: string) => boolean;
}

/** The types, renumbered from 1 in their old order, ready to be written. */
export function subsetOf(btf: Btf, wanted: Wanted): readonly BtfType[] {
  const needs = new Closure(btf, wanted).needs;
  const numbers = new Map<number, number>([[0, 0]]);
  const declared = new Map<string, number>();
  const kept: number[] = [];
  for (let id = 1; id < btf.count; id++) {
    if (needs[id] === NO) continue;
    const key = declarationOf(btf, id, needs[id] === WHOLE);
    const before = key === undefined ? undefined : declared.get(key);
    if (before === undefined) kept.push(id);
    const number = before ?? kept.length;
    numbers.set(id, number);
    if (key !== undefined) declared.set(key, number);
  }
  const numberOf = (id: number): number => numbers.get(id) ?? 0;
  return kept.map((id) => {
    const type = btf.typeAt(id);
    const isStruct = type.kind === "struct" || type.kind === "union";
    if (isStruct && needs[id] === DECLARED) return { kind: "fwd", name: type.name, union: type.kind === "union" };
    return renumbered(type, numberOf);
  });
}

const NO = 0;
/** It must be there, but if it is a struct its name is enough. */
const DECLARED = 1;
const WHOLE = 2;

/** Two structs of one name would be told apart by their number; declarations of them are the same. */
function declarationOf(btf: Btf, id: number, whole: boolean): string | undefined {
  const kind = btf.kindOf(id);
  if (kind !== "fwd" && (whole || (kind !== "struct" && kind !== "union"))) return undefined;
  const type = btf.typeAt(id);
  if (type.kind === "fwd") return `${type.union ? "union" : "struct"} ${type.name}`;
  return type.kind === "struct" || type.kind === "union" ? `${type.kind} ${type.name}` : undefined;
}

/** What is needed, found from one type to the next. Every type is looked at twice at most. */
class Closure {
  readonly needs: Uint8Array;
  private readonly btf: Btf;
  private readonly wanted: Wanted;
  private readonly waiting: number[] = [];

  constructor(btf: Btf, wanted: Wanted) {
    this.btf = btf;
    this.wanted = wanted;
    this.needs = new Uint8Array(btf.count);
    for (const id of wanted.ids) this.need(id, WHOLE);
    for (let id = this.waiting.pop(); id !== undefined; id = this.waiting.pop()) this.look(id);
  }

  private need(id: number, how: number): void {
    if (id === 0 || (this.needs[id] ?? WHOLE) >= how) return;
    this.needs[id] = how;
    this.waiting.push(id);
  }

  private look(id: number): void {
    const type = this.btf.typeAt(id);
    switch (type.kind) {
      case "struct":
      case "union":
        // Without a name it cannot be declared.
        if (type.name === "") this.needs[id] = WHOLE;
        if (this.needs[id] === WHOLE) this.wholeStruct(type.kind, type.name, type.members);
        break;
      case "ptr":
      case "func":
        this.need(type.type, DECLARED);
        break;
      case "array":
        // In C the elements must be known even where there is only a pointer to them.
        this.need(type.type, WHOLE);
        this.need(type.indexType, WHOLE);
        break;
      case "typedef":
      case "const":
      case "volatile":
      case "restrict":
      case "type_tag":
        this.need(type.type, this.needs[id] ?? DECLARED);
        break;
      case "func_proto":
        for (const { type: of } of [type, ...type.params]) this.need(of, DECLARED);
        break;
      case "var":
      case "decl_tag":
        this.need(type.type, WHOLE);
        break;
    }
  }

  private wholeStruct(
    kind: "struct" | "union",
    name: string,
    members: readonly { readonly name: string; readonly type: number }[],
  ): void {
    // bpftool numbers those of the same name, and must come to the same numbers as for all types.
    if (name !== "") for (const twin of this.btf.findAll(name, [kind])) this.need(twin, WHOLE);
    for (const member of members) {
      this.need(member.type, WHOLE);
      if (member.name !== "" && this.wanted.follows(member.name)) this.pointedTo(member.type);
    }
  }

  private pointedTo(from: number): void {
    let id = this.btf.resolve(from);
    for (let steps = 0; id !== undefined && steps < MAX_STEPS; steps++) {
      const type = this.btf.typeAt(id);
      if (type.kind !== "ptr" && type.kind !== "array") break;
      id = this.btf.resolve(type.type);
    }
    if (id !== undefined) this.need(id, WHOLE);
  }
}

/** Pointers to arrays of pointers: nobody has that many levels of them. */
const MAX_STEPS = 16;

function renumbered(type: BtfType, number: (id: number) => number): BtfType {
  switch (type.kind) {
    case "struct":
    case "union":
      return { ...type, members: type.members.map((member) => ({ ...member, type: number(member.type) })) };
    case "array":
      return { ...type, type: number(type.type), indexType: number(type.indexType) };
    case "func_proto":
      return {
        ...type,
        type: number(type.type),
        params: type.params.map((param) => ({ ...param, type: number(param.type) })),
      };
    case "datasec":
      return { ...type, vars: type.vars.map((one) => ({ ...one, type: number(one.type) })) };
    default:
      return "type" in type ? { ...type, type: number(type.type) } : type;
  }
}
