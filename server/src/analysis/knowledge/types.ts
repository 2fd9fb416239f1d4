/** The shape of `knowledge.json`: facts generated from upstream, joined with our own notes. */

export interface KnowledgeJson {
  /** Raised when a reader of an older shape could no longer make sense of the file. */
  readonly format: 1;
  /** Pinned upstream revisions the facts were read from, by the names of `data/upstream.json`. */
  readonly upstream: Readonly<Record<string, { readonly url: string; readonly revision: string }>>;
  readonly helpers: readonly Helper[];
  readonly sections: readonly SectionFact[];
  readonly mapTypes: readonly MapTypeFact[];
  readonly programTypes: readonly ProgramTypeFact[];
  readonly attachTypes: readonly AttachTypeFact[];
  readonly linkTypes: readonly EnumFact[];
  readonly commands: readonly EnumFact[];
  readonly flags: readonly FlagFact[];
  readonly kfuncs: readonly KfuncFact[];
  readonly macros: readonly MacroFact[];
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

/** One entry of libbpf's table of the strings in `SEC()` that make a program. */
export interface SectionFact extends SectionFlags {
  /** The pattern as libbpf writes it. With a `+` at its end a slash and a target may follow: `kprobe+`, `cgroup/dev`. */
  readonly name: string;
  /** Its place in libbpf's table, from 0; the first pattern that matches decides. */
  readonly order: number;
  /** As in `enum bpf_prog_type`: `BPF_PROG_TYPE_KPROBE`. */
  readonly progType: string;
  /** As in `enum bpf_attach_type`: `BPF_XDP_CPUMAP`. Absent where libbpf sets none. */
  readonly attachType?: string;
  /** Whether libbpf attaches such a program by itself, once the section names a target where one is needed. */
  readonly autoAttach: boolean;
  readonly source: readonly string[];
  readonly note?: Note;
}

export interface SectionFlags {
  /** Belongs to the old `BPF_PROG_ATTACH` family; libbpf itself only lists such names. */
  readonly attachable: boolean;
  /** Kernels that know no expected attach type get none, instead of refusing the program. */
  readonly attachOptional: boolean;
  /** The target is a kernel or BPF function that libbpf looks up in BTF; without it the program cannot be loaded. */
  readonly attachBtf: boolean;
  readonly sleepable: boolean;
  /** An XDP program that accepts packets in several buffers. */
  readonly frags: boolean;
  /** Where the kernel has it, libbpf replaces the attach type with `BPF_TRACE_UPROBE_MULTI`. */
  readonly usdt: boolean;
}

/** A name of an enum in the kernel's uapi header. */
export interface EnumFact {
  readonly name: string;
  readonly number: number;
  /** Another, older name of the same number: `since` is the release of this name, the type itself may be older. */
  readonly aliasOf?: string;
  /** The kernel's header calls it deprecated. */
  readonly deprecated?: true;
  /** First kernel release that has it. Absent while no release has. */
  readonly since?: string;
  readonly commit?: string;
  readonly source: readonly string[];
  readonly note?: Note;
}

export type MapTypeFact = EnumFact;
export type ProgramTypeFact = EnumFact;
export type AttachTypeFact = EnumFact;

/** A flag of maps, helpers, programs or attachments. */
export interface FlagFact {
  readonly name: string;
  /** In hexadecimal, because some have 64 bits. */
  readonly value: string;
  readonly since?: string;
  readonly commit?: string;
  readonly source: readonly string[];
  readonly note?: Note;
}

/** A function of the kernel that programs call by its own name. Unlike a helper it is no stable interface. */
export interface KfuncFact {
  readonly name: string;
  /** The sets in which the kernel registers it. */
  readonly sets: readonly string[];
  /** `KF_ACQUIRE`, `KF_RET_NULL` and the like, as newer kernels have them. */
  readonly flags: readonly string[];
  /**
   * Where it is known to be allowed, `BPF_PROG_TYPE_UNSPEC` standing for everywhere. Not a complete list: never take it
   * for what is forbidden.
   */
  readonly programTypes: readonly KfuncProgramType[];
  readonly attachTypes?: readonly string[];
  readonly since?: string;
  readonly commit?: string;
  readonly source: readonly string[];
  readonly note?: Note;
}

/** A macro of libbpf's headers for programs. */
export interface MacroFact {
  readonly name: string;
  /** `bpf_helpers.h`, where to include it from. */
  readonly header: string;
  /** As written; absent for one that takes none. */
  readonly params?: readonly string[];
  /** The first libbpf release that has it; `0.1` says 0.1 or older. Absent while none has. */
  readonly libbpf?: string;
  readonly source: readonly string[];
  readonly note?: Note;
}

export interface KfuncProgramType {
  readonly name: string;
  /** Where it was allowed there only later than it appeared. */
  readonly since?: string;
  /** The first release that no longer allows it there. */
  readonly until?: string;
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
