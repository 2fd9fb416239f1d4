/** What the editor says about a kfunc. */

import { declare, type KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import type { KfuncFact } from "../../analysis/knowledge/types.ts";
import { type Card, commitLink, docsLink, sinceText, type View, verdictsOn } from "../card.ts";
import { hereFacts, inTheseWords, programsFact } from "./allowed.ts";

export function describeKfunc(kfunc: KfuncFact, kb: KnowledgeBase, view: View): Card {
  const { name, flags, allowed, note, commit, filtered } = kfunc;
  // That all of them are GPL only is said once.
  const plain = allowed.map(({ gpl: _, ...rest }) => rest);
  return {
    verdicts: verdictsOn(inTheseWords("kfunc", name, view), kb, view),
    declaration: declarationOf(kfunc) ?? `${name}(…)`,
    what: [
      "kfunc",
      sinceText(kfunc),
      flags.includes("KF_RET_NULL") && "may return `NULL`",
      flags.includes("KF_ACQUIRE") && "takes a reference",
      flags.includes("KF_RELEASE") && "gives one back",
      flags.includes("KF_SLEEPABLE") && "may sleep",
      "GPL only",
    ],
    note,
    here: hereFacts(plain, view),
    facts: [
      programsFact(plain, kb),
      flags.length > 0 && { label: "Flags", text: flags.map((flag) => `\`${flag}\``).join(", ") },
      filtered && {
        label: "Further",
        text: "the kernel decides by where the program is attached or what it implements",
      },
    ],
    links: [docsLink(`kfuncs/${name}`), commitLink(commit)],
  };
}

/** As a program declares it: `extern void bpf_rcu_read_lock(void) __ksym;`. */
export function declarationOf({ name, returns, params }: KfuncFact): string | undefined {
  if (returns === undefined || params === undefined) return undefined;
  const list = params.map((param) => declare(param.type, param.name)).join(", ");
  return `extern ${declare(returns, name)}(${list === "" ? "void" : list}) __ksym;`;
}
