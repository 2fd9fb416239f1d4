// @ts-check
/** The kfuncs of a tree: the sets in which it registers them, with flags, program types and prototypes. */

import { machine, NOT_BUILTIN } from "./c-machine.mjs";

/** @typedef {import("./source.mjs").KernelSource} KernelSource */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Param} Param */
/** @typedef {{ file: string, set: string, name: string, flags: readonly string[] }} Listed */
/** @typedef {{ sets: readonly string[], flags: readonly string[], types: ReadonlySet<string>, filtered: boolean, returns?: string, params?: readonly Param[] }} Kfunc */

/** Sets of the first kernels with kfuncs, whose operations ask them directly. @type {Readonly<Record<string, string>>} */
const ASKED_BY = { bpf_tcp_ca_kfunc_ids: "BPF_PROG_TYPE_STRUCT_OPS", tcp_cubic_kfunc_ids: "BPF_PROG_TYPE_STRUCT_OPS" };

/** Before flags there was a set for each. @type {Readonly<Record<string, string>>} */
const FLAG_SETS = {
  acquire_set: "KF_ACQUIRE",
  release_set: "KF_RELEASE",
  ret_null_set: "KF_RET_NULL",
  kptr_acquire_set: "KF_KPTR_GET",
  sleepable_set: "KF_SLEEPABLE",
};

/** @param {KernelSource} kernel @param {readonly string[]} progTypes @returns {Map<string, Kfunc>} */
export function kfuncTables(kernel, progTypes) {
  // The kernel's tests of itself bring kfuncs that nobody else may rely on.
  const files = [...kernel.files].filter(
    ([file, text]) => /BTF_ID|register_btf/.test(text) && !/test_run\.c$|selftests/.test(file),
  );
  const prototypes = new Map(files.flatMap(([, text]) => prototypesIn(text)));
  const listed = files.flatMap(([file, text]) => listsIn(file, text));
  const hookOf = hooks(kernel);
  /** @type {Map<string, { sets: Set<string>, flags: Set<string>, types: Set<string>, filtered: boolean }>} */
  const found = new Map();
  for (const [file, text] of files) {
    const registered = [...text.matchAll(/register_btf_kfunc_id_set\(\s*(BPF_PROG_TYPE_\w+)\s*,\s*&(\w+)/g)];
    for (const { name: idSet, fields } of idSets(text)) {
      const set = (fields["set"] ?? fields["check_set"] ?? "").replace("&", "");
      const types = registered.flatMap(([, type = "", of]) => (of === idSet ? [type] : []));
      add(set, file, reached(types), fields["filter"] !== undefined, fields);
    }
    for (const [set, type] of Object.entries(ASKED_BY))
      if (text.includes(`BTF_SET_START(${set})`) && registered.length === 0) add(set, file, [type], false, {});
  }
  return new Map(
    [...found].map(([name, { sets, flags, types, filtered }]) => [
      name,
      { sets: [...sets].sort(), flags: [...flags].sort(), types, filtered, ...prototypes.get(name) },
    ]),
  );

  /** @param {string} set @param {string} file @param {readonly string[]} types @param {boolean} filtered @param {Readonly<Record<string, string>>} fields */
  function add(set, file, types, filtered, fields) {
    const inSet = (/** @type {string} */ name) => listed.filter((entry) => entry.set === name && entry.file === file);
    for (const { name, flags } of inSet(set).flatMap((entry) => spelledOut(entry, prototypes))) {
      const kfunc = found.get(name) ?? { sets: new Set(), flags: new Set(), types: new Set(), filtered: false };
      const old = Object.entries(FLAG_SETS).flatMap(([field, flag]) =>
        inSet((fields[field] ?? "").replace("&", "")).some((entry) => entry.name === name) ? [flag] : [],
      );
      kfunc.sets.add(set);
      for (const flag of [...flags, ...old]) kfunc.flags.add(flag);
      for (const type of types) kfunc.types.add(type);
      kfunc.filtered ||= filtered;
      found.set(name, kfunc);
    }
  }

  /** A registration for one type serves every type with the same hook. @param {readonly string[]} types */
  function reached(types) {
    const wanted = new Set(types.map((type) => hookOf(type) ?? type));
    if (wanted.has("BTF_KFUNC_HOOK_COMMON")) return ["BPF_PROG_TYPE_UNSPEC"];
    return progTypes.filter((type) => wanted.has(hookOf(type) ?? type));
  }
}

/** @param {KernelSource} kernel @returns {(progType: string) => string | undefined} */
function hooks(kernel) {
  if (!kernel.functions.has("bpf_prog_type_to_kfunc_hook")) return () => undefined;
  const call = machine({
    source: (name) => kernel.functions.get(name)?.text,
    builtin: () => NOT_BUILTIN,
    constant: (name) => name,
    sizeOf: () => 0,
    place: () => ({ from: 0, to: 0 }),
  });
  return (progType) => {
    const hook = call("bpf_prog_type_to_kfunc_hook", [progType]);
    return typeof hook === "string" && hook !== "BTF_KFUNC_HOOK_MAX" ? hook : undefined;
  };
}

/** @param {string} file @param {string} text @returns {Listed[]} */
function listsIn(file, text) {
  const lists = text.matchAll(
    /\bBTF_(?:KFUNCS|SET8?)_START\(\s*(\w+)\s*\)([\s\S]*?)\bBTF_(?:KFUNCS|SET8?)_END\(\s*\1\s*\)/g,
  );
  return [...lists].flatMap(([, set = "", body = ""]) =>
    [...body.matchAll(/\bBTF_ID(?:_FLAGS)?\(\s*func\s*,\s*(\w+)\s*(?:,\s*([^)]*))?\)/g)].map(
      ([, name = "", flags]) => ({
        file,
        set,
        name,
        flags: flags === undefined ? [] : flags.split("|").map((flag) => flag.trim()),
      }),
    ),
  );
}

/** One list is a macro over another; its entries are the functions of that family. @param {Listed} entry @param {ReadonlyMap<string, object>} prototypes @returns {Listed[]} */
function spelledOut(entry, prototypes) {
  if (entry.name !== "name") return [entry];
  return [...prototypes.keys()]
    .filter((name) => name.startsWith("bpf_xdp_metadata_"))
    .map((name) => ({ ...entry, name }));
}

/** @param {string} text @returns {{ name: string, fields: Record<string, string> }[]} */
function idSets(text) {
  return [...text.matchAll(/\bstruct\s+btf_kfunc_id_set\s+(\w+)\s*=\s*\{([\s\S]*?)\};/g)].map(
    ([, name = "", body = ""]) => ({
      name,
      fields: Object.fromEntries(
        [...body.matchAll(/\.(\w+)\s*=\s*(&?\w+)/g)].map(([, field = "", value = ""]) => [field, value]),
      ),
    }),
  );
}

/** @param {string} text @returns {[string, { returns: string, params: readonly Param[] }][]} */
function prototypesIn(text) {
  const heads = text.matchAll(
    /\b__bpf_kfunc\s+((?:(?:static|notrace|noinline|const|struct|enum|union|unsigned)\s+)*\w+(?:\s+\w+)*[\s*]+)(\w+)\s*\(([^{;]*?)\)\s*[{;]/g,
  );
  return [...heads].map(([, type = "", name = "", list = ""]) => [
    name,
    { returns: tidy(type.replace(/\b(?:static|notrace|noinline)\b/g, "")), params: paramsIn(list) },
  ]);
}

/** @param {string} list @returns {Param[]} */
function paramsIn(list) {
  if (list.trim() === "void" || list.trim() === "") return [];
  return list.split(/,(?![^(]*\))/).map((param) => {
    const text = tidy(param);
    const callback = /^(.*?\(\s*\*?\s*)(\w+)(\s*\).*)$/.exec(text);
    if (callback) return { type: `${callback[1]}${callback[3]}`, name: callback[2] ?? "" };
    const [, type = text, name = ""] = /^(.*[\s*])(\w+)(?:\[\w*\])?$/.exec(text) ?? [];
    return { type: type.trim(), name };
  });
}

/** @param {string} text */
function tidy(text) {
  return text.replace(/\s+/g, " ").trim();
}
