// @ts-check
/** Which return values the verifier accepts: asks the `switch` over program types in its check of a program's end. */

import { machine, NOT_BUILTIN } from "./c-machine.mjs";
import { programOf } from "./helper-tables.mjs";
import { closing } from "./source.mjs";

/** @typedef {import("./source.mjs").KernelSource} KernelSource */
/** @typedef {import("./contexts.mjs").ProgramContext} ProgramContext */
/** @typedef {{ low: number, high: number }} Range */

/** Enumerators with which the verifier spells out a limit. @type {Readonly<Record<string, number>>} */
const LIMITS = { SK_DROP: 0, SK_PASS: 1, NF_DROP: 0, NF_ACCEPT: 1 };

/** The check was first a part of a larger function. */
const FUNCTIONS = ["return_retval_range", "check_return_code"];

/** @param {KernelSource} kernel @returns {(context: ProgramContext) => Range | undefined} undefined where any value will do */
export function returnRanges(kernel) {
  const source = FUNCTIONS.map((name) => switchIn(kernel.functions.get(name)?.text)).find((text) => text !== undefined);
  if (source === undefined) return () => undefined;
  const call = machine({
    source: (name) => (name === "range_of" ? source : undefined),
    builtin: (name, [low, high]) => {
      if (name === "retval_range" || name === "tnum_range") return { low, high };
      if (name === "tnum_const") return { low, high: low };
      // It depends on the hook.
      if (/retval_range$/.test(name)) return false;
      return NOT_BUILTIN;
    },
    constant: (name) => LIMITS[name] ?? name,
    sizeOf: () => 0,
    place: () => ({ from: 0, to: 0 }),
  });
  return (context) => {
    const program = programOf(context);
    const prog = { ...program, aux: { ...program.aux, attach_btf_id: 0, attach_func_proto: { type: 1 } } };
    const range = call("range_of", [{ prog, ops: {} }, context.progType, prog]);
    return range !== null && typeof range === "object" ? { low: range.low, high: range.high } : undefined;
  };
}

/** That `switch` as a function of its own. @param {string | undefined} text */
function switchIn(text) {
  const heads = (text ?? "").matchAll(/switch\s*\((?:prog_type|env->prog->type)\)\s*\{/g);
  const bodies = [...heads].map((head) => {
    const open = head.index + head[0].length - 1;
    return text?.slice(head.index, closing(text, open) + 1) ?? "";
  });
  // Another one before it looks after functions that return nothing.
  const body = bodies.find((one) => one.includes("BPF_PROG_TYPE_CGROUP_SKB"));
  if (body === undefined) return undefined;
  const plain = body.replaceAll("*range", "range").replaceAll("range->", "range.").replaceAll("&range", "range");
  return `void *range_of(struct env *env, int prog_type, void *prog)\n{\nrange = retval_range(0, 1);\n${plain}\nreturn range;\n}`;
}
