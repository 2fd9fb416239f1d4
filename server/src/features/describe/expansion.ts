/** What a macro of libbpf's becomes in one call, in C with the call's own arguments. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import { type CardFact, codeBlock } from "../card.ts";
import { bitFieldAccess } from "./core-bit-fields.ts";
import { kernelQuestion } from "./core-questions.ts";
import { coreRead } from "./core-reads.ts";
import { iteratorLoop } from "./loops.ts";
import type { MacroUse } from "./macro-use.ts";
import { formattedPrint } from "./prints.ts";
import { programFunction } from "./program-macros.ts";
import { registerAccess } from "./registers.ts";
import type { Expansion } from "./sketch.ts";

type Expand = (use: MacroUse, kb: KnowledgeBase) => Expansion | undefined;

const EXPANDERS: readonly (readonly [RegExp, Expand])[] = [
  [/^BPF_(?:CORE|PROBE)_READ(?:_USER)?(?:_STR)?(?:_INTO)?$/, coreRead],
  [/^BPF_CORE_(?:READ|WRITE)_BITFIELD(?:_PROBED)?$/, bitFieldAccess],
  [/^bpf_core_(?:field|type|enum|cast)/, kernelQuestion],
  [/^BPF_(?:PROG2?|KPROBE|KRETPROBE|UPROBE|URETPROBE|KSYSCALL|KPROBE_SYSCALL|USDT)$/, programFunction],
  [/^(?:bpf_printk|bpf_stream_printk|BPF_SEQ_PRINTF|BPF_SNPRINTF)$/, formattedPrint],
  [/^bpf_(?:for|for_each|repeat)$/, iteratorLoop],
  [/^PT_REGS_(?:PARM[1-8]|RET|FP|RC|SP|IP)(?:_CORE)?(?:_SYSCALL)?$/, registerAccess],
];

/** @returns undefined for macros that say all in one line, and for calls that are none */
export function expansionOf(use: MacroUse, kb: KnowledgeBase): Expansion | undefined {
  return EXPANDERS.find(([pattern]) => pattern.test(use.name))?.[1](use, kb);
}

/** Below its label, as code. */
export function codeFact(label: string, lines: readonly string[]): CardFact {
  return { label, text: `\n${codeBlock(lines.join("\n")).replace(/^/gm, "  ")}` };
}
