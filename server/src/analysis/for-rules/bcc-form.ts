/** For the rule about bcc's dialect: how its maps, methods and program macros are written for libbpf. */

import type { MapFacts } from "../model.ts";

/** What `counts.lookup(&key)` becomes: a call with the map put where the helper wants it. */
export interface MethodForm {
  readonly helper: string;
  /** Before the first argument or behind it; `none` where the helper needs no map. */
  readonly map: "first" | "second" | "none";
  /** Arguments behind the map. */
  readonly more?: string;
  /** Arguments at the end. */
  readonly last?: string;
}

const first = (helper: string, last?: string): MethodForm => ({
  helper,
  map: "first",
  ...(last !== undefined && { last }),
});
const second = (helper: string, more?: string): MethodForm => ({
  helper,
  map: "second",
  ...(more !== undefined && { more }),
});

/** As BTypeVisitor::VisitCallExpr() of bcc's b_frontend_action.cc rewrites them. */
export const METHODS: ReadonlyMap<string, MethodForm> = new Map([
  ["lookup", first("bpf_map_lookup_elem")],
  ["update", first("bpf_map_update_elem", "BPF_ANY")],
  ["insert", first("bpf_map_update_elem", "BPF_NOEXIST")],
  ["delete", first("bpf_map_delete_elem")],
  ["push", first("bpf_map_push_elem")],
  ["pop", first("bpf_map_pop_elem")],
  ["peek", first("bpf_map_peek_elem")],
  ["call", second("bpf_tail_call")],
  ["perf_submit", second("bpf_perf_event_output", "BPF_F_CURRENT_CPU")],
  ["perf_read", first("bpf_perf_event_read")],
  ["perf_counter_value", first("bpf_perf_event_read_value")],
  ["get_stackid", second("bpf_get_stackid")],
  ["check_current_task", first("bpf_current_task_under_cgroup")],
  ["redirect_map", first("bpf_redirect_map")],
  ["ringbuf_output", first("bpf_ringbuf_output")],
  ["ringbuf_reserve", first("bpf_ringbuf_reserve", "0")],
  ["ringbuf_submit", { helper: "bpf_ringbuf_submit", map: "none" }],
  ["ringbuf_discard", { helper: "bpf_ringbuf_discard", map: "none" }],
  ["ringbuf_query", first("bpf_ringbuf_query")],
  ["sk_storage_get", first("bpf_sk_storage_get")],
  ["sk_storage_delete", first("bpf_sk_storage_delete")],
  ["inode_storage_get", first("bpf_inode_storage_get")],
  ["inode_storage_delete", first("bpf_inode_storage_delete")],
  ["task_storage_get", first("bpf_task_storage_get")],
  ["task_storage_delete", first("bpf_task_storage_delete")],
  ["get_local_storage", first("bpf_get_local_storage")],
  ["sock_map_update", second("bpf_sock_map_update")],
  ["sock_hash_update", second("bpf_sock_hash_update")],
  ["msg_redirect_hash", second("bpf_msg_redirect_hash")],
  ["sk_redirect_hash", second("bpf_sk_redirect_hash")],
]);

/** Methods that take several steps without bcc. */
export const LONG_METHODS: ReadonlySet<string> = new Set([
  "lookup_or_init",
  "lookup_or_try_init",
  "increment",
  "atomic_increment",
  "perf_submit_skb",
]);

/**
 * The statements that `target = map.method(args)`, or the method alone, stands for.
 *
 * @param indent what the lines behind the first begin with
 */
export function statementsFor(
  method: string,
  map: Pick<MapFacts, "name" | "type" | "keyType" | "valueType">,
  {
    args,
    target,
    indent,
  }: { readonly args: readonly string[]; readonly target: string | undefined; readonly indent: string },
): string | undefined {
  const [key, value] = args;
  const { name } = map;
  if (method === "increment" || method === "atomic_increment") {
    if (key === undefined || target !== undefined || map.keyType === undefined) return undefined;
    const step = value ?? "1";
    const add = method === "increment" ? `*_count += ${step};` : `__sync_fetch_and_add(_count, ${step});`;
    // Of an array every element is there.
    const isHash = map.type === "BPF_MAP_TYPE_HASH";
    return lines(indent, [
      "{",
      `	${map.keyType} _key = ${key};`,
      `	${map.valueType ?? "u64"} *_count = bpf_map_lookup_elem(&${name}, &_key)${isHash ? `, _first = ${step}` : ""};`,
      "	if (_count)",
      `		${add}`,
      ...(isHash ? ["	else", `		bpf_map_update_elem(&${name}, &_key, &_first, BPF_NOEXIST);`] : []),
      "}",
    ]);
  }
  if (!method.startsWith("lookup_or_") || target === undefined || key === undefined || value === undefined)
    return undefined;
  const variable = /(\w+)\s*$/.exec(target)?.[1] ?? "";
  return lines(indent, [
    `${target} = bpf_map_lookup_elem(&${name}, ${key});`,
    `if (!${variable}) {`,
    `	bpf_map_update_elem(&${name}, ${key}, ${value}, BPF_NOEXIST);`,
    `	${variable} = bpf_map_lookup_elem(&${name}, ${key});`,
    ...(method === "lookup_or_init" ? [`	if (!${variable})`, "		return 0;"] : []),
    "}",
  ]);
}

function lines(indent: string, all: readonly string[]): string {
  return all.join(`\n${indent}`);
}

/** `struct { … } name SEC(".maps")`, without the semicolon; undefined for a kind whose macro says too little. */
export function mapForm({
  name,
  type,
  attributes,
}: Pick<MapFacts, "name" | "type"> & {
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
}): string | undefined {
  const said = new Map(attributes.map((attribute) => [attribute.name, attribute.value]));
  const members = type === undefined ? undefined : membersFor(type.replace(/^BPF_MAP_TYPE_/, ""), said);
  if (members === undefined) return undefined;
  return [
    "struct {",
    `	__uint(type, ${type});`,
    ...members.map((member) => `	${member};`),
    `} ${name} SEC(".maps")`,
  ].join("\n");
}

const NUMBERED = ["__uint(key_size, sizeof(u32))", "__uint(value_size, sizeof(u32))"];

function membersFor(type: string, said: ReadonlyMap<string, string>): readonly string[] | undefined {
  const entries = said.get("max_entries");
  const size = entries === undefined ? [] : [`__uint(max_entries, ${entries})`];
  const [key, value] = [said.get("key"), said.get("value")];
  if (type === "RINGBUF") {
    const pages = said.get("pages");
    return pages === undefined ? undefined : [`__uint(max_entries, ${pages} * 4096)`];
  }
  if (type === "PERF_EVENT_ARRAY") return [...NUMBERED, ...size];
  if (/^(?:PROG_ARRAY|DEVMAP|CPUMAP|XSKMAP|CGROUP_ARRAY|SOCKMAP)$/.test(type)) return [...NUMBERED, ...size];
  // As many frames as a trace may have.
  if (type === "STACK_TRACE")
    return ["__uint(key_size, sizeof(u32))", "__uint(value_size, 127 * sizeof(u64))", ...size];
  if (type === "QUEUE" || type === "STACK")
    return value === undefined ? undefined : [`__type(value, ${value})`, ...size];
  if (!/^(?:LRU_)?(?:PERCPU_)?(?:HASH|ARRAY)$|^LPM_TRIE$/.test(type) || key === undefined || value === undefined)
    return undefined;
  const flags = type === "LPM_TRIE" ? ["__uint(map_flags, BPF_F_NO_PREALLOC)"] : [];
  return [`__type(key, ${key})`, `__type(value, ${value})`, ...size, ...flags];
}

/** What a program's macro or name says: its section and how the function begins. */
export interface ProgramForm {
  readonly section: string;
  /** In the place of the macro and what stands between its parentheses. */
  readonly declarator: string;
}

export const PROGRAM_MACROS: ReadonlySet<string> = new Set([
  "TRACEPOINT_PROBE",
  "RAW_TRACEPOINT_PROBE",
  "KFUNC_PROBE",
  "KRETFUNC_PROBE",
  "KMOD_RET",
  "LSM_PROBE",
]);

/** Of `TRACEPOINT_PROBE(category, event)` and its family. */
export function programForm(macro: string, args: readonly string[]): ProgramForm | undefined {
  const [event = "", ...params] = args;
  const typed = (section: string, name: string): ProgramForm => ({
    section: `${section}/${event}`,
    declarator: `int BPF_PROG(${[`${name}__${event}`, ...params].join(", ")})`,
  });
  if (!/^\w+$/.test(event)) return undefined;
  switch (macro) {
    case "TRACEPOINT_PROBE": {
      const [name] = params;
      if (name === undefined) return undefined;
      const structure = /^sys_(enter|exit)_/.exec(name)?.[0].slice(0, -1) ?? name;
      return {
        section: `tracepoint/${event}/${name}`,
        declarator: `int tracepoint__${event}__${name}(struct trace_event_raw_${structure} *args)`,
      };
    }
    case "RAW_TRACEPOINT_PROBE":
      return {
        section: `raw_tp/${event}`,
        declarator: `int raw_tracepoint__${event}(struct bpf_raw_tracepoint_args *ctx)`,
      };
    case "KFUNC_PROBE":
      return typed("fentry", "kfunc");
    case "KRETFUNC_PROBE":
      return typed("fexit", "kretfunc");
    case "KMOD_RET":
      return typed("fmod_ret", "kmod_ret");
    case "LSM_PROBE":
      return typed("lsm", "lsm");
    default:
      return undefined;
  }
}

/** `kprobe__do_exit` and the like, which bcc attaches by its name. */
export function sectionByName(name: string): string | undefined {
  const [, kind, target = ""] = /^(kprobe|kretprobe|raw_tracepoint|tracepoint)__(\w+)$/.exec(name) ?? [];
  if (kind === undefined) return undefined;
  if (kind === "raw_tracepoint") return `raw_tp/${target}`;
  if (kind !== "tracepoint") return `${kind}/${target}`;
  const [, category, event] = /^(\w+?)__(\w+)$/.exec(target) ?? [];
  return category === undefined ? undefined : `tracepoint/${category}/${event}`;
}
