/** What a host gives the core. Only hosts do I/O. */

import type { KnowledgeJson } from "./analysis/knowledge/types.ts";
import type { GrammarBytes } from "./analysis/syntax/parse.ts";

export interface Host {
  /** The process that runs the server; 0 where there are none. */
  readonly pid: number;
  readonly version: string;
  /** Runs `work` after what has already arrived. */
  readonly later: (work: () => void) => void;
  readonly loadGrammar: () => Promise<GrammarBytes>;
  readonly loadKnowledge: () => Promise<KnowledgeJson>;
  /** Undefined where there is no such file, or where it has more than `limit` bytes: then it is not read at all. */
  readonly readText: (uri: string, limit?: number) => Promise<string | undefined>;
  /** Whether there is a file at a URI. */
  readonly isFile: (uri: string) => Promise<boolean>;
  /**
   * Files below a folder whose names end in one of these, as far as there are no more than `limit`; none where nobody can list
   * them. Folders that no person looks into are left out. Takes its time: what else is to be done is done in between.
   */
  readonly listFiles: (
    folder: string,
    endings: readonly string[],
    limit: number,
    options?: { readonly isDeep: boolean },
  ) => Promise<readonly string[]>;
  /** The bytes at a URI; undefined when there are none. */
  readonly readBytes: (uri: string) => Promise<Uint8Array | undefined>;
  /** Clears away what nobody uses any more, where that can be asked for. Takes a few milliseconds. */
  readonly clearAway?: () => void;
}
