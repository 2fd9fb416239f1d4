/** The shape of `knowledge.json`: facts generated from upstream, joined with our own notes. */

export interface KnowledgeJson {
  /** Raised when a reader of an older shape could no longer make sense of the file. */
  readonly format: 1;
  /** Pinned upstream revisions the facts were read from, by the names of `data/upstream.json`. */
  readonly upstream: Readonly<Record<string, { readonly url: string; readonly revision: string }>>;
  readonly helpers: readonly Helper[];
}

export interface Helper {
  readonly name: string;
  /** Its number in `enum bpf_func_id`, which verifier logs print after a `#`. */
  readonly id: number;
  readonly returns: string;
  readonly params: readonly Param[];
  /** First kernel release that has it. A string, because 6.10 is not 6.1. */
  readonly since: string;
  /** The kernel commit that added it, where upstream knows it. */
  readonly commit?: string;
  /** Where the fact was read, one entry per statement: `libbpf:src/bpf_helper_defs.h`. */
  readonly source: readonly string[];
  readonly note?: Note;
}

export interface Param {
  /** C type as written, `const void *`; `...` for a variadic tail, whose name is empty. */
  readonly type: string;
  readonly name: string;
}

/** Hand-written text, in our own words. It never repeats a fact. */
export interface Note {
  /** What it does, one or two sentences. */
  readonly summary: string;
  /** The one mistake people make with it. */
  readonly mistake?: string;
  /** C of at most eight lines that compiles after `data/notes/prelude.h`. */
  readonly example?: string;
}
