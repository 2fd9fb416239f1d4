/** What client and server agree on beyond LSP. The only server file that the client may import. */

import type { FileMinimum } from "./analysis/minimum/minimum.ts";

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

/** Request without parameters: kernels that can be targets, and all that came to BPF with a release. */
export const KERNELS_REQUEST = "hookpoint/kernels";

/** Request: what a kernel brought to BPF, as Markdown; null where there is no such kernel. */
export const KERNEL_PAGE_REQUEST = "hookpoint/kernelPage";

export interface KernelPageParams {
  readonly name: string;
}

export type { KernelEntry } from "./features/kernel-page.ts";

/** Request: the kernels that a file must run on, and who says so. */
export const TARGETS_REQUEST = "hookpoint/targets";

export interface TargetsParams {
  readonly uri: string;
}

export interface TargetsInForce {
  /** As they were written. */
  readonly labels: readonly string[];
  /** The project file that says so; absent where the editor's settings do. */
  readonly project?: string;
}

export type { Description } from "./analysis/describe.ts";
export type { PlacesShown } from "./features/code-lens.ts";

/** Request: the lowest kernel that a file's programs need; null where it is not open. */
export const MINIMUM_REQUEST = "hookpoint/minimumKernel";

export interface MinimumParams {
  readonly textDocument: { readonly uri: string };
}

export interface MinimumAnswer {
  readonly minimum: FileMinimum;
  /** Markdown. */
  readonly page: string;
}

export type { FileMinimum } from "./analysis/minimum/minimum.ts";

/** What a client tells about itself when it starts the server. */
export interface ClientAbilities {
  /** The command that shows a rule, given its id: findings link to it. */
  readonly explainCommand?: string;
  /** The command that lists places of a file, given `PlacesShown`. */
  readonly placesCommand?: string;
  /** The command that tells why a file needs the kernel that it needs, given its URI. */
  readonly minimumCommand?: string;
  readonly otherServer?: OtherServer;
}

/** Notification to the server, with an `OtherServer`: who else gives plain C has changed. */
export const OTHER_SERVER_NOTIFICATION = "hookpoint/otherServer";

/** Another language server for C in the same editor, as far as the client sees. */
export interface OtherServer {
  /** As its users call it; absent where there is none. */
  readonly name?: string;
  /** The headers that it does not find, by the URI of the open file that wants them. */
  readonly missing: Readonly<Record<string, readonly string[]>>;
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

/** Request from a server without a file system: the files below a folder whose names end in one of these, up to a number. */
export const LIST_FILES_REQUEST = "hookpoint/listFiles";

export interface ListFilesParams {
  readonly folder: string;
  readonly endings: readonly string[];
  readonly limit: number;
  /** Also below the folders in it. */
  readonly isDeep: boolean;
}

const BPF_NAME = /\.bpf\.[ch]$/;
const BPF_INCLUDE = /^[ \t]*#[ \t]*include[ \t]*[<"](?:[^>"\n]*\/)?bpf_(?:helpers|tracing|core_read)\.h[>"]/m;
const BPF_SECTION = /\bSEC[ \t]*\([ \t]*"/;

/** What bcc's compiler makes maps and programs of. */
const BCC_MACRO =
  /^[ \t]*(?:BPF_(?:TABLE|HASH|ARRAY|HISTOGRAM|STACK_TRACE|PERF_OUTPUT|RINGBUF_OUTPUT|PERCPU_HASH|PERCPU_ARRAY|LRU_HASH|LPM_TRIE|PROG_ARRAY|PERF_ARRAY)|(?:RAW_)?TRACEPOINT_PROBE|K(?:RET)?FUNC_PROBE|LSM_PROBE)[ \t]*\([^)\n]*\)/m;

/** Includes of programs that load others. */
const USER_SPACE = /^[ \t]*#[ \t]*include[ \t]*[<"](?:(?:bpf\/)?(?:libbpf|bpf|btf)\.h|std(?:io|lib)\.h|unistd\.h)[>"]/m;

/** A program in user space that loads BPF objects, by what it includes, calls or has generated; or a skeleton. */
const LOADS_C = /^[ \t]*#[ \t]*include[ \t]*[<"][^>"\n]*\.(?:l|sub)?skel\.h[>"]|\bbpf_object__(?:find|open)_?\w*\s*\(/m;
const LOADS_GO = /\bbpf2go\b|"github\.com\/cilium\/ebpf(?:\/\w+)*"/;

/** Whether a file speaks of BPF objects that it loads: from its names one goes to the BPF code and back. */
export function isLoaderSource(path: string, text: string): boolean {
  if (path.endsWith(".go")) return LOADS_GO.test(text);
  return (/\.(?:l|sub)?skel\.h$/.test(path) || LOADS_C.test(text)) && !isBpfSource(path, text);
}

/** Whether a C file holds BPF programs: by its name, or by what it includes or marks. */
export function isBpfSource(path: string, text: string): boolean {
  if (BPF_NAME.test(path) || BPF_INCLUDE.test(text)) return true;
  // Loaders speak of sections as well, and have functions by the names of helpers.
  return (BPF_SECTION.test(text) || BCC_MACRO.test(text)) && !USER_SPACE.test(text);
}
