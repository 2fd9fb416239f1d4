/** What the editor says about a macro, or an inline function, of libbpf's headers. */

import type { MacroFact } from "../../analysis/knowledge/types.ts";
import type { Card } from "../card.ts";

export function describeMacro({ name, header, params, libbpf, note, ...fact }: MacroFact): Card {
  const { expands, needs } = fact as {
    expands?: string;
    needs?: readonly { kind: string; name: string; since?: string }[];
  };
  return {
    code: `#include <bpf/${header}>\n${name}${params === undefined ? "" : `(${params.join(", ")})`}`,
    what: [
      "libbpf",
      libbpf === undefined ? "in no release yet" : `since libbpf ${libbpf === "0.1" ? "0.1 or older" : libbpf}`,
    ],
    note,
    facts: [
      expands !== undefined && { label: "Becomes", text: `\`${expands}\`` },
      needs !== undefined && {
        label: "Needs",
        text: needs
          .map(({ kind, name: what, since }) => `${kind} \`${what}\`${since === undefined ? "" : ` (${since})`}`)
          .join(", "),
      },
    ],
    links: ["[docs.ebpf.io](https://docs.ebpf.io/ebpf-library/libbpf/ebpf/)"],
  };
}
