/** How attaching a program by its section went, understood. */

import type { Attaching } from "./answer.ts";
import { answersOf } from "./answers.ts";
import { errorName } from "./without-log.ts";

export interface TriedToAttach {
  readonly program: string;
  readonly section: string;
  /** 0, or what the kernel or libbpf answered. */
  readonly attachError: number;
  /** What libbpf printed. */
  readonly attachWords: string;
}

const EOPNOTSUPP = 95;

export function attachingOf({ program, section, attachError, attachWords }: TriedToAttach): Attaching {
  if (attachError === 0) return { outcome: "attached", answers: [] };
  // libbpf has no way for sections of this kind, and says so by this number alone.
  if (attachError === EOPNOTSUPP && attachWords.trim() === "") return { outcome: "nowhere", answers: [] };
  const words = attachWords.trim() === "" ? `failed to attach, without a word: ${errorName(attachError)}` : attachWords;
  const { answers } = answersOf({ name: program, section, refused: true, log: "", words });
  return { outcome: "refused", answers };
}
