/** Maps as bcc's macros write them. They are recognised as such: libbpf does not know them. */

export interface BccMap {
  readonly name: string;
  /** Which argument is the name. */
  readonly nameAt: number;
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
}

/** What the arguments after the name mean, and what bcc puts where they are left out. */
interface Shape {
  readonly type: string;
  readonly args: readonly string[];
  readonly defaults?: Readonly<Record<string, string>>;
}

const KEYED: Shape["args"] = ["key", "value", "max_entries"];
const HASHED = { key: "u64", value: "u64", max_entries: "10240" };
const INDEXED = { key: "int", value: "u64", max_entries: "10240" };

const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ["BPF_HASH", { type: "HASH", args: KEYED, defaults: HASHED }],
  ["BPF_PERCPU_HASH", { type: "PERCPU_HASH", args: KEYED, defaults: HASHED }],
  ["BPF_ARRAY", { type: "ARRAY", args: ["value", "max_entries"], defaults: INDEXED }],
  ["BPF_PERCPU_ARRAY", { type: "PERCPU_ARRAY", args: ["value", "max_entries"], defaults: INDEXED }],
  [
    "BPF_HISTOGRAM",
    { type: "ARRAY", args: ["key", "max_entries"], defaults: { key: "int", value: "u64", max_entries: "64" } },
  ],
  ["BPF_LPM_TRIE", { type: "LPM_TRIE", args: KEYED, defaults: HASHED }],
  ["BPF_STACK_TRACE", { type: "STACK_TRACE", args: ["max_entries"] }],
  ["BPF_PERF_OUTPUT", { type: "PERF_EVENT_ARRAY", args: [] }],
  ["BPF_PERF_ARRAY", { type: "PERF_EVENT_ARRAY", args: ["max_entries"] }],
  ["BPF_RINGBUF_OUTPUT", { type: "RINGBUF", args: ["pages"] }],
  ["BPF_PROG_ARRAY", { type: "PROG_ARRAY", args: ["max_entries"] }],
  ["BPF_DEVMAP", { type: "DEVMAP", args: ["max_entries"] }],
  ["BPF_CPUMAP", { type: "CPUMAP", args: ["max_entries"] }],
  ["BPF_XSKMAP", { type: "XSKMAP", args: ["max_entries"] }],
  ["BPF_CGROUP_ARRAY", { type: "CGROUP_ARRAY", args: ["max_entries"] }],
  ["BPF_SOCKMAP", { type: "SOCKMAP", args: ["max_entries"] }],
  ["BPF_SOCKHASH", { type: "SOCKHASH", args: ["key", "max_entries"] }],
  ["BPF_QUEUE", { type: "QUEUE", args: ["value", "max_entries"] }],
  ["BPF_STACK", { type: "STACK", args: ["value", "max_entries"] }],
]);

export function bccMap(macro: string, args: readonly string[]): BccMap | undefined {
  // BPF_TABLE("hash", key, value, name, entries) names its kind in a string.
  if (macro === "BPF_TABLE" && args.length >= 5) {
    const [kind = "", key = "", value = "", name = "", entries = ""] = args;
    if (name === "") return undefined;
    const named = kind.replaceAll('"', "").toUpperCase();
    const type = `BPF_MAP_TYPE_${named === "HISTOGRAM" ? histogramType(key) : named}`;
    return { name, nameAt: 3, attributes: attributesOf({ type, key, value, max_entries: entries }) };
  }
  const shape = SHAPES.get(macro);
  const [name, ...rest] = args;
  if (shape === undefined || name === undefined || name === "") return undefined;
  const given: Readonly<Record<string, string>> = Object.fromEntries(
    shape.args.flatMap((arg, i) => (rest[i] === undefined ? [] : [[arg, rest[i]]])),
  );
  const type = macro === "BPF_HISTOGRAM" ? histogramType(given["key"] ?? "int") : shape.type;
  return {
    name,
    nameAt: 0,
    attributes: attributesOf({ type: `BPF_MAP_TYPE_${type}`, ...shape.defaults, ...given }),
  };
}

/** A hash, unless its keys are numbers from 0 on. */
function histogramType(key: string): string {
  return key === "int" ? "ARRAY" : "HASH";
}

function attributesOf(values: Readonly<Record<string, string>>): BccMap["attributes"] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}
