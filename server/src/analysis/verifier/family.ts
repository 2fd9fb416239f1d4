/** One family of messages: what kernels and loaders say in many spellings, explained once. */

import type { AnswerClass, Chapter } from "./answer.ts";
import type { VerifierLog } from "./log.ts";

export interface Family {
  /** In kebab case, and kept for ever: scripts go by it. */
  readonly id: string;
  /** Half a line, for a list. */
  readonly title: string;
  readonly class: AnswerClass;
  readonly by: "verifier" | "libbpf" | "kernel" | "loader";
  /** Each spelling that there has been, over versions and loaders; groups are for the functions below. */
  readonly said: readonly RegExp[];
  /** What it means: one to four sentences of our own. It may look at the log for which register, how many bytes. */
  readonly meaning: string | ((found: Found) => string);
  /** What to do next; the most usual remedy first. */
  readonly advice: string | ((found: Found) => string);
  /** How it came about, before the place itself; in the order in which it happened. */
  readonly story?: (found: Found) => readonly Chapter[];
  /** Where the message does not belong to the last step: the step that it is about. */
  readonly step?: (found: Found) => number | undefined;
  /** What else the class may be: the same words come of a bug and of the compiler. */
  readonly classify?: (found: Found) => AnswerClass;
  /** Said behind the lines that led to it, and tells more than they do: it is tried before all others. */
  readonly sumsUp?: true;
  /** Tried after all others: its words are part of what they say more exactly. */
  readonly inGeneral?: true;
  /** Rules of ours that say the same before anything is built. */
  readonly rules?: readonly string[];
  /** Lines as they were really printed, with the kernels or loaders that print them; a test matches them all. */
  readonly examples: readonly { readonly text: string; readonly from: string }[];
}

/** A message of the family, found in a log. */
export interface Found {
  readonly match: RegExpExecArray;
  readonly log: VerifierLog;
  /** Index in `log.steps` of the step that the message is about; undefined where there is none. */
  readonly at: number | undefined;
  /** The source place of a step. */
  readonly placeOf: (step: number) => Chapter["place"] | undefined;
}
