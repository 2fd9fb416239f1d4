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
  /** The text at a URI; undefined when there is none. */
  /** Undefined where there is no such file, or where it has more than `limit` bytes: then it is not read at all. */
  readonly readText: (uri: string, limit?: number) => Promise<string | undefined>;
  /** The bytes at a URI; undefined when there are none. */
  readonly readBytes: (uri: string) => Promise<Uint8Array | undefined>;
}
