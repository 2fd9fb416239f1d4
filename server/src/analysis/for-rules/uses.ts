/** The helpers and kfuncs of a file's calls, by their own names or through a macro of libbpf's. */

import type { MacroNeed } from "../knowledge/types.ts";
import type { Call } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import { perModel } from "./per-model.ts";
import { helperOf, kfuncOf } from "./runs.ts";

export interface Use {
  readonly kind: "helper" | "kfunc";
  readonly name: string;
  readonly call: Call;
  /** The call is that of a macro, or of a helper by a name of the file's own. */
  readonly by?: string;
}

type Asked = Pick<RuleContext, "model" | "kb">;

/** In the order of the text. What a macro calls only in some cases does not count. */
export const usesIn = perModel(["kb"], (asked): readonly Use[] => {
  const known = new Map<string, readonly Omit<Use, "call">[]>();
  const uses: Use[] = [];
  for (const call of asked.model.calls) {
    let meanings = known.get(call.name);
    if (meanings === undefined) {
      meanings = meaningsOf(call, asked);
      known.set(call.name, meanings);
    }
    for (const { kind, name, by } of meanings)
      uses.push(by === undefined ? { kind, name, call } : { kind, name, call, by });
  }
  return uses;
});

function meaningsOf(call: Call, asked: Asked): readonly Omit<Use, "call">[] {
  const { kb, model } = asked;
  const { name } = call;
  if (helperOf(call, asked) !== undefined) return [{ kind: "helper", name }];
  if (kfuncOf(call, asked) !== undefined) return [{ kind: "kfunc", name }];
  const needs = kb.macro(name)?.needs;
  if (model.redefines(name)) return [];
  if (needs === undefined) {
    const helper = numbered(name, asked);
    return helper === undefined ? [] : [{ kind: "helper", name: helper, by: name }];
  }
  return needs.flatMap((need) => {
    const meaning = meaningOf(need, asked);
    return meaning === undefined ? [] : [{ ...meaning, by: name }];
  });
}

/** `static int (*own)(void *) = (void *)34;`: a helper under a name of the file's own. */
function numbered(name: string, { model: { code }, kb }: Asked): string | undefined {
  if (!code.isNamedAlone(name) || kb.helper(name) !== undefined || kb.kfunc(name) !== undefined) return undefined;
  for (const { range, in: fn } of code.uses(name)) {
    if (fn !== undefined) continue;
    const line = code.lines.textOf(range.start.line).slice(range.end.character);
    const value = /^\s*\)\s*\(.*\)\s*=\s*\(\s*void\s*\*\s*\)\s*(\d+|BPF_FUNC_\w+)\s*;/.exec(line)?.[1];
    if (value === undefined) continue;
    const id = Number(value);
    return Number.isNaN(id)
      ? kb.helper(value.replace("BPF_FUNC_", "bpf_"))?.name
      : kb.facts.helpers.find((helper) => helper.id === id)?.name;
  }
  return undefined;
}

function meaningOf({ kind, name, when }: MacroNeed, { kb }: Asked): Omit<Use, "call"> | undefined {
  if (when !== undefined) return undefined;
  if (kind === "helper" && kb.helper(name) !== undefined) return { kind, name };
  return kind === "kfunc" && kb.kfunc(name) !== undefined ? { kind, name } : undefined;
}

/** `bpf_trace_printk() (by bpf_printk())`: who is to blame. */
export function useText({ name, by }: Pick<Use, "name" | "by">): string {
  return by === undefined ? `${name}()` : `${name}() (by ${by}())`;
}

/** Of the kfuncs of an iterator the one that begins it speaks for all. */
export function isFirst({ name, by }: Pick<Use, "name" | "by">): boolean {
  return by === undefined || !/^bpf_iter_\w+_(?:next|destroy)$/.test(name);
}

/** Whether a call means a helper or a kfunc of that name. */
export function helperOrKfunc(call: Call, asked: Asked): boolean {
  return helperOf(call, asked) !== undefined || kfuncOf(call, asked) !== undefined;
}
