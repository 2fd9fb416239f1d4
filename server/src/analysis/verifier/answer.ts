/** What a kernel or a loader says of programs, understood: the shape that the editor, the terminal and scripts get. */

/** What a load said, program by program. */
export interface LoadAnswer {
  readonly programs: readonly ProgramAnswer[];
  /** What is of no program alone: a map that cannot be made, an object that cannot be opened. */
  readonly answers: readonly Answer[];
}

export interface ProgramAnswer {
  /** Its function; undefined in a log that does not say whose it is. */
  readonly name: string | undefined;
  readonly section: string | undefined;
  readonly verdict: "accepted" | "refused" | "unknown";
  readonly stats: Stats | undefined;
  /** The first is the reason of a refusal; none where it was accepted. */
  readonly answers: readonly Answer[];
  /** How attaching it by its section went, where that was asked for and it was accepted. */
  readonly attaching?: Attaching;
  /** The log as it came, as far as it was kept. */
  readonly log: string;
}

export interface Attaching {
  /** nowhere: the section alone does not say where, as that of an XDP program. */
  readonly outcome: "attached" | "refused" | "nowhere";
  /** Why it was refused. */
  readonly answers: readonly Answer[];
}

/** One thing that was said. */
export interface Answer {
  /** In the words of who said it, every line of it. */
  readonly said: string;
  readonly by: "verifier" | "libbpf" | "kernel" | "loader";
  /** Of the catalogue; undefined for what is not known there: then it is shown as it was said. */
  readonly family: string | undefined;
  readonly class: AnswerClass;
  /** Half a line, for a list: "Result may be NULL". */
  readonly title: string;
  /** What it means, for this very program where the log tells: which variable, how many bytes. */
  readonly meaning: string;
  /** What to do. */
  readonly advice: string;
  /** Where in the source; undefined where nothing tells. */
  readonly place: Place | undefined;
  /** How it came about, in order: where the register got its value, where the bound was lost. */
  readonly story: readonly Chapter[];
  /** Rules of ours that say the same before it is built. */
  readonly rules: readonly string[];
  /** Which program or map a loader names. */
  readonly about?: { readonly kind: "program" | "map"; readonly name: string };
}

/**
 * source: a bug in the C. lowering: the C is right, the compiler lost what the verifier needs. environment: this kernel, its
 * configuration, rights, the loader. limit: correct, but more than the verifier takes.
 */
export type AnswerClass = "source" | "lowering" | "environment" | "limit" | "unknown";

export interface Place {
  /** As the compiler was given it, often a whole path; in logs only the last part. */
  readonly file: string | undefined;
  /** From 1. */
  readonly line: number;
  /** From 1, where it is known. */
  readonly column?: number;
  /** The text of the line, where it is known. */
  readonly text?: string;
  /** As the verifier counts. */
  readonly instruction?: number;
}

export interface Chapter {
  readonly place: Place;
  readonly text: string;
}

/** What the verifier counts; each is there where the kernel prints it. */
export interface Stats {
  readonly processed?: number;
  readonly limit?: number;
  readonly maxStatesPerInstruction?: number;
  readonly totalStates?: number;
  readonly peakStates?: number;
  readonly markRead?: number;
  /** Bytes: that of the program, then of each subprogram. */
  readonly stackDepth?: readonly number[];
  readonly verificationMicroseconds?: number;
}
