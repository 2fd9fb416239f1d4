/** What programs are given as their context, and how they call it. */

import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { BpfFunction, Param } from "../model.ts";
import { remembered, rememberedOf } from "../remember.ts";

/** The kernel's registers belong to no uapi structure: what kprobes, uprobes and their relatives get. */
export const REGISTERS = "pt_regs";

/** The names of all structures that are the context of some program. */
export const contextNames = rememberedOf(
  ({ facts }: KnowledgeBase): ReadonlySet<string> =>
    new Set([REGISTERS, ...facts.programTypes.flatMap(({ context }) => context ?? [])]),
);

/** `xdp_md` of `struct xdp_md *`; undefined for anything else than a pointer to one structure. */
export function pointedStruct({ type }: Param): string | undefined {
  return pointedBy(type);
}

const pointedBy = remembered(
  (type) =>
    /^(?:(?:const|volatile)\s+)*struct\s+(\w+)(?:\s+(?:const|volatile))*\s*\*(?:\s*(?:const|restrict|__restrict))*$/.exec(
      type,
    )?.[1],
);

/** The name by which a program's own body calls its context; undefined in other functions. */
export function contextName(fn: BpfFunction | undefined): string | undefined {
  if (fn?.section === undefined) return undefined;
  if (fn.macro !== undefined) return UNPACKING.test(fn.macro) ? "ctx" : undefined;
  return fn.params[0]?.name || undefined;
}

/** They give the context to the function whose body is written, by this name. */
const UNPACKING = /^BPF_(?:PROG2?|KPROBE|KRETPROBE|UPROBE|URETPROBE|KSYSCALL|KPROBE_SYSCALL|USDT)$/;
