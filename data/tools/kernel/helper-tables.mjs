// @ts-check
/** Which helper the kernel gives to which program: asks the `get_func_proto` functions of a tree. */

import { machine, NOT_BUILTIN } from "./c-machine.mjs";

/** @typedef {import("./source.mjs").KernelSource} KernelSource */
/** @typedef {import("./contexts.mjs").ProgramContext} ProgramContext */
/** @typedef {{ name: string, gpl: boolean, mightSleep: boolean, fields: Readonly<Record<string, string>> }} Proto */

/** @typedef {"CAP_BPF" | "CAP_PERFMON" | "CAP_SYS_ADMIN" | "lockdown"} Privilege */

/**
 * @typedef {object} HelperTables
 * @property {(helper: string, context: ProgramContext, without?: Privilege) => Proto | undefined} proto what a program
 *   gets for a helper, all privileges given but the one named
 * @property {(context: ProgramContext) => boolean} has whether the tree knows such programs
 * @property {(context: ProgramContext) => boolean} canSleep whether the kernel lets such a program be sleepable
 * @property {readonly string[]} structOps names of the structures of operations that programs can implement
 * @property {(mapType: string, helper: string) => boolean} mapFits whether a helper takes a map of that type
 */

/** @param {KernelSource} kernel @returns {HelperTables} */
export function helperTables(kernel) {
  const protos = new Map(kernel.tables("bpf_func_proto").map((table) => [table.name, protoOf(table)]));
  const operations = operationsOf(kernel);
  const structOps = structOpsOf(kernel);
  const iterators = new Map(
    kernel.tables("bpf_iter_reg").map(({ fields }) => [unquoted(fields["target"]), fields["get_func_proto"]]),
  );
  /** @type {ProgramContext | undefined} */
  let asked;
  /** @type {Privilege | undefined} */
  let lacking;
  const call = machine({
    source: (name) => kernel.functions.get(name)?.text,
    builtin: (name, args, again) => builtin(name, args, again),
    sizeOf: (type) => unknown(`the size of ${type}`),
    place: () => ({ from: 0, to: 0 }),
    constant: (name) => name,
  });

  /** @param {string} name @param {readonly any[]} args @param {typeof call} again @returns {any} */
  function builtin(name, args, again) {
    const context = asked;
    if (context === undefined) return NOT_BUILTIN;
    if (name === "bpf_iter_get_func_proto") {
      const getter = context.iterator ? iterators.get(context.iterator) : undefined;
      return getter ? again(getter, args) : null;
    }
    if (name === "security_locked_down") return lacking === "lockdown" ? -1 : 0;
    const privilege = PRIVILEGES[name] ?? (/^CAP_/.test(String(args.at(-1))) ? args.at(-1) : undefined);
    if (privilege !== undefined) return privilege !== lacking;
    if (ALLOWED.has(name)) return true;
    if (REFUSED.has(name)) return 0;
    // A few members of an operations structure may do less; what is asked here are the others.
    if (name === "prog_ops_moff") return "another member";
    if (name === "btf_id_set_contains") return context.hooks?.includes(String(args[0])) ?? false;
    if (name === "resolve_prog_type") return context.progType;
    if (name === "bpf_prog_has_trampoline") return context.trampoline ?? false;
    const multi = ATTACHED_AS[name];
    if (multi) return multi.includes(context.attachType ?? "");
    if (name === "bpf_get_skb_set_tunnel_proto") return `bpf_${String(args[0]).replace("BPF_FUNC_", "")}_proto`;
    // These return their table entry after a word of warning to the log.
    const plainly = /^bpf_get_(trace_v?printk|probe_write)_proto$/.exec(name)?.[1];
    if (plainly) return plainly === "probe_write" ? "bpf_probe_write_user_proto" : `bpf_${plainly}_proto`;
    return NOT_BUILTIN;
  }

  const tablesOf = (/** @type {ProgramContext} */ context) =>
    context.structOps === undefined ? operations.get(context.progType) : structOps.get(context.structOps);

  return {
    structOps: [...structOps.keys()].sort(),
    has: (context) =>
      tablesOf(context) !== undefined && (context.iterator === undefined || iterators.has(context.iterator)),
    canSleep: (context) => {
      asked = context;
      if (kernel.functions.has("can_be_sleepable")) return call("can_be_sleepable", [programOf(context)]) === true;
      // From 5.10, where sleepable programs began, the check is a line amid others; its message says whom it lets pass.
      const verifier = kernel.files.get("kernel/bpf/verifier.c") ?? "";
      const message = /"Only [^"]* programs can be sleepable/.exec(verifier)?.[0] ?? "";
      if (context.progType === "BPF_PROG_TYPE_LSM") return message.includes("lsm");
      if (context.progType === "BPF_PROG_TYPE_KPROBE") return message.includes("kprobe");
      return message !== "" && /_(?:FENTRY|FEXIT|MODIFY_RETURN|ITER)$/.test(context.attachType ?? "");
    },
    proto: (helper, context, without) => {
      const getter = tablesOf(context);
      if (getter === undefined) return undefined;
      asked = context;
      lacking = without;
      const name = call(getter, [`BPF_FUNC_${helper.replace(/^bpf_/, "")}`, programOf(context)]);
      // A copy that is made at start-up has no initialiser of its own.
      const bare = () => protos.get(String(name).replace(/^btf_/, "bpf_")) ?? unknown(`the table ${name}`);
      return typeof name === "string" ? (protos.get(name) ?? bare()) : undefined;
    },
    mapFits: (mapType, helper) => {
      asked = { label: "map", progType: "BPF_PROG_TYPE_UNSPEC" };
      const number = `BPF_FUNC_${helper.replace(/^bpf_/, "")}`;
      const map = { map_type: mapType, map_flags: 0, ops: {}, btf: null };
      const result = call("check_map_func_compatibility", mapArguments(kernel, map, number));
      return result === 0;
    },
  };
}

/** What a privileged program on a kernel without lockdown may do. */
const ALLOWED = new Set(["IS_ENABLED", "bpf_token_allow_cmd", "prog_args_trusted", "has_session_cookie"]);
const REFUSED = new Set(["WARN_ON_ONCE", "bpf_prog_check_recur", "bpf_prog_is_offloaded"]);
/** @type {Readonly<Record<string, Privilege>>} */
const PRIVILEGES = { bpf_capable: "CAP_BPF", perfmon_capable: "CAP_PERFMON" };

/** @type {Readonly<Record<string, readonly string[]>>} */
const ATTACHED_AS = {
  is_kprobe_multi: ["BPF_TRACE_KPROBE_MULTI", "BPF_TRACE_KPROBE_SESSION"],
  is_uprobe_multi: ["BPF_TRACE_UPROBE_MULTI", "BPF_TRACE_UPROBE_SESSION"],
  is_kprobe_session: ["BPF_TRACE_KPROBE_SESSION"],
  is_uprobe_session: ["BPF_TRACE_UPROBE_SESSION"],
  is_trace_fsession: ["BPF_TRACE_FSESSION"],
  is_tracing_multi: ["BPF_TRACE_FENTRY_MULTI", "BPF_TRACE_FEXIT_MULTI", "BPF_TRACE_FSESSION_MULTI"],
};

/** `struct bpf_prog` as the tables look at it. @param {ProgramContext} context */
export function programOf({ progType, attachType, sleepable = false, hooks }) {
  const aux = {
    attach_btf_id: hooks ? "the hook" : 1,
    attach_func_name: "a function",
    attach_btf: null,
    token: null,
    sleepable,
    offload: null,
    saved_dst_attach_type: null,
    might_sleep: sleepable,
  };
  return { type: progType, expected_attach_type: attachType ?? 0, sleepable, aux, gpl_compatible: true };
}

/** The type of a program and the function that gives it its helpers. @param {KernelSource} kernel @returns {Map<string, string>} */
function operationsOf(kernel) {
  const getters = new Map(
    kernel.tables("bpf_verifier_ops").map(({ name, fields }) => [name, fields["get_func_proto"] ?? ""]),
  );
  const types = kernel.files.get("include/linux/bpf_types.h") ?? "";
  const listed = [...types.matchAll(/BPF_PROG_TYPE\(\s*(BPF_PROG_TYPE_\w+)\s*,\s*(\w+)/g)].map(
    ([, type = "", name = ""]) =>
      /** @type {const} */ ([type, getters.get(`${name}_verifier_ops`) ?? getters.get(name)]),
  );
  // Up to 4.10 every type registers itself.
  const registered = kernel
    .tables("bpf_prog_type_list")
    .map(
      ({ fields }) =>
        /** @type {const} */ ([fields["type"] ?? "", getters.get((fields["ops"] ?? "").replace("&", ""))]),
    );
  return new Map([...registered, ...listed].flatMap(([type, getter]) => (getter ? [[type, getter]] : [])));
}

/** @param {KernelSource} kernel @returns {Map<string, string>} */
function structOpsOf(kernel) {
  const getters = new Map(
    kernel.tables("bpf_verifier_ops").map(({ name, fields }) => [name, fields["get_func_proto"] ?? ""]),
  );
  return new Map(
    kernel.tables("bpf_struct_ops").flatMap(({ fields }) => {
      const getter = getters.get((fields["verifier_ops"] ?? "").replace("&", ""));
      const name = unquoted(fields["name"]);
      // The kernel's own tests have tables too.
      return getter && name && !/dummy|testmod/.test(name) ? [[name, getter]] : [];
    }),
  );
}

/** @param {import("./source.mjs").Table} table @returns {Proto} */
function protoOf({ name, fields }) {
  return { name, fields, gpl: fields["gpl_only"] === "true", mightSleep: fields["might_sleep"] === "true" };
}

/** As of a program without functions of its own. */
const VERIFIER = { subprog_cnt: 1, prog: {} };

/** Its parameters changed over the years. @param {KernelSource} kernel @param {object} map @param {string} number */
function mapArguments(kernel, map, number) {
  const { params = "" } = kernel.functions.get("check_map_func_compatibility") ?? {};
  return params
    .split(",")
    .map((param) => (/bpf_map\s*\*/.test(param) ? map : /func_id/.test(param) ? number : VERIFIER));
}

/** @param {string | undefined} text */
function unquoted(text) {
  return text?.replace(/^"|"$/g, "") ?? "";
}

/** @param {string} what @returns {never} */
function unknown(what) {
  throw new Error(`cannot tell ${what}`);
}
