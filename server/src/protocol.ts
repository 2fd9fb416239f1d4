/** What client and server agree on beyond LSP. The only server file that the client may import. */

/** Request without parameters: how the server is. Used by "Show Server Status" and by tests. */
export const STATUS_REQUEST = "hookpoint/status";

export interface Status {
  /** The server's process; 0 in a web worker. */
  readonly pid: number;
  readonly version: string;
  /** Open documents that the server was told about. */
  readonly documents: number;
}

/** Request: rules in words. With `rule` only that one, none where there is no such rule. */
export const EXPLAIN_REQUEST = "hookpoint/explain";

export interface ExplainParams {
  readonly rule?: string;
}

export interface Explanation {
  readonly rule: string;
  readonly summary: string;
  /** Markdown. */
  readonly page: string;
}

/** Request: what a file means, as `hookpoint model` prints it; null where it cannot be read. It need not be open. */
export const MODEL_REQUEST = "hookpoint/model";

export interface ModelParams {
  readonly uri: string;
}

export type { Description } from "./analysis/describe.ts";

/** What a client tells about itself when it starts the server. */
export interface ClientAbilities {
  /** The command that shows a rule, given its id: findings link to it. */
  readonly explainCommand?: string;
}

/** First message to a web worker, before any LSP: it cannot find its own files, so the client brings them. */
export interface WorkerAssets {
  readonly runtime: Uint8Array;
  readonly language: Uint8Array;
  /** `knowledge.json` as UTF-8. */
  readonly knowledge: Uint8Array;
}

/** Request from a server without a file system: the text at a URI, or null; also null beyond a number of bytes. */
export const READ_TEXT_REQUEST = "hookpoint/readText";

export interface ReadTextParams {
  readonly uri: string;
  readonly limit?: number | undefined;
}

const BPF_NAME = /\.bpf\.[ch]$/;
const BPF_INCLUDE = /^[ \t]*#[ \t]*include[ \t]*[<"](?:[^>"\n]*\/)?bpf_(?:helpers|tracing|core_read)\.h[>"]/m;
const BPF_SECTION = /\bSEC[ \t]*\([ \t]*"/;

/** What bcc's compiler makes maps and programs of. */
const BCC_MACRO =
  /^[ \t]*(?:BPF_(?:TABLE|HASH|ARRAY|HISTOGRAM|STACK_TRACE|PERF_OUTPUT|RINGBUF_OUTPUT|PERCPU_HASH|PERCPU_ARRAY|LRU_HASH|LPM_TRIE|PROG_ARRAY|PERF_ARRAY)|(?:RAW_)?TRACEPOINT_PROBE|K(?:RET)?FUNC_PROBE|LSM_PROBE)[ \t]*\([^)\n]*\)/m;

/** Includes of programs that load others. */
const USER_SPACE = /^[ \t]*#[ \t]*include[ \t]*[<"](?:(?:bpf\/)?(?:libbpf|bpf|btf)\.h|std(?:io|lib)\.h|unistd\.h)[>"]/m;

/** Whether a C file holds BPF programs: by its name, or by what it includes or marks. */
export function isBpfSource(path: string, text: string): boolean {
  if (BPF_NAME.test(path) || BPF_INCLUDE.test(text)) return true;
  // Loaders speak of sections as well, and have functions by the names of helpers.
  return (BPF_SECTION.test(text) || BCC_MACRO.test(text)) && !USER_SPACE.test(text);
}
