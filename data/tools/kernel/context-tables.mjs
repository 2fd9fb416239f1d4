// @ts-check
/** Which field of its context a program may read or write: asks the `is_valid_access` functions of a tree. */

import { machine, NOT_BUILTIN } from "./c-machine.mjs";
import { programOf } from "./helper-tables.mjs";
import { layoutOf, placeIn } from "./layout.mjs";

/** @typedef {import("./source.mjs").KernelSource} KernelSource */
/** @typedef {import("./contexts.mjs").ProgramContext} ProgramContext */
/** @typedef {import("./layout.mjs").Member} Member */
/** @typedef {import("./layout.mjs").Layout} Layout */
/** @typedef {{ read: boolean, write: boolean, first?: true, pointer?: string }} Access `first`: of an array only the first element is written */

/**
 * @typedef {object} ContextTables
 * @property {(progType: string) => string | undefined} structOf `__sk_buff`, where a program's context is a structure
 * @property {(struct: string) => Layout | undefined} layout
 * @property {(context: ProgramContext, member: Member) => Access} access
 */

/** Structures of the kernel itself, which no uapi header has. */
const OWN = `struct bpf_nf_ctx { const struct nf_hook_state *state; struct sk_buff *skb; };
struct sk_buff { __be16 protocol; };`;

/** @param {KernelSource} kernel @returns {ContextTables} */
export function contextTables(kernel) {
  const header = `${kernel.files.get("include/uapi/linux/bpf.h")}\n${kernel.files.get("include/uapi/linux/bpf_perf_event.h")}\n${OWN}`;
  const { checks, structs } = programsOf(kernel);
  /** @type {Map<string, Layout | undefined>} */
  const layouts = new Map();
  const layout = (/** @type {string} */ struct) => {
    if (!layouts.has(struct)) layouts.set(struct, layoutOf(header, struct));
    return layouts.get(struct);
  };
  const struct = (/** @type {string} */ type) => type.replace(/^struct\s+/, "");
  const call = machine({
    source: (name) => kernel.functions.get(name)?.text,
    builtin,
    constant: (name) => name,
    sizeOf: (type) => sizes[type] ?? layout(struct(type))?.size ?? fail(`the size of ${type}`),
    place: (type, member) => {
      const found = layout(struct(type));
      return (found && placeIn(found, member)) ?? fail(`the place of ${type}.${member}`);
    },
  });

  return {
    layout,
    structOf: (progType) => structs.get(progType),
    access: (context, { from, size: whole, count }) => {
      // Registers are read one by one.
      const size = Math.min(whole, 8);
      const check = checks.get(context.progType);
      if (check === undefined) return { read: false, write: false };
      const ask = (/** @type {string} */ type, at = from) => {
        const info = { reg_type: "SCALAR_VALUE", is_ldsx: false, ctx_field_size: 0, log: null, btf: null, btf_id: 0 };
        const program = { ...programOf(context), tstamp_type_access: 0, tstamp_type_access_: 0 };
        // Before 4.18 a check was not told the program.
        const args = checkTakesProgram(kernel, check) ? [at, size, type, program, info] : [at, size, type, info];
        return { ok: call(check, args) === true, pointer: info.reg_type };
      };
      if (count === 0) return { read: true, write: false };
      const read = ask("BPF_READ");
      const write = ask("BPF_WRITE").ok;
      const first = write && count !== undefined && !ask("BPF_WRITE", from + size * (count - 1)).ok;
      return {
        read: read.ok,
        write,
        ...(first && { first: /** @type {const} */ (true) }),
        ...(read.ok && read.pointer !== "SCALAR_VALUE" && { pointer: read.pointer }),
      };
    },
  };
}

/** @type {Readonly<Record<string, number>>} */
const sizes = {
  __u8: 1,
  u8: 1,
  __u16: 2,
  u16: 2,
  __be16: 2,
  __be32: 4,
  __u32: 4,
  u32: 4,
  int: 4,
  __u64: 8,
  u64: 8,
  "struct pt_regs": 168,
  long: 8,
  "unsigned long": 8,
};

/** @param {string} name @param {readonly any[]} args @returns {any} */
function builtin(name, args) {
  const [off, size, whole] = args;
  if (name === "bpf_ctx_narrow_access_ok") {
    if (typeof whole !== "number") fail("the size of a field");
    return size <= whole && off % size === 0;
  }
  // 8 bytes of an IPv6 address at once: we ask for fields one by one.
  if (name === "bpf_ctx_wide_access_ok") return false;
  if (name === "bpf_prog_is_offloaded" || name === "bpf_prog_is_dev_bound") return false;
  if (name === "number_range") return { from: off, to: size };
  // Only whether a field may be read is asked here, not which type its pointer has.
  if (name === "nf_ptr_to_btf_id") Object.assign(off, { reg_type: "PTR_TO_BTF_ID" });
  if (/^(?:nf_ptr_to_btf_id|btf_\w+_(?:type|id))$/.test(name)) return true;
  // All privileges are given.
  if (/capable$|^IS_ENABLED$/.test(name)) return true;
  return NOT_BUILTIN;
}

/** @param {KernelSource} kernel */
function programsOf(kernel) {
  const operations = new Map(
    kernel.tables("bpf_verifier_ops").map(({ name, fields }) => [name, fields["is_valid_access"] ?? ""]),
  );
  /** @type {Map<string, string>} */
  const checks = new Map();
  /** @type {Map<string, string>} */
  const structs = new Map();
  for (const { fields } of kernel.tables("bpf_prog_type_list")) {
    const check = operations.get((fields["ops"] ?? "").replace("&", ""));
    if (check) checks.set(fields["type"] ?? "", check);
  }
  const types = kernel.files.get("include/linux/bpf_types.h") ?? "";
  const rows = types.matchAll(/BPF_PROG_TYPE\(\s*(BPF_PROG_TYPE_\w+)\s*,\s*(\w+)(?:\s*,\s*struct\s+(\w+))?/g);
  for (const [, type = "", name = "", struct] of rows) {
    const check = operations.get(`${name}_verifier_ops`) ?? operations.get(name);
    if (check) checks.set(type, check);
    if (struct) structs.set(type, struct);
  }
  return { checks, structs };
}

/** @param {KernelSource} kernel @param {string} check */
function checkTakesProgram(kernel, check) {
  return /bpf_prog\s*\*/.test(kernel.functions.get(check)?.params ?? "");
}

/** @param {string} what @returns {never} */
function fail(what) {
  throw new Error(`cannot tell ${what}`);
}
