/** One thing that a compiler said: where, how bad, what, with its notes, the edits it proposes, and what it means. */

import type { Range, TextEdit } from "../analysis/text.ts";
import type { Explanation } from "./explain-clang.ts";

export interface Place {
  readonly file: string;
  readonly range: Range;
}

export interface BuildDiagnostic extends Place {
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  /** `-Wparentheses`: what would switch it off. */
  readonly flag: string | undefined;
  readonly notes: readonly Note[];
  readonly fixes: readonly Fix[];
  /** What it means for BPF, and what to do; undefined where the message says it all. */
  readonly explanation: Explanation | undefined;
}

export interface Note extends Place {
  readonly message: string;
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly (Place & Pick<TextEdit, "newText">)[];
}

/** The message of the notes that say how a header was reached, the source first. */
export const INCLUDED_HERE = "included from here";
