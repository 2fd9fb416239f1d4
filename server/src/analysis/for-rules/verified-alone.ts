/** Functions that newer kernels verify alone, and what these must understand of their parameters and results. */

import type { Param } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import type { Subprogram } from "./subprograms.ts";

type Asked = Pick<RuleContext, "model" | "kb">;

export function isVerifiedAlone({ fn, head }: Subprogram): boolean {
  // libbpf makes hidden functions static when it loads.
  return !fn.isStatic && !/\b(?:static|__hidden)\b/.test(head);
}

export function returnsNothing({ head }: Subprogram): boolean {
  return /(?:^|[\s*])void\s*$/.test(head.replace(/\b__\w+\b/g, "")) && !head.includes("*");
}

/** Its first parameter that points to anything but a context. */
export function plainPointerOf({ fn }: Subprogram, ctx: Asked): Param | undefined {
  return fn.params.find((param) => isPlainPointer(param, ctx));
}

/** Numbers, text and memory: no structure that might be a program's context. */
const PLAIN =
  /^(?:(?:const|volatile|unsigned|signed)\s+)*(?:void|char|short|int|long|bool|__?[us](?:8|16|32|64)|[us](?:8|16|32|64)|u?int(?:8|16|32|64)_t)(?:\s+(?:int|long|const))*\s*\*+/;

function isPlainPointer({ type }: Param, { model, kb }: Asked): boolean {
  if (PLAIN.test(type)) return true;
  const name = /^(?:const\s+)?struct\s+(\w+)\s*\*$/.exec(type)?.[1];
  if (name === undefined || kb.context(name) !== undefined || /^(?:pt_regs|user_pt_regs|trace_event_|bpf_)/.test(name))
    return false;
  // One that the file or its headers define is no context of the kernel's.
  return model.recordOf(`struct ${name}`) !== undefined;
}
