/** What the editor says about a helper. */

import { type KnowledgeBase, prototypeOf } from "../../analysis/knowledge/knowledge-base.ts";
import type { Helper, Param } from "../../analysis/knowledge/types.ts";
import { type Card, commitLink, docsLink, sinceText, type View, verdictsOn } from "../card.ts";
import { hereFacts, inTheseWords, programsFact } from "./allowed.ts";
import { flagsFact } from "./helper-flags.ts";

export function describeHelper(helper: Helper, kb: KnowledgeBase, view: View): Card {
  const { name, id, since, commit, note, allowed, maps, needs = [], config = [] } = helper;
  const official = view.official?.(name);
  return {
    verdicts: verdictsOn(inTheseWords("helper", name, view), kb, view),
    declaration: prototypeOf(helper),
    what: [
      `BPF helper #${id}`,
      sinceText({ since }),
      helper.result === "pointer or null" && "may return `NULL`",
      helper.acquires && "takes a reference",
      helper.sleeps && "may sleep",
    ],
    note,
    here: hereFacts(allowed, view),
    facts: [
      programsFact(allowed, kb),
      maps && {
        label: "Maps",
        text: maps
          .flatMap((one) => one.in)
          .map((type) => `\`${type}\``)
          .join(", "),
      },
      flagsFact(helper, view),
      ...argumentFacts(helper.params),
      needs.length > 0 && { label: "Needs", text: needs.map((one) => `\`${one}\``).join(", ") },
      config.length > 0 && { label: "Kernel option", text: config.map((one) => `\`${one}\``).join(", ") },
      helper.filtered && { label: "Further", text: "the kernel decides by what the program is attached to" },
      helper.lockdown && { label: "Lockdown", text: "not offered by a kernel that is locked down" },
      official !== undefined && { label: "From your bpf_helper_defs.h", text: `\n\n${quoted(official)}` },
    ],
    links: [docsLink(`helper-function/${name}`), commitLink(commit)],
  };
}

/** Only what the types do not show. */
function argumentFacts(params: readonly Param[]): readonly { label: string; text: string }[] {
  const telling = params.filter(
    ({ optional, releases, written, kind }) => releases || written || (optional && kind !== "size"),
  );
  if (telling.length === 0) return [];
  const text = telling.map(({ name, written, optional, releases }) => {
    const words = [written && "is written", optional && "may be NULL or 0", releases && "is given back"].filter(
      Boolean,
    );
    return `\`${name}\` ${words.join(", ")}`;
  });
  return [{ label: "Arguments", text: text.join("; ") }];
}

function quoted(text: string): string {
  return text.replace(/^/gm, "> ");
}
