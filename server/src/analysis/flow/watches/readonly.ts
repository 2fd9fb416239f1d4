/** Watch: nothing is written to what a program may only read. */

import { KEY, PER_CPU } from "../calls.ts";
import type { Expression } from "../tree.ts";
import type { Thing } from "../values.ts";
import type { On, Walk, Watch } from "../watch.ts";

export const readonly: Watch<undefined> = {
  name: "readonly",
  start: () => undefined,
  access: ({ pointer, node, isWrite }, on) => {
    if (pointer.kind !== "pointer") return;
    const { thing } = pointer;
    const why = isWrite ? whyNotWritten(thing, on.walk) : isUnreadable(thing, on.walk) ? "write only" : undefined;
    if (why !== undefined) tell(why, thing, node, on);
  },
  call: ({ call, args, helper }, on) => {
    if (helper === undefined) return undefined;
    args.forEach((arg, i) => {
      const node = call.args[i];
      const param = helper.params[i];
      if (arg.kind !== "pointer" || node === undefined || param === undefined) return;
      if (param.written !== true) {
        if (READ.has(param.kind ?? "") && isUnreadable(arg.thing, on.walk)) tell("write only", arg.thing, node, on);
        return;
      }
      // A map is what such a helper is for.
      const why = arg.thing.kind === "map" ? undefined : whyNotWritten(arg.thing, on.walk);
      if (why !== undefined) tell(why, arg.thing, node, on, call.name);
    });
    return undefined;
  },
};

/** Kinds of arguments that a helper looks into. */
const READ: ReadonlySet<string> = new Set(["key", "value", "memory"]);

function whyNotWritten(thing: Thing, walk: Walk): string | undefined {
  switch (thing.kind) {
    case "map":
      return "map";
    case "map value":
      return hasFlag(thing, "BPF_F_RDONLY_PROG", walk) ? "flag" : undefined;
    case "global":
      if (thing.name === "") return "string";
      return walk.model.globals.some(({ name, kind }) => name === thing.name && kind === "rodata")
        ? "constant"
        : undefined;
    case "kernel":
      return isOfKernel(thing, walk) ? "kernel" : undefined;
    case "socket":
      return isSocketOfProgram(thing) ? "socket" : undefined;
    case "memory":
      return thing.source.kind === "call" ? whyMemory(thing) : undefined;
    default:
      return undefined;
  }
}

function whyMemory({ source, name }: Thing): string | undefined {
  if (name === KEY) return "key";
  if (name !== "" && PER_CPU.test(source.name)) return "per-CPU";
  return source.name === "bpf_dynptr_slice" ? "slice" : undefined;
}

function isUnreadable(thing: Thing, walk: Walk): boolean {
  return thing.kind === "map value" && hasFlag(thing, "BPF_F_WRONLY_PROG", walk);
}

function hasFlag({ lookup }: Thing, flag: string, { model }: Walk): boolean {
  const map = lookup && model.maps.find(({ name }) => name === lookup.map);
  const flags = map?.attributes.find(({ name }) => name === "map_flags")?.value;
  return flags?.split("|").some((one) => one.trim() === flag) === true;
}

const TRACING: ReadonlySet<string> = new Set(
  ["TRACING", "LSM", "KPROBE", "TRACEPOINT", "RAW_TRACEPOINT", "PERF_EVENT"].map((name) => `BPF_PROG_TYPE_${name}`),
);

/** Structures of the kernel's that a tracing program was given, or has found in such a one. */
function isOfKernel({ source, type }: Thing, { root, kb }: Walk): boolean {
  const { meaning, isFunction } = root;
  if (isFunction || meaning === undefined || !TRACING.has(meaning.kind.progType)) return false;
  if (/^iter/.test(meaning.word) || HID.test(type)) return false;
  if (source.kind === "call") return kb.helper(source.name)?.result !== undefined;
  if (source.kind === "parameter") return type.startsWith("struct ");
  // Out of a structure comes another, or a number.
  return source.kind === "load" && source.from === "kernel";
}

/** A socket as programs see it, with fields of its own: no structure of the kernel's, of which some may be changed. */
function isSocketOfProgram({ source: { kind, name, from } }: Thing): boolean {
  return kind === "load" ? from === "context" : kind === "call" && SOCKETS.has(name);
}

const SOCKETS: ReadonlySet<string> = new Set(
  `bpf_get_listener_sock bpf_sk_fullsock bpf_sk_lookup_tcp bpf_sk_lookup_udp bpf_skc_lookup_tcp bpf_tcp_sock`.split(
    " ",
  ),
);

/** Early kernels let programs of this kind change it. */
const HID = /\bhid_bpf_ctx\b/;

function tell(why: string, thing: Thing, node: Expression, { walk, path }: On<undefined>, callee = ""): void {
  walk.report(path, {
    kind: "read-only written",
    span: { start: node.start, end: node.end },
    about: thing.lookup?.map ?? (thing.name === "" ? thing.source.name : thing.name),
    node,
    thing,
    facts: { why, callee },
  });
}
