/** Where programs can be attached, in the words that the agent understands (`attach.c`). */

import type { HeldProgram } from "./held.ts";

export interface Way {
  /** What `to` begins with: `xdp`. */
  readonly word: string;
  /** What stands behind the word: `xdp:lo`, `cgroup:/sys/fs/cgroup/mine`. */
  readonly place: "nothing" | "interface" | "cgroup" | "map";
  /** What stands behind the place; the first where it must, and none is given. */
  readonly variants: readonly string[];
  readonly label: string;
}

const AUTO: Way = { word: "auto", place: "nothing", variants: [], label: "Where its section says" };
const XDP: Way = { word: "xdp", place: "interface", variants: ["", "generic", "native"], label: "XDP on an interface" };
const TCX: Way = {
  word: "tcx",
  place: "interface",
  variants: ["ingress", "egress"],
  label: "tc on an interface, by a link (Linux 6.6 or newer)",
};
const TC: Way = {
  word: "tc",
  place: "interface",
  variants: ["ingress", "egress"],
  label: "tc on an interface, as a filter of clsact",
};
const CGROUP: Way = { word: "cgroup", place: "cgroup", variants: [], label: "A cgroup" };
const NETNS: Way = { word: "netns", place: "nothing", variants: [], label: "The network of this machine" };
const SAMPLES: Way = {
  word: "perf_event",
  place: "nothing",
  variants: [],
  label: "99 samples a second of every processor",
};
const SOCKET: Way = {
  word: "socket",
  place: "interface",
  variants: [],
  label: "A socket that sees all packets of an interface",
};
const SOCKMAP: Way = { word: "sockmap", place: "map", variants: [], label: "A map of sockets" };
const ITER: Way = { word: "iter", place: "nothing", variants: [], label: "Its iterator, which is read once" };

/** As the kernel numbers the types of programs. */
const WAYS: Readonly<Record<number, readonly Way[]>> = {
  1: [SOCKET],
  2: [AUTO],
  3: [TCX, TC],
  4: [TC],
  5: [AUTO],
  6: [XDP],
  7: [SAMPLES],
  8: [CGROUP],
  9: [CGROUP],
  13: [CGROUP],
  14: [SOCKMAP],
  15: [CGROUP],
  16: [SOCKMAP],
  17: [AUTO],
  18: [CGROUP],
  22: [NETNS],
  23: [CGROUP],
  24: [AUTO],
  25: [CGROUP],
  26: [AUTO],
  28: [AUTO],
  29: [AUTO],
  30: [NETNS],
};

const STRUCT_OPS_MAP = 26;
/** Programs of XDP that a map of devices or of processors runs, and no interface. */
const XDP_IN_MAPS: ReadonlySet<number> = new Set([35, 38]);
const LSM_CGROUP = 43;
const TRACE_ITER = 28;

/** The usual one first; none where a program is called by others, or by a loader of its own. */
export function waysOf({ type, attachType }: Pick<HeldProgram, "type" | "attachType">): readonly Way[] {
  if (type === 6 && XDP_IN_MAPS.has(attachType)) return [];
  if (type === 29 && attachType === LSM_CGROUP) return [CGROUP];
  if (type === 26 && attachType === TRACE_ITER) return [ITER];
  return WAYS[type] ?? [];
}

/** Whether a map is the table of a struct_ops, which can be attached as programs can. */
export function isStructOps({ type }: { readonly type: number }): boolean {
  return type === STRUCT_OPS_MAP;
}

/** `xdp:eth0:native` */
export function whereText(way: Way, place: string, variant: string): string {
  return [way.word, place, variant].filter((part) => part !== "").join(":");
}

/** The word that `to` begins with. */
export function wordOf(to: string): string {
  return /^[^:]*/.exec(to)?.[0] ?? "";
}

/** `to xdp:lo`, behind "attached"; `from xdp:lo` behind "detached". */
export function placeText(preposition: "to" | "from", to: string): string {
  if (to === "auto") return preposition === "to" ? "as its section says" : "from where its section says";
  return `${preposition} ${to}`;
}
