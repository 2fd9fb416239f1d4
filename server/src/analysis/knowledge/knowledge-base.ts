/** Lookups over the kernel facts and our notes. */

import type {
  AttachTypeFact,
  Helper,
  KfuncFact,
  KnowledgeJson,
  MapTypeFact,
  ProgramTypeFact,
  SectionFact,
} from "./types.ts";

/** Names are those of the C source: `bpf_loop`, `BPF_MAP_TYPE_HASH`, `BPF_PROG_TYPE_XDP`, `BPF_XDP_CPUMAP`. */
export interface KnowledgeBase {
  helper(name: string): Helper | undefined;
  kfunc(name: string): KfuncFact | undefined;
  mapType(name: string): MapTypeFact | undefined;
  programType(name: string): ProgramTypeFact | undefined;
  attachType(name: string): AttachTypeFact | undefined;
  /** In the order in which libbpf tries them. */
  readonly sections: readonly SectionFact[];
}

export function knowledgeBase(json: KnowledgeJson): KnowledgeBase {
  return {
    helper: lookup(json.helpers),
    kfunc: lookup(json.kfuncs),
    mapType: lookup(json.mapTypes),
    programType: lookup(json.programTypes),
    attachType: lookup(json.attachTypes),
    sections: [...json.sections].sort((a, b) => a.order - b.order),
  };
}

function lookup<Fact extends { readonly name: string }>(facts: readonly Fact[]): (name: string) => Fact | undefined {
  const byName = new Map(facts.map((fact) => [fact.name, fact]));
  return (name) => byName.get(name);
}

/** A helper as a C prototype: `void *bpf_map_lookup_elem(void *map, const void *key)`. */
export function prototypeOf({ name, returns, params }: Helper): string {
  const list = params.map((param) => declare(param.type, param.name)).join(", ");
  return `${declare(returns, name)}(${list === "" ? "void" : list})`;
}

function declare(type: string, name: string): string {
  if (name === "") return type;
  return type.endsWith("*") ? `${type}${name}` : `${type} ${name}`;
}
