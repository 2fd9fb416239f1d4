/** Lookups over the kernel facts and our notes. */

import type { Helper, KnowledgeJson } from "./types.ts";

export interface KnowledgeBase {
  helper(name: string): Helper | undefined;
}

export function knowledgeBase(json: KnowledgeJson): KnowledgeBase {
  const helpers = new Map(json.helpers.map((helper) => [helper.name, helper]));
  return { helper: (name) => helpers.get(name) };
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
