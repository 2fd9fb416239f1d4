/** What flags are made of: words for the compiler, each with where it comes from and what it is for. */

export interface FlagPart {
  readonly words: readonly string[];
  /** For people: "derived", "Makefile", "hookpoint.build.flags". */
  readonly origin: string;
  readonly why: string;
}

/** What a file of the project says about building a source. */
export interface FoundFlags {
  readonly words: readonly string[];
  /** The file, as people would name it from the folder that is worked in. */
  readonly origin: string;
  /** The folder that relative paths in the flags are meant from. */
  readonly cwd: string;
  /** Sentences about what was left out, and why. */
  readonly notes: readonly string[];
}

/** What a file is looked for by. */
export interface Sought {
  readonly source: string;
  /** Files above this folder are none of the project's. */
  readonly root: string;
}
