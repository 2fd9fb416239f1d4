/** What a call takes that must be given back, and what it gives back, as the kernel's own facts say. */

import type { CallEvent } from "./watch.ts";

/** What a call does with what one of its arguments points to. */
export interface GivenBack {
  /** Which argument. */
  readonly at: number;
  /**
   * `release`: it is gone. `store`: somebody else holds it from now on. `link`: it is in a list or a tree, and may be looked
   * at until the lock of that is given back.
   */
  readonly how: "release" | "store" | "link";
}

/** Its result is the caller's, who must give it back. */
export function takes({ helper, kfunc, name, map, result }: CallEvent): boolean {
  if (result.kind !== "pointer") return false;
  if (helper !== undefined) return helper.acquires === true || (name === LOOKUP && SOCKET_MAPS.has(map?.type ?? ""));
  return kfunc?.flags.includes("KF_ACQUIRE") === true;
}

const LOOKUP = "bpf_map_lookup_elem";
/** A socket that is found in one of these is held as one that was looked up by its addresses. */
const SOCKET_MAPS: ReadonlySet<string> = new Set(["BPF_MAP_TYPE_SOCKMAP", "BPF_MAP_TYPE_SOCKHASH"]);

export function givenBack({ helper, kfunc, name }: CallEvent): GivenBack | undefined {
  if (helper !== undefined) {
    const at = helper.params.findIndex((param) => param.releases === true && param.kind !== "dynptr");
    return at < 0 ? undefined : { at, how: name === "bpf_kptr_xchg" ? "store" : "release" };
  }
  if (kfunc === undefined) return undefined;
  if (LINKS.test(name)) return { at: 1, how: "link" };
  return kfunc.flags.includes("KF_RELEASE") ? { at: 0, how: "release" } : undefined;
}

const LINKS = /^bpf_(?:rbtree_add|list_push_(?:front|back))(?:_impl)?$/;

/** What it gives is the same thing as its argument, with another type. */
export function isCast(name: string): boolean {
  return CASTS.has(name) || name.startsWith("bpf_skc_to_");
}

const CASTS: ReadonlySet<string> = new Set(["bpf_sk_fullsock", "bpf_tcp_sock"]);

/** What a call does with a dynptr or an iterator, which lies in a variable of the program's. */
export interface Handling {
  readonly at: number;
  readonly what: "dynptr" | "iterator";
  readonly how: "set up" | "use" | "end";
  /** Of what is set up: it must be ended. */
  readonly isHeld: boolean;
}

export function handlings(event: CallEvent): readonly Handling[] {
  const { helper, kfunc, name } = event;
  const params = helper?.params ?? kfunc?.params;
  if (kfunc !== undefined) {
    const step = ITERATOR.exec(name)?.[1];
    if (step !== undefined && kfunc.flags.some((flag) => flag.startsWith("KF_ITER_")))
      return [
        { at: 0, what: "iterator", how: step === "new" ? "set up" : step === "next" ? "use" : "end", isHeld: true },
      ];
  }
  if (params === undefined) return NONE;
  let found: Handling[] | undefined;
  params.forEach(({ kind, type, name: param, written }, at) => {
    if (kind !== "dynptr" && !DYNPTR.test(type)) return;
    const isSetUp = written === true || param.endsWith("__uninit");
    const how = isSetUp ? "set up" : ENDS.has(name) ? "end" : "use";
    found ??= [];
    found.push({ at, what: "dynptr", how, isHeld: isSetUp && HOLDING.has(name) });
  });
  return found ?? NONE;
}

const NONE: readonly Handling[] = [];
const ITERATOR = /^bpf_iter_\w+_(new|next|destroy)$/;
const DYNPTR = /^(?:const )?struct bpf_dynptr \*$/;
const HOLDING: ReadonlySet<string> = new Set(["bpf_ringbuf_reserve_dynptr", "bpf_dynptr_from_file"]);
const ENDS: ReadonlySet<string> = new Set([
  "bpf_ringbuf_submit_dynptr",
  "bpf_ringbuf_discard_dynptr",
  "bpf_dynptr_file_discard",
]);

/** What it gives points into the dynptr that is its first argument. */
export function isSlice(name: string): boolean {
  return name === "bpf_dynptr_data" || name.startsWith("bpf_dynptr_slice");
}
