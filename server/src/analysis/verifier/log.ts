/** A verifier's log, taken apart. `read-log.ts` makes it; nothing here depends on what the words mean. */

import type { Stats } from "./answer.ts";

export interface VerifierLog {
  /** What was walked through, in the order of the log. Of a very long log the last ones: they lead to the answer. */
  readonly steps: readonly Step[];
  /** What is neither a step nor a state nor the source: the kernel's words. */
  readonly messages: readonly Message[];
  readonly stats: Stats | undefined;
  /** What the newest kernels say in sections. */
  readonly block: Block | undefined;
  /** Whether a part of it is missing: the kernel's buffer was too small, or somebody cut it. */
  readonly cut: "no" | "beginning" | "end" | "middle";
}

/** One instruction, as it was looked at once. */
export interface Step {
  readonly instruction: number;
  /** `(85) call bpf_map_lookup_elem#1` */
  readonly text: string;
  /** Depth of calls: 0 in the program itself. */
  readonly frame: number;
  /** What it leaves in registers and stack slots, as far as the log shows it, in its words: `R0` → `scalar(id=1)`. */
  readonly state: ReadonlyMap<string, string>;
  /** What was known before it, where the log shows it: at the beginning, after jumps and calls, and in older kernels. */
  readonly before?: ReadonlyMap<string, string>;
  /** Here another path begins, which parted from the former one behind this instruction. */
  readonly from?: number;
  /** The source line that it was made of, where the log shows it. */
  readonly source: LoggedLine | undefined;
}

/** `; if (!value) @ x.bpf.c:12`; older kernels print only the text. */
export interface LoggedLine {
  readonly text: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

export interface Message {
  readonly text: string;
  /** How many steps stand before it. */
  readonly after: number;
  /** Printed without harm where more follows; the reason only where nothing else is. */
  readonly weak?: true;
}

/** The structured block: "Verification failed: Memory Safety: Access outside bounds". */
export interface Block {
  readonly category: string;
  readonly problem: string;
  readonly reason: string;
  readonly suggestion: string;
  readonly at: BlockPlace | undefined;
  readonly path: readonly (BlockPlace & { readonly label: string })[];
  /** Where the lock was taken that is still held. */
  readonly lock?: BlockPlace;
  /** As it was printed. */
  readonly said: string;
}

export interface BlockPlace {
  readonly function: string | undefined;
  readonly source: LoggedLine | undefined;
  readonly instruction: number | undefined;
  readonly note: string;
}
