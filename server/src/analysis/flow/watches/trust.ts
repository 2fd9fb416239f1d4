/** Watch: kfuncs are given objects of which the verifier knows that they are there. */

import { isKept, sectionEpoch, startSectionEpoch } from "../loads.ts";
import type { Path } from "../path.ts";
import type { Expression } from "../tree.ts";
import type { PointerValue, Thing } from "../values.ts";
import type { CallEvent, On, Root, Trouble, Watch } from "../watch.ts";

/** How many RCU sections are open. */
type Depth = number;

export const trust: Watch<Depth> = {
  name: "trust",
  start: () => 0,
  key: (depth) => (depth === 0 ? "" : `${depth}`),
  call: (event, on) => {
    if (event.kfunc === undefined) return undefined;
    if (event.name === "bpf_rcu_read_lock") on.slot++;
    else if (event.name === "bpf_rcu_read_unlock") leave(event, on);
    else if (OWN.test(event.name)) asked(event, on);
    return undefined;
  },
};

/** Those of which the kernel always asked for what it knows; schedulers have rules of their own. */
const OWN = /^bpf_/;
/** What the kernel itself counts or frees. */
const OBJECT =
  /^(?:const )?struct (task_struct|cgroup|cpumask|bpf_cpumask|file|path|inode|dentry|__sk_buff|mm_struct|linux_binprm) \*$/;
/**
 * What an fentry program is given, and what that leads to, these take as well, until all kfuncs ask for trust, in 7.0: of them KF_TRUSTED_ARGS was not said
 * in linux:kernel/bpf/helpers.c.
 */
const TAKES_PLAIN: ReadonlySet<string> = new Set(["bpf_copy_from_user_task_str", "bpf_dynptr_from_file"]);
/** Endings of names by which a kfunc takes anything. */
const ANY = /__(?:nullable|opt|ign|map|uninit)$/;

function leave({ call }: CallEvent, on: On<Depth>): void {
  const { walk, path } = on;
  on.slot = Math.max(0, on.slot - 1);
  if (on.slot > 0) return;
  const span = walk.spanOf(path, { start: call.start, end: call.end });
  startSectionEpoch({ span, name: "bpf_rcu_read_unlock", kind: "call" }, path, walk.values);
}

function asked(event: CallEvent, on: On<Depth>): void {
  const params = event.kfunc?.params;
  if (params === undefined) return;
  for (let i = 0; i < event.args.length; i++) {
    const arg = event.args[i];
    const node = event.call.args[i];
    const param = params[i];
    if (arg?.kind !== "pointer" || node === undefined || param === undefined) continue;
    const wanted = OBJECT.exec(param.type)?.[1];
    if (wanted === undefined || ANY.test(param.name)) continue;
    const how = whyNot(arg, wanted, on);
    if ((how === "argument" || how === "walked") && TAKES_PLAIN.has(event.name)) continue;
    if (how !== undefined) tell(how, event, arg, node, on);
  }
}

type How = "argument" | "walked" | "cast" | "number" | "left";

function whyNot({ thing, offset, path: place }: PointerValue, wanted: string, on: On<Depth>): How | undefined {
  const { source } = thing;
  const { root } = on.walk;
  if (isKept(thing)) return isFromBefore(thing, on.path) ? "left" : undefined;
  if (thing.kind === "raw") return source.kind === "parameter" || source.kind === "call" ? "number" : undefined;
  if (thing.kind !== "kernel") return undefined;
  if (source.kind === "parameter") return isUntrusted(root) ? "argument" : undefined;
  if (source.kind === "call") return CASTS.has(source.name) ? "cast" : undefined;
  const isWalked = source.kind === "load" && source.from === "kernel" && offset === 0 && place === "";
  // The kernel's own structures lead to none that programs make.
  if (!isWalked || !WALKED.has(wanted)) return undefined;
  return wanted === "bpf_cpumask" || !SAFE.has(source.name) ? "walked" : undefined;
}

/** By these a number becomes a pointer that may be followed, and no more. */
const CASTS: ReadonlySet<string> = new Set(["bpf_rdonly_cast", "bpf_core_cast"]);
/** Objects to which few fields lead that the verifier trusts. */
const WALKED: ReadonlySet<string> = new Set(["task_struct", "cgroup", "cpumask", "bpf_cpumask"]);
/**
 * Fields that the kernel marks as safe, in some release, by BTF_TYPE_SAFE_* of linux:kernel/bpf/verifier.c, or as read under RCU,
 * by `__rcu` where it declares them. They go by their names alone, in whichever structure.
 */
const SAFE: ReadonlySet<string> = new Set(
  `cpus_ptr cgroups real_parent parent group_leader dfl_cgrp cgroup cgrp kn css curr idle owner exe_file task tsk first_task poll_task rtpoll_task
  handling sk file f_inode seq meta mm vm_mm vm_file memcg`
    .split(/\s+/)
    .map((name) => `.${name}`),
);

const ENTERED: ReadonlySet<string> = new Set(
  ["FENTRY", "FEXIT", "FSESSION"].map((name) => `BPF_TRACE_${name}`).concat("BPF_MODIFY_RETURN"),
);
/** Hooks that run while the object is made, or torn down: untrusted_lsm_hooks of linux:kernel/bpf/bpf_lsm.c. */
const HALF =
  /^\??lsm(?:\.s)?\/(?:bpf_map_free|bpf_map_free_security|bpf_prog_free|bpf_prog_free_security|(?:file|sk)_(?:alloc|free)_security|task_free)$/;

/** Whether what such a program is given is known by its type, and not whether it is there. */
function isUntrusted({ meaning, isFunction, routine }: Root): boolean {
  if (isFunction || meaning === undefined) return false;
  const { progType, attachType } = meaning.kind;
  if (progType === "BPF_PROG_TYPE_TRACING") return attachType !== undefined && ENTERED.has(attachType);
  return progType === "BPF_PROG_TYPE_LSM" && HALF.test(routine.fn?.section?.name ?? "");
}

function isFromBefore({ id }: Thing, path: Path): boolean {
  const epoch = sectionEpoch(path);
  return epoch !== undefined && id < epoch.id;
}

function tell(
  how: How,
  { name }: CallEvent,
  { thing }: PointerValue,
  node: Expression,
  { walk, path }: On<Depth>,
): void {
  const left = how === "left" ? sectionEpoch(path)?.source : undefined;
  const story: NonNullable<Trouble["story"]> = [
    ...(thing.source.kind === "parameter" ? [] : [{ span: thing.source.span, message: "it comes from here" }]),
    ...(left === undefined ? [] : [{ span: left.span, message: "the RCU section ends here" }]),
  ];
  walk.report(path, {
    kind: "untrusted given",
    span: { start: node.start, end: node.end },
    about: thing.source.name,
    node,
    thing,
    facts: { to: name, how },
    story,
  });
}
