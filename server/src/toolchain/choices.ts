/** What the person has chosen about tools and builds; empty means: find it. */

export interface Choices {
  readonly clang: string;
  readonly gcc: string;
  readonly bpftool: string;
  readonly strip: string;
  /** Which of the two compiles BPF. */
  readonly compiler: "clang" | "gcc";
  /** A folder with `bpf/bpf_helpers.h` in it. */
  readonly libbpf: string;
  /** As in `hookpoint.arch`; empty for this machine's. */
  readonly arch: string;
  /** More flags for the compiler, after those that were derived. */
  readonly flags: readonly string[];
}

export const NO_CHOICES: Choices = {
  clang: "",
  gcc: "",
  bpftool: "",
  strip: "",
  compiler: "clang",
  libbpf: "",
  arch: "",
  flags: [],
};

/** Tells of progress in a few words: "with clang 19". */
export type Tell = (what: string) => void;

/** What every piece of work with tools is given. */
export interface Work {
  readonly choices: Choices;
  /** The folder of the workspace or, on the command line, the one that is worked in. */
  readonly root: string;
  readonly tell: Tell;
  /** The commands that are run, and what they print. */
  readonly log: (text: string) => void;
  readonly signal: AbortSignal;
}
