/** What the context of a program points to, by its section: what `void *ctx` does not say. */

import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { programMeaning } from "../analysis/knowledge/loaders.ts";
import { classifySection } from "../analysis/knowledge/sections.ts";
import type { Program } from "../analysis/model.ts";

/** As C writes the pointer: `struct xdp_md *`. */
export function contextPointer({ section }: Program, kb: KnowledgeBase, loader: string): string | undefined {
  const meaning = section.name === undefined ? undefined : programMeaning(section.name, kb, loader);
  if (meaning === undefined) return undefined;
  const { progType, attachType } = meaning.kind;
  const target = classifySection(section.name ?? "", kb)?.target;
  if (progType === "BPF_PROG_TYPE_TRACEPOINT") return tracepointOf(target);
  if (attachType === "BPF_TRACE_ITER") return target === undefined ? undefined : `struct bpf_iter__${target} *`;
  // Registers are no structure of the kernel's interface, so the base has none.
  if (progType === "BPF_PROG_TYPE_KPROBE") return "struct pt_regs *";
  const struct = kb.programType(progType)?.context;
  if (struct !== undefined) return `struct ${struct} *`;
  return /_(?:TRACING|LSM|STRUCT_OPS)$/.test(progType) ? "unsigned long long *" : undefined;
}

/** By the name of the event in `vmlinux.h`; all system calls share two. */
function tracepointOf(target: string | undefined): string | undefined {
  const [category, event] = target?.split("/") ?? [];
  if (event === undefined || !/^\w+$/.test(event)) return undefined;
  const shared = category === "syscalls" ? /^sys_(?:enter|exit)(?=_)/.exec(event)?.[0] : undefined;
  return `struct trace_event_raw_${shared ?? event} *`;
}
