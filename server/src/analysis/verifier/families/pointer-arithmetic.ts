/** A pointer to which nothing may be added. */

import type { Family } from "../family.ts";
import { kindInWords } from "../kinds.ts";

export const pointerArithmetic: Family = {
  id: "pointer-arithmetic",
  title: "Nothing may be added to this pointer",
  class: "source",
  by: "verifier",
  rules: ["pointer-arithmetic"],
  inGeneral: true,
  said: [/^(R\d+) pointer arithmetic on (\S+) prohibited/, /^(R\d+) pointer arithmetic prohibited$/],
  meaning: ({ match: [, , kind] }) =>
    kind === undefined
      ? "A pointer is negated, or its bytes are swapped; the result would be no pointer any more."
      : `Something is added to or taken from ${kindInWords(OLD[kind] ?? kind)}, which must stay as it is.`,
  advice: ({ match: [, , kind = ""] }) =>
    /pkt_end|PACKET_END/.test(kind)
      ? "Put it on the other side: instead of data < data_end - 4, write data + 4 < data_end."
      : /map_ptr|CONST_PTR_TO_MAP/.test(kind)
        ? "Reach the entries of a map with bpf_map_lookup_elem()."
        : "Pass it or follow it as it came, and calculate with what you read through it.",
  examples: [
    { text: "R1 pointer arithmetic on pkt_end prohibited", from: "4.20 to 7.2" },
    { text: "R2 pointer arithmetic on map_ptr prohibited", from: "4.20 to 7.2" },
    { text: "R1 pointer arithmetic on PTR_TO_PACKET_END prohibited", from: "4.18 and 4.19" },
    { text: "R2 pointer arithmetic on CONST_PTR_TO_MAP prohibited", from: "4.18 and 4.19" },
    { text: "R1 pointer arithmetic prohibited", from: "4.18 to 7.2" },
  ],
};

const OLD: Readonly<Record<string, string>> = { PTR_TO_PACKET_END: "pkt_end", CONST_PTR_TO_MAP: "map_ptr" };
