/** For rules: the structures that programs are given as their context. */

import type { KnowledgeBase } from "./knowledge/knowledge-base.ts";
import type { Param } from "./model.ts";

/** The kernel's registers belong to no uapi structure: what kprobes, uprobes and their relatives get. */
export const REGISTERS = "pt_regs";

/** The names of all structures that are the context of some program. */
export function contextNames({ facts }: KnowledgeBase): ReadonlySet<string> {
  return new Set([REGISTERS, ...facts.programTypes.flatMap(({ context }) => context ?? [])]);
}

/** `xdp_md` of `struct xdp_md *`; undefined for anything else than a pointer to one structure. */
export function pointedStruct({ type }: Param): string | undefined {
  return /^(?:(?:const|volatile)\s+)*struct\s+(\w+)(?:\s+(?:const|volatile))*\s*\*(?:\s*(?:const|restrict|__restrict))*$/.exec(
    type,
  )?.[1];
}
