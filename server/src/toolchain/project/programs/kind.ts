/** What a kind of project is made of: its BPF program, what it tells, and how it is attached; a loader is written from it. */

/** One kind of program is one file of this folder that exports one of these. */
export interface Kind {
  /** What `hookpoint new --program` calls it. */
  readonly id: string;
  readonly title: string;
  /** What the program does, to complete "It …". */
  readonly does: string;
  /** The first release that runs it. */
  readonly since: string;
  /** A shell line that makes it print something; undefined where it does so by itself. */
  readonly provoke?: string;
  /** Beside vmlinux.h and bpf/bpf_helpers.h. */
  readonly includes: readonly string[];
  /** The programs that are attached, in the order of the source. */
  readonly programs: readonly ProgramPart[];
  readonly output: Output;
  /** What both sides must agree on, without guard and includes. */
  readonly header: string;
  /** Maps and programs, without includes and licence. */
  readonly source: string;
}

export interface ProgramPart {
  /** Its function. */
  readonly name: string;
  readonly hook: Hook;
}

export type Hook =
  | { readonly to: "tracepoint"; readonly group: string; readonly name: string }
  | { readonly to: "kprobe"; readonly symbol: string }
  | { readonly to: "tracing" | "lsm" | "iterator" | "interface" | "cpus" }
  | { readonly to: "uprobe"; readonly library: string; readonly symbol: string }
  | { readonly to: "tc"; readonly direction: "ingress" | "egress" }
  /** @param attachType as cilium/ebpf calls it */
  | { readonly to: "cgroup"; readonly attachType: string };

export type Output = Events | Counters | { readonly shape: "text" };

/** A ring buffer `events` of `struct event`. */
export interface Events {
  readonly shape: "events";
  readonly columns: readonly Column[];
}

export interface Column {
  readonly field: string;
  readonly title: string;
  readonly as: "u32" | "u64" | "s64" | "text" | "ipv4";
  readonly width: number;
}

/** A per-CPU array `counters` of `struct counter`, whose fields are all __u64. */
export interface Counters {
  readonly shape: "counters";
  /** What an index stands for, and some of them by name. */
  readonly key: string;
  readonly names: Readonly<Record<number, string>>;
  readonly size: number;
  readonly fields: readonly string[];
}

/** What must be told where to attach: a network interface, a cgroup or nothing. */
export function placeOf({ programs }: Kind): "interface" | "cgroup" | undefined {
  const hooks = programs.map(({ hook }) => hook.to);
  if (hooks.some((to) => to === "interface" || to === "tc")) return "interface";
  return hooks.includes("cgroup") ? "cgroup" : undefined;
}
