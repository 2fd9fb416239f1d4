/** Family: a table of programs that belongs to programs of another kind. */

import type { Family } from "../family.ts";

export const tailCallOwner: Family = {
  id: "tail-call-owner",
  title: "Program table is of other programs",
  class: "source",
  by: "loader",
  said: [/^Tail call map owned by prog type (\d+), but prog type is (\d+)!/],
  meaning: ({ match }) =>
    `A table of programs takes only programs of one type: this one began with type ${match[1]}, and the program is of type ${match[2]}.`,
  advice: "Use one BPF_MAP_TYPE_PROG_ARRAY for each type of program; if it is pinned, remove the pinned one.",
  examples: [{ text: "Tail call map owned by prog type 3, but prog type is 6!", from: "iproute2" }],
};
