/** What `bpf_for`, `bpf_for_each` and `bpf_repeat` become: a loop over an iterator of the kernel's. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import { sinceText } from "../card.ts";
import type { MacroUse } from "./macro-use.ts";
import { type Expansion, freshName, operand } from "./sketch.ts";

/** An iterator of the kernel's, and what one round of the loop asks of it. */
interface Loop {
  readonly type: string;
  readonly start: readonly string[];
  readonly round: (next: string) => string;
}

export function iteratorLoop({ name, args }: MacroUse, kb: KnowledgeBase): Expansion | undefined {
  const loop = loopOf(name, args);
  if (loop === undefined) return undefined;
  const { type, start, round } = loop;
  const it = `&${freshName(["it", "iter"], args)}`;
  const kfuncs = ["new", "next", "destroy"].map((step) => `bpf_iter_${type}_${step}`);
  const [first = "", next = "", last = ""] = kfuncs;
  const known = kb.kfunc(first);
  return {
    code: [
      `struct bpf_iter_${type} ${it.slice(1)};`,
      `${first}(${[it, ...start].join(", ")});`,
      `while (${round(`${next}(${it})`)}) { … }`,
      `${last}(${it}); // also behind a break or return`,
    ],
    facts: [
      {
        label: "Kfuncs",
        text: `${kfuncs.map((kfunc) => `\`${kfunc}\``).join(", ")}${known === undefined ? "" : `, ${sinceText(known)}`}`,
      },
    ],
    calls: kfuncs.filter((kfunc) => kb.kfunc(kfunc) !== undefined).map((kfunc) => ({ kind: "kfunc", name: kfunc })),
  };
}

function loopOf(name: string, args: readonly string[]): Loop | undefined {
  if (name === "bpf_for_each") return eachOf(args);
  const [first, start, end] = args;
  if (name === "bpf_repeat")
    return first === undefined || args.length > 1
      ? undefined
      : { type: "num", start: ["0", first], round: (next) => next };
  if (first === undefined || start === undefined || end === undefined || args.length > 3) return undefined;
  const [variable, pointer] = [operand(first), freshName(["t", "p", "number"], args)];
  // The comparison says the bounds to the verifier.
  const bounds = `${variable} >= ${operand(start)} && ${variable} < ${operand(end)}`;
  return {
    type: "num",
    start: [start, end],
    round: (next) => `(${pointer} = ${next}) && (${variable} = *${pointer}, ${bounds})`,
  };
}

function eachOf([type, current, ...start]: readonly string[]): Loop | undefined {
  if (type === undefined || current === undefined || !/^[A-Za-z_]\w*$/.test(type)) return undefined;
  return { type, start, round: (next) => `(${operand(current)} = ${next})` };
}
