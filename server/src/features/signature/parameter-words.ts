/** What the verifier wants of an argument, in words. */

import type { Helper, KfuncFact, MapAllowance, Param, ParamKind } from "../../analysis/knowledge/types.ts";

/** What a parameter of a helper takes: what the verifier checks it for, or what its type says. */
export function helperParameterWords({ params, maps }: Helper, index: number): string | undefined {
  const param = params[index];
  if (param === undefined) return undefined;
  if (param.type === "...") return "the values that the format names";
  const words = [
    param.kind === "map" ? mapWords(maps) : (kindWords(param.kind, param, params, index) ?? typeWords(param.type)),
    param.written && "which is written",
    param.releases && "which the call gives back or hands over",
    param.optional && `may be ${param.type.endsWith("*") ? "`NULL`" : "0"}`,
  ].filter(Boolean);
  if (words.length === 0) return undefined;
  return words.join(", ") + (param.kind === "size" ? "; the verifier must know its limits" : "");
}

const WORDS: Readonly<Partial<Record<ParamKind, string>>> = {
  key: "the address of a key of the map",
  value: "the address of a value as the map holds them",
  constant: "a constant known at load",
  context: "the program's context, unchanged",
  string: "a string constant in read-only memory",
  function: "a static function of this program",
  stack: "memory on the program's stack",
  socket: "a socket",
  "per-CPU pointer": "a per-CPU variable or object",
  "ring buffer record": "a record that `bpf_ringbuf_reserve()` gave",
  "spin lock": "a `struct bpf_spin_lock` in a map value or an allocated object",
  timer: "a `struct bpf_timer` in a map value",
  dynptr: "a `struct bpf_dynptr`",
  kptr: "the address of a `__kptr` field",
};

function kindWords(
  kind: ParamKind | undefined,
  { type }: Param,
  params: readonly Param[],
  index: number,
): string | undefined {
  if (kind === "memory") return memoryWords(type, params[index + 1]);
  if (kind === "size") return sizeWords(params[index - 1]);
  if (kind === "number") return type.endsWith("*") ? "an address, which the verifier does not check" : "a number";
  if (kind === "kernel pointer") return kernelPointerWords(type);
  return kind && WORDS[kind];
}

function memoryWords(type: string, next: Param | undefined): string {
  if (next?.kind === "size") return `memory of at least \`${next.name}\` bytes`;
  const what = pointedAt(type);
  return what === undefined ? "memory" : `the address of ${article(what)} \`${what}\``;
}

function sizeWords(before: Param | undefined): string {
  return before?.kind === "memory" ? `the number of bytes at \`${before.name}\`` : "a size";
}

function kernelPointerWords(type: string): string {
  const what = pointedAt(type);
  return what === undefined
    ? "a pointer to an object of the kernel"
    : `${article(what)} \`${what}\` that the kernel gave`;
}

function article(word: string): string {
  return /^(?:[aeio]|un(?!ion))/.test(word) ? "an" : "a";
}

/** `struct path` of `const struct path *`; undefined of `void *`. */
function pointedAt(type: string): string | undefined {
  const what = /^(?:const\s+)?([\w\s]*\w)\s*\*$/.exec(type)?.[1];
  return what === "void" ? undefined : what;
}

/** What takes more types than that takes most of them. */
const FEW = 4;

function mapWords(maps: readonly MapAllowance[] | undefined): string {
  const map = 'a map defined with `SEC(".maps")`';
  const types = maps?.filter(({ until }) => until === undefined).flatMap((one) => one.in) ?? [];
  if (types.length === 0) return map;
  return types.length > FEW ? `${map}, but not of every type` : `${map}: ${types.map(mapTypeWords).join(", ")} only`;
}

/** Types whose names do not read as what the kernel's documentation calls them. */
const MAP_WORDS: Readonly<Record<string, string>> = {
  CGRP_STORAGE: "cgroup local storage",
  CPUMAP: "CPU map",
  DEVMAP: "device map",
  DEVMAP_HASH: "device map by hash",
  RINGBUF: "ring buffer",
  USER_RINGBUF: "user ring buffer",
  SOCKMAP: "socket map",
  SOCKHASH: "socket map by hash",
  SK_STORAGE: "socket storage",
  PROG_ARRAY: "program array",
  REUSEPORT_SOCKARRAY: "reuseport socket array",
  XSKMAP: "XDP socket map",
};

function mapTypeWords(type: string): string {
  const words = type.toLowerCase().replaceAll("_", " ");
  return (
    MAP_WORDS[type] ??
    words
      .replace(/\blru\b/, "LRU")
      .replace(/\blpm\b/, "LPM")
      .replace("percpu", "per-CPU")
  );
}

/** Ends of parameter names to which the verifier gives a meaning, as of Documentation/bpf/kfuncs.rst. */
const SUFFIXES: Readonly<Record<string, string>> = {
  k: "a constant known at load",
  ign: "not checked by the verifier",
  sz: "a size",
  szk: "a size, as a constant known at load",
  opt: "may be `NULL`",
  nullable: "may be `NULL`",
  uninit: "not initialised before the call, which does that",
  str: "a string constant in read-only memory",
  map: "the address of a map",
  alloc: "an object that the program has allocated",
  refcounted_kptr: "an object with a `struct bpf_refcount`",
  irq_flag: "a variable on the program's stack that keeps the state of interrupts",
  iter: "an iterator that has been made and not destroyed",
  prog: "filled in by the verifier, whatever is passed",
};

/** What the end of a parameter's name says, or its type. */
export function kfuncParameterWords(
  kfunc: string,
  params: readonly { readonly name: string; readonly type?: string }[],
  index: number,
): string | undefined {
  const { name = "", type } = params[index] ?? {};
  const suffix = suffixOf(name);
  const before = params[index - 1]?.name;
  if ((suffix === "sz" || suffix === "szk") && before !== undefined)
    return `the number of bytes at \`${before}\`${suffix === "szk" ? ", as a constant known at load" : ""}`;
  // Of these the verifier replaces what it does not check; of others it leaves it.
  if (suffix === "ign" && kfunc.endsWith("_impl")) return SUFFIXES["prog"];
  if (suffix !== undefined) return SUFFIXES[suffix];
  const next = params[index + 1]?.name ?? "";
  if (/__szk?$/.test(next)) return `memory of \`${next}\` bytes`;
  return type === undefined ? undefined : typeWords(type);
}

/** What the type alone says. */
function typeWords(type: string): string | undefined {
  if (/\(|callback_t$/.test(type)) return "a function of this program";
  if (!type.endsWith("*")) return /^enum\b/.test(type) ? `one of the names of \`${type}\`` : numberWords(type);
  const what = type.replace(/\s*\*$/, "").replace(/\bconst\s+/g, "");
  if (/\b__user$/.test(what)) return "an address in user memory";
  if (what.endsWith("*")) return `the address of a pointer of type \`${what}\``;
  return /^(?:void|char)$/.test(what) ? "an address" : `the address of ${article(what)} \`${what}\``;
}

/** A structure is handed over as it is by no function of the kernel. */
function numberWords(type: string): string | undefined {
  if (type === "bool") return "true or false";
  return /^(?:struct|union)\b/.test(type) ? undefined : "a number";
}

function suffixOf(name: string): string | undefined {
  return Object.keys(SUFFIXES).find((suffix) => name.endsWith(`__${suffix}`));
}

/** Without what newer kernels append to a call themselves: everything from the first such type on. */
export function passedParams({ params = [], flags }: KfuncFact): readonly Param[] {
  if (!flags.includes("KF_IMPLICIT_ARGS")) return params;
  const first = params.findIndex(({ type }) => /\bstruct (?:bpf_prog_aux|btf_struct_meta) \*$/.test(type));
  return first === -1 ? params : params.slice(0, first);
}
