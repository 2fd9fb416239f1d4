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
  readonly contexts: readonly ContextFact[];
  readonly constants: readonly ConstantFact[];
  readonly loaderSections: readonly LoaderSectionFact[];
  readonly removedSections: readonly RemovedSectionFact[];
  readonly probedFunctions: readonly ProbedFunctionFact[];
  readonly abilities: readonly AbilityFact[];
  readonly kernels: readonly KernelFact[];
  readonly distributions: readonly DistributionFact[];
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
  readonly result: ResultKind;
  /** Its result holds a reference that the program must give back. */
  readonly acquires?: true;
  /** Only where a program may sleep. */
  readonly sleeps?: true;
  /** What the loading process needs: `CAP_PERFMON`, `CAP_BPF`, `CAP_SYS_ADMIN`. */
  readonly needs?: readonly string[];
  /** A kernel locked down for confidentiality or integrity does not offer it. */
  readonly lockdown?: true;
  /** The kernel has it only where these options are set. */
  readonly config?: readonly string[];
  /** Which programs may call it, and when. */
  readonly allowed: readonly Allowance[];
  /** A function of the kernel decides further, by what the program is attached to. */
  readonly filtered?: true;
  /** The map types it takes, where it takes a map and not every one. */
  readonly maps?: readonly MapAllowance[];
  /** What its argument `flags` may be; absent where it has none, or where that is not known. */
  readonly flags?: HelperFlags;
  /** What it has to do with pointers into the packet. */
  readonly packet?: PacketUse;
  /** Where the fact was read, one entry per statement: `libbpf:src/bpf_helper_defs.h`. */
  readonly source: readonly string[];
  readonly note?: Note;
}

export interface Param {
  /** C type as written, `const void *`; `...` for a variadic tail, whose name is empty. */
  readonly type: string;
  readonly name: string;
  /** What the verifier wants there; absent where it does not say. */
  readonly kind?: ParamKind;
  /** 0 or NULL will do as well. */
  readonly optional?: true;
  /** The helper writes there. */
  readonly written?: true;
  /** The reference is given back, or handed over, by the call. */
  readonly releases?: true;
}

/** What the verifier checks an argument for. */
export type ParamKind =
  | "map"
  | "key"
  | "value"
  | "memory"
  | "size"
  | "constant"
  | "context"
  | "number"
  | "string"
  | "function"
  | "stack"
  | "socket"
  | "kernel pointer"
  | "per-CPU pointer"
  | "ring buffer record"
  | "spin lock"
  | "timer"
  | "dynptr"
  | "kptr";

/** `pointer or null` must be compared with NULL before it is used. */
export type ResultKind = "number" | "nothing" | "pointer" | "pointer or null";

/** Releases of Linux from `since` on. Strings, because 6.10 is not 6.1. */
export interface Interval {
  /** The first release that is known to have it. */
  readonly since: string;
  /** Releases from here to `since` were not read: they may have it or not. */
  readonly maybe?: string;
  /** The first release that no longer has it. */
  readonly until?: string;
}

export interface Allowance extends Interval {
  /**
   * Program types without `BPF_PROG_TYPE_`; where it depends on how a program is attached, the attach type or the name of
   * the structure follows: `XDP`, `TRACING/BPF_TRACE_FENTRY`, `STRUCT_OPS/sched_ext_ops`; `KPROBE/plain` has no attach type.
   */
  readonly in: readonly string[];
  /** The program's licence must be compatible with the GPL. */
  readonly gpl?: true;
  /** Only in programs that may sleep. */
  readonly sleepable?: true;
}

export interface MapAllowance extends Interval {
  /** Map types without `BPF_MAP_TYPE_`. */
  readonly in: readonly string[];
}

/** What a helper takes for its argument `flags`. In which release a flag came stands with the flag. */
export interface HelperFlags {
  /** Names of flags, or of constants. None: it must be 0, or is not looked at. */
  readonly takes: readonly string[];
  /** They are values, of which one is passed, and not bits. */
  readonly oneOf?: true;
  /** Two of them that exclude each other. */
  readonly exclude?: readonly string[];
  /** Bits that hold a number, by a mask in hexadecimal or by its name. */
  readonly numbers?: readonly { readonly mask: string; readonly what: string }[];
  /** What becomes of a call with anything else: `returns -EINVAL`. Absent where the helper does not look. */
  readonly otherwise?: string;
  /** What it takes in programs of some types in the place of the above. */
  readonly instead?: readonly {
    readonly in: readonly string[];
    readonly takes: readonly string[];
    readonly otherwise: string;
  }[];
  readonly source: readonly string[];
}

export interface PacketUse {
  /** The packet may be another afterwards: pointers into it from before the call are worth nothing. */
  readonly changes?: true;
  /** The release that counts it among these, where older ones have the helper and do not. */
  readonly since?: string;
  /** Its memory arguments may point into the packet. */
  readonly takes?: true;
  readonly source: readonly string[];
}

/** What a program is given: a structure with the fields that it may look at. */
export interface ContextFact {
  /** The structure's name without `struct`: `__sk_buff`. */
  readonly name: string;
  /** Whose context it is. */
  readonly programTypes: readonly string[];
  readonly size: number;
  readonly fields: readonly ContextField[];
  readonly source: readonly string[];
  readonly note?: Note;
}

export interface ContextField {
  readonly name: string;
  /** As in the header: `__u32`. */
  readonly type: string;
  readonly offset: number;
  /** Of one element. */
  readonly size: number;
  /** Of an array. */
  readonly count?: number;
  /** The first release whose header has it. Absent for a structure that no uapi header has. */
  readonly since?: string;
  /** What the verifier takes its value for, when it is no plain number: `packet`, `socket or null`. */
  readonly pointer?: string;
  readonly access: readonly FieldAccess[];
}

/** Read by default; who is not listed may not touch the field. */
export interface FieldAccess extends Interval {
  /** As in `Allowance`. */
  readonly in: readonly string[];
  readonly write?: true;
  /** Of an array only the first element may be written. */
  readonly first?: true;
  /** Only to be written. */
  readonly unreadable?: true;
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
  /**
   * The first libbpf release that knows the section, `kprobe/` of old being the `kprobe+` of now; `0.1` says 0.1 or
   * older. Absent while none has.
   */
  readonly libbpf?: string;
  readonly targetRules?: TargetRules;
  readonly source: readonly string[];
  readonly note?: Note;
}

/** What may stand behind a section's slash. */
export interface TargetRules {
  readonly target: "required" | "optional" | "none";
  /** Brackets around what may be left out: `[module:]func[+offset]`. */
  readonly syntax?: string;
  /** Regular expression for a target that says what its author means; libbpf may take more. */
  readonly pattern?: string;
  /** A whole section. */
  readonly example: string;
  /** What happens to a section without a target. */
  readonly without?: string;
  /** What happens to a target that libbpf cannot use. */
  readonly malformed?: string;
  /** The details, a statement each. Releases are libbpf's. */
  readonly rules?: readonly string[];
  /** The first libbpf release that takes the section without a slash, where that is later than its first. */
  readonly bareSince?: string;
  /** The first libbpf release that attaches it by itself, where that is later than its first. */
  readonly attachSince?: string;
  readonly source: readonly string[];
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

export interface MapTypeFact extends EnumFact {
  /** What a definition must say; absent where we do not know, and for the older of two names. */
  readonly rules?: MapRules;
}

export interface ProgramTypeFact extends EnumFact {
  /** The structure it is given, by the name in `contexts`; absent where it is no structure of the uapi. */
  readonly context?: string;
  /** What it may return, where the verifier looks at it. */
  readonly returns?: readonly ReturnRange[];
}

export interface ReturnRange extends Interval {
  /** As in `Allowance`. */
  readonly in: readonly string[];
  readonly low: number;
  readonly high: number;
}

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
  /** With `params` the prototype, as the newest kernel that has it writes it; absent where it is not known. */
  readonly returns?: string;
  readonly params?: readonly Param[];
  /** The sets in which the kernel registers it. */
  readonly sets: readonly string[];
  /** `KF_ACQUIRE`, `KF_RET_NULL` and the like, as newer kernels have them. */
  readonly flags: readonly string[];
  /** A function of the kernel decides further, by attach type or by the operation that a program implements. */
  readonly filtered?: true;
  /** Which programs may call it; `*` stands for every type. */
  readonly allowed: readonly Allowance[];
  readonly since?: string;
  /** As in `Interval`. */
  readonly maybe?: string;
  readonly until?: string;
  readonly commit?: string;
  readonly source: readonly string[];
  readonly note?: Note;
}

/** A macro of libbpf's headers for programs, or a function that they define. */
export interface MacroFact {
  readonly name: string;
  /** `bpf_helpers.h`, where to include it from. */
  readonly header: string;
  /** A function, not a macro. */
  readonly function?: true;
  /** The type a function returns. */
  readonly returns?: string;
  /** As written, those of a function with their types; absent for a macro that takes none. */
  readonly params?: readonly string[];
  /** In one line what a macro becomes, in C or in words. */
  readonly expands?: string;
  readonly needs?: readonly MacroNeed[];
  /** The first libbpf release that has it; `0.1` says 0.1 or older. Absent while none has. */
  readonly libbpf?: string;
  readonly source: readonly string[];
  readonly note?: Note;
}

/** What a macro needs to work. */
export interface MacroNeed {
  /** `btf`: the kernel's, or that of the program. */
  readonly kind: "helper" | "kfunc" | "btf" | "kernel";
  /** A helper's or kfunc's name; `kernel` or `program`; what the kernel must be able to do. */
  readonly name: string;
  /** Of a kernel; that of helpers and kfuncs stands with these. */
  readonly since?: string;
  /** As in `Interval`. */
  readonly maybe?: string;
  /** Where it is not always needed. */
  readonly when?: string;
}

/** Hand-written text, in our own words. It never repeats a fact. */
export interface Note {
  /** What it does, one or two sentences. */
  readonly summary: string;
  /** The one mistake people make with it. */
  readonly mistake?: string;
  /** C of at most eight lines that compiles after `data/notes/prelude.h`. */
  readonly example?: string;
  /** Of a structure: what each field holds. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** What a name means to a loader other than libbpf. What it does not list it takes as libbpf does, or not at all. */
export interface LoaderSectionFact {
  /** Loader and pattern: `aya xdp/devmap`. */
  readonly name: string;
  /** `cilium/ebpf`, `aya`, `iproute2`, `bpf_load` (of the kernel's old samples) and the like. */
  readonly loader: string;
  /** Its place among the patterns of the loader, from 0; the first that matches decides. */
  readonly order: number;
  /** Without libbpf's sign at the end, `kprobe`; a slash at the end is part of it. For `regexp` what it must match. */
  readonly pattern: string;
  /**
   * `exact`: this name. `target`: this name, or a slash and anything behind it. `prefix`: whatever begins so.
   * `regexp`: what matches as a whole. `function`: no section, but functions whose name begins so.
   */
  readonly match: "exact" | "target" | "prefix" | "regexp" | "function";
  /** Absent where the user's command decides, not the name. */
  readonly progType?: string;
  /** Absent where the loader derives none from the name. */
  readonly attachType?: string;
  readonly sleepable?: true;
  /** Neither loaded nor attached until the name, or the user's own code, says to what. */
  readonly needsTarget?: true;
  readonly source: readonly string[];
  readonly note?: Note;
}

/** A name that an older libbpf took, or that it would rather not see. */
export interface RemovedSectionFact {
  /** A `*` at its end stands for whatever begins so. With a loader's name and a space before it where that is not libbpf. */
  readonly name: string;
  /** Absent for libbpf; releases are the loader's. */
  readonly loader?: string;
  readonly status: "removed" | "deprecated";
  readonly deprecatedIn?: string;
  /** The first libbpf release that no longer takes it. */
  readonly removedIn?: string;
  readonly replacement?: string;
  /** Other names that do something else than it did. */
  readonly alternatives?: readonly string[];
  readonly reason: string;
  readonly source: readonly string[];
  readonly note?: Note;
}

/** A function of the kernel that programs are often attached to, although a tracepoint in it tells the same. */
export interface ProbedFunctionFact {
  readonly name: string;
  /** With their group, as in `SEC("tracepoint/…")`; all of them together tell what the function does. */
  readonly tracepoints: readonly string[];
  /** The first release read that has the tracepoints there. Absent where the oldest, 4.9, has. */
  readonly since?: string;
  /** The first release read that has no function of this name any more. */
  readonly until?: string;
  readonly source: readonly string[];
  readonly note?: Note;
}

/** What the verifier can do that has no name in any header: `bounded-loops`. */
export interface AbilityFact {
  readonly name: string;
  /** In one line. */
  readonly what: string;
  /** The first release whose kernel/bpf can do it. */
  readonly since: string;
  /** The commit that brought it, shortened. */
  readonly commit?: string;
  readonly source: readonly string[];
  readonly note?: Note;
}

/** A release of Linux. */
export interface KernelFact {
  readonly note?: Note;
  readonly name: string;
  /** Day of the release; absent where we do not know it. */
  readonly released?: string;
  readonly longterm: boolean | "unknown";
  /** When its support ends or ended. */
  readonly eol?: string;
  readonly remark?: string;
  readonly source: readonly string[];
}

/** A distribution's kernel. */
export interface DistributionFact {
  readonly note?: Note;
  /** `rhel-8.6`, as a target is written. */
  readonly name: string;
  readonly title: string;
  /** The release of Linux that it was made from. */
  readonly kernel: string;
  /** Other releases of Linux that came with it later. */
  readonly kernels?: readonly string[];
  readonly build?: string;
  /** Whether it ships its types at `/sys/kernel/btf/vmlinux`. */
  readonly btf: boolean | "partly" | "unknown";
  readonly arches?: readonly string[];
  /** Rebuilds of it, and other names. */
  readonly aliases?: readonly string[];
  /** Whether `backports` is the whole story: `none` says that there are none, `no` that we do not know. */
  readonly backportsKnown: "all" | "none" | "partly" | "no";
  /** What it has although `kernel` has not. */
  readonly backports?: readonly string[];
  /** What it lacks although `kernel` has it. Not a complete list. */
  readonly missing?: readonly string[];
  /** What somebody tried on it. */
  readonly knownFeatures?: readonly { readonly feature: string; readonly works: boolean }[];
  /** The release of Linux up to which its BPF was brought, by its maker's own word. */
  readonly bpfRebase?: string;
  readonly remark?: string;
  readonly source: readonly string[];
}

/** A constant of the kernel's headers that programs write. */
export interface ConstantFact {
  readonly name: string;
  /** In decimal or hexadecimal, much as the header writes it: `2`, `-1`, `0x0800`. */
  readonly value: string;
  /** As in an `#include`: `linux/if_ether.h`. */
  readonly header: string;
  /** The header is the kernel's own: no program can include it. */
  readonly internal?: true;
  readonly kind: "define" | "enum";
  /** The enum's name; absent where it has none. */
  readonly enum?: string;
  /** BTF, and so vmlinux.h, has it where the kernel is built with what it belongs to. */
  readonly inBtf?: true;
  /** It was a define before this release, which BTF does not have. */
  readonly inBtfSince?: string;
  /** Of what it is one: `Ethernet protocols`. */
  readonly group: string;
  /** Architectures, as in the kernel's `arch/`, that have another value. */
  readonly except?: Readonly<Record<string, string>>;
  readonly source: readonly string[];
  readonly note?: Note;
}

/** What the kernel asks of a map's definition. */
export interface MapRules {
  readonly key: NumberRule;
  readonly value: NumberRule;
  readonly entries: NumberRule;
  /** Flags it may have. */
  readonly flags: readonly string[];
  /** Flags it must have. */
  readonly requires?: readonly string[];
  /** It needs an inner map, which says what its entries look like. */
  readonly inner?: true;
  /** BTF must describe key and value. */
  readonly btf?: true;
  /** What `map_extra` means; the kernel refuses it elsewhere. */
  readonly extra?: string;
  /** What libbpf puts right by itself. */
  readonly libbpf?: string;
  readonly notes?: string;
  /** Flags that came later than the type. */
  readonly since?: Readonly<Record<string, string>>;
  /** Structures that mean something to the kernel and may be members of a value, without `struct`; no others may. */
  readonly fields?: readonly string[];
  readonly changes?: readonly MapChange[];
  readonly source: readonly string[];
}

/** What a release of the kernel changed. */
export interface MapChange {
  readonly since: string;
  readonly what: string;
  /** What key or value had to be before, beside what they must be now. */
  readonly before?: { readonly key?: NumberRule; readonly value?: NumberRule };
}

/** What a number must be; everything that is said must hold. */
export interface NumberRule {
  readonly exactly?: number;
  readonly min?: number;
  readonly max?: number;
  readonly multipleOf?: number;
  readonly anyOf?: readonly number[];
  /** A power of two, and a multiple of the page size. */
  readonly powerOfTwoPages?: true;
}
