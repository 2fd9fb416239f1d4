// @ts-check
/** What the kernel's own tables say about a helper, over all releases that were read. */

import { intervals } from "./availability.mjs";
import { programContexts, sleeping } from "./contexts.mjs";
import { kernelTrees } from "./trees.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Helper} Helper */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Allowance} Allowance */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").MapAllowance} MapAllowance */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Interval} Interval */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Param} Param */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").ParamKind} ParamKind */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").ResultKind} ResultKind */
/** @typedef {import("./contexts.mjs").ProgramContext} ProgramContext */
/** @typedef {import("./helper-tables.mjs").Proto} Proto */
/** @typedef {import("./helper-tables.mjs").Privilege} Privilege */
/** @typedef {import("./trees.mjs").KernelTree} KernelTree */
/** @typedef {Pick<Helper, "result" | "acquires" | "sleeps" | "needs" | "lockdown" | "config" | "filtered" | "allowed" | "maps">} KernelFacts */
/** @typedef {Omit<Param, "type" | "name">} ParamFacts */

/** When a program type, an attach type or a map type appeared, by its full name. @typedef {ReadonlyMap<string, string | undefined>} Since */

/**
 * @param {import("../upstream.mjs").Upstreams} upstreams
 * @param {Since} since
 * @param {readonly string[]} mapTypes
 */
export function helperFacts(upstreams, since, mapTypes) {
  const trees = kernelTrees(upstreams);
  const newest = trees.at(-1);
  if (newest === undefined) throw new Error("data/upstream.json pins no kernel tree");
  const contexts = programContexts([...new Set(trees.flatMap(({ helpers }) => helpers.structOps))].sort());
  const acquiring = acquiringHelpers(newest);
  const configs = configsOf(newest);

  /** @param {{ name: string, since: string }} helper @param {number} count of its parameters @returns {{ facts: KernelFacts, params: ParamFacts[] }} */
  return (helper, count) => {
    const protos = contexts
      .flatMap((context) => [context, sleeping(context)])
      .flatMap((context) => {
        const proto = context && newest.helpers.has(context) ? newest.helpers.proto(helper.name, context) : undefined;
        return context && proto ? [{ context, proto }] : [];
      });
    const typical = typicalProto(protos.map(({ proto }) => proto));
    const allowed = allowances(trees, contexts, helper, since);
    const needs = /** @type {const} */ (["CAP_BPF", "CAP_PERFMON", "CAP_SYS_ADMIN"]).filter((privilege) =>
      gone(newest, helper.name, protos, privilege),
    );
    const config = configs.get(helper.name);
    const takesMap = Object.values(typical?.fields ?? {}).includes("ARG_CONST_MAP_PTR");
    const maps = takesMap ? mapAllowances(trees, helper, mapTypes, since) : undefined;
    const sleeps = protos.length > 0 && protos.every(({ context }) => context.sleepable);
    return {
      facts: {
        result: resultKind(typical?.fields["ret_type"]),
        ...(acquiring.has(helper.name) && { acquires: /** @type {const} */ (true) }),
        ...((sleeps || typical?.mightSleep) && { sleeps: /** @type {const} */ (true) }),
        ...(needs.length > 0 && { needs }),
        ...(gone(newest, helper.name, protos, "lockdown") && { lockdown: /** @type {const} */ (true) }),
        ...(config && { config }),
        ...(typical?.fields["allowed"] && { filtered: /** @type {const} */ (true) }),
        allowed,
        ...(maps && { maps }),
      },
      params: Array.from({ length: count }, (_, index) => paramFacts(typical?.fields[`arg${index + 1}_type`])),
    };
  };
}

/** Most contexts share one table; a few have one of their own. @param {readonly Proto[]} protos @returns {Proto | undefined} */
function typicalProto(protos) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { name } of protos) counts.set(name, (counts.get(name) ?? 0) + 1);
  const [name] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? [];
  return protos.find((proto) => proto.name === name);
}

/** @param {KernelTree} tree @param {string} helper @param {readonly { context: ProgramContext }[]} where @param {Privilege} privilege */
function gone(tree, helper, where, privilege) {
  return where.length > 0 && where.every(({ context }) => tree.helpers.proto(helper, context, privilege) === undefined);
}

/**
 * @param {readonly KernelTree[]} trees
 * @param {readonly ProgramContext[]} contexts
 * @param {{ name: string, since: string }} helper
 * @param {Since} since
 * @returns {Allowance[]}
 */
function allowances(trees, contexts, helper, since) {
  const releases = trees.map(({ kernel }) => kernel);
  const found = contexts.flatMap((context) => {
    const napping = sleeping(context);
    // When the attach type appeared is a fact of its own; for the table it makes no difference.
    const notBefore = [helper.since, since.get(context.progType)];
    const parts = intervals(releases, (index) => stateIn(trees[index], helper.name, context, napping), notBefore);
    return parts.map(({ state, interval }) => ({ label: context.label, state, interval }));
  });
  return grouped(
    found,
    contexts.map(({ label }) => label),
  ).map(({ labels, state, interval }) => ({
    in: labels,
    ...interval,
    ...(state.includes("g") && { gpl: /** @type {const} */ (true) }),
    ...(state.includes("s") && { sleepable: /** @type {const} */ (true) }),
  }));
}

/** @param {KernelTree | undefined} tree @param {string} helper @param {ProgramContext} context @param {ProgramContext | undefined} napping */
function stateIn(tree, helper, context, napping) {
  if (!tree?.helpers.has(context)) return undefined;
  const awake = tree.helpers.proto(helper, context);
  const canNap = napping !== undefined && tree.helpers.canSleep(napping);
  const proto = awake ?? (canNap ? tree.helpers.proto(helper, napping) : undefined);
  if (!proto) return undefined;
  // A table entry says it may sleep: the verifier then refuses it elsewhere, though the function hands it out.
  const sleeps = !context.sleepable && (!awake || proto.mightSleep);
  if (sleeps && !canNap) return undefined;
  return `y${proto.gpl ? "g" : ""}${sleeps ? "s" : ""}`;
}

/**
 * Labels with the same story stand together; all attach types of a program type together are the program type.
 *
 * @template State
 * @param {readonly { label: string, state: State, interval: Interval }[]} found
 * @param {readonly string[]} all
 */
export function grouped(found, all) {
  /** @type {Map<string, { labels: string[], state: State, interval: Interval }>} */
  const groups = new Map();
  for (const { label, state, interval } of found) {
    const key = JSON.stringify([state, interval.since, interval.maybe, interval.until]);
    const group = groups.get(key) ?? { labels: [], state, interval };
    group.labels.push(label);
    groups.set(key, group);
  }
  const sizes = new Map();
  for (const label of all) sizes.set(outer(label), (sizes.get(outer(label)) ?? 0) + 1);
  return [...groups.values()].map((group) => ({ ...group, labels: folded(group.labels, sizes) })).sort(byAge);
}

/** @param {readonly string[]} labels @param {ReadonlyMap<string, number>} sizes */
function folded(labels, sizes) {
  /** @type {Map<string, string[]>} */
  const types = new Map();
  for (const label of labels) types.set(outer(label), [...(types.get(outer(label)) ?? []), label]);
  const spelled = (/** @type {string} */ label) => (label.includes("/") ? label : `${label}/plain`);
  return [...types]
    .flatMap(([type, inner]) => (inner.length === (sizes.get(type) ?? 1) ? [type] : inner.map(spelled)))
    .sort();
}

/** @param {string} label */
function outer(label) {
  return label.split("/")[0] ?? label;
}

/** @param {{ labels: readonly string[] }} a @param {{ labels: readonly string[] }} b */
function byAge(a, b) {
  return b.labels.length - a.labels.length || (String(a.labels) < String(b.labels) ? -1 : 1);
}

/**
 * @param {readonly KernelTree[]} trees
 * @param {{ name: string, since: string }} helper
 * @param {readonly string[]} mapTypes
 * @param {Since} since
 * @returns {MapAllowance[] | undefined} nothing where every type will do
 */
function mapAllowances(trees, helper, mapTypes, since) {
  // A helper or a map type that a release does not have yet would look as if it were free to use.
  const present = trees.map(({ kernel }) => kernel);
  const found = mapTypes.flatMap((type) => {
    const notBefore = [helper.since, since.get(type)];
    const parts = intervals(present, (index) => (fits(trees[index], type, helper, since) ? "y" : undefined), notBefore);
    return parts.map(({ interval }) => ({ label: type.replace("BPF_MAP_TYPE_", ""), state: "y", interval }));
  });
  // Old kernels let a few wrong types pass, by mistake.
  const lasting = found.filter(({ interval }) => interval.until === undefined);
  if (lasting.length === mapTypes.length) return undefined;
  return grouped(lasting, []).map(({ labels, interval }) => ({ in: labels, ...interval }));
}

/** @param {KernelTree | undefined} tree @param {string} type @param {{ name: string, since: string }} helper @param {Since} since */
function fits(tree, type, helper, since) {
  if (!tree || !hasBoth(tree, [helper.since, since.get(type)])) return false;
  return tree.helpers.mapFits(type, helper.name);
}

/** @param {KernelTree} tree @param {readonly (string | undefined)[]} needed */
function hasBoth({ kernel }, needed) {
  const [major = 0, minor = 0] = kernel.release.split(".").map(Number);
  return needed.every((release) => {
    const [first = 99, second = 0] = (release ?? "99.0").split(".").map(Number);
    return major > first || (major === first && minor >= second);
  });
}

/** @param {KernelTree} tree */
function acquiringHelpers({ kernel }) {
  const text = kernel.functions.get("is_acquire_function")?.text ?? "";
  const always = /if \(([^{}]*?)\)\s*return true;/.exec(text.replaceAll("\n", " "))?.[1] ?? "";
  return new Set([...always.matchAll(/BPF_FUNC_(\w+)/g)].map(([, name]) => `bpf_${name}`));
}

/** Helpers that every table lists only under `#ifdef CONFIG_…`. @param {KernelTree} tree @returns {Map<string, string[]>} */
function configsOf({ kernel }) {
  /** @type {Map<string, string[][]>} */
  const places = new Map();
  for (const [file, text] of kernel.raw) {
    if (!/func_proto/.test(text) || /verifier\.c$/.test(file)) continue;
    /** @type {string[]} */
    const open = [];
    for (const line of text.split("\n")) {
      const [, directive, rest = ""] = /^\s*#\s*(ifdef|ifndef|if|elif|else|endif)\b(.*)/.exec(line) ?? [];
      if (directive === "endif") open.pop();
      else if (directive === "else" || directive === "elif") open[open.length - 1] = "";
      else if (directive) open.push(/^ifdef$|^if$/.test(directive) ? (/\bCONFIG_\w+/.exec(rest)?.[0] ?? "") : "");
      const [, name] = /^\s*case BPF_FUNC_(\w+):/.exec(line) ?? [];
      if (name)
        places.set(`bpf_${name}`, [...(places.get(`bpf_${name}`) ?? []), open.filter((symbol) => symbol !== "")]);
    }
  }
  return new Map(
    [...places].flatMap(([name, [first = [], ...others]]) => {
      const common = first.filter((symbol) => others.every((symbols) => symbols.includes(symbol)));
      return common.length > 0 ? [[name, [...new Set(common)]]] : [];
    }),
  );
}

/** @param {string | undefined} type @returns {ResultKind} */
function resultKind(type) {
  if (type === undefined || type === "RET_INTEGER") return "number";
  if (type === "RET_VOID") return "nothing";
  return /OR_NULL|PTR_MAYBE_NULL/.test(type) ? "pointer or null" : "pointer";
}

/** The verifier's words and ours; the first that fits. @type {readonly (readonly [RegExp, ParamKind])[]} */
const PARAM_KINDS = [
  [/^ARG_CONST_MAP_PTR/, "map"],
  [/^ARG_PTR_TO_MAP_KEY/, "key"],
  [/^ARG_PTR_TO_MAP_VALUE/, "value"],
  [/^ARG_CONST_ALLOC_SIZE/, "constant"],
  [/^ARG_CONST_SIZE/, "size"],
  [/^ARG_PTR_TO_CTX/, "context"],
  [/^ARG_PTR_TO_CONST_STR/, "string"],
  [/^ARG_PTR_TO_FUNC/, "function"],
  [/^ARG_PTR_TO_STACK/, "stack"],
  [/^ARG_PTR_TO_(?:SOCK|BTF_ID_SOCK)/, "socket"],
  [/^ARG_PTR_TO_PERCPU_BTF_ID/, "per-CPU pointer"],
  [/^ARG_PTR_TO_BTF_ID/, "kernel pointer"],
  [/^ARG_PTR_TO_RINGBUF_MEM/, "ring buffer record"],
  [/^ARG_PTR_TO_SPIN_LOCK/, "spin lock"],
  [/^ARG_PTR_TO_TIMER/, "timer"],
  [/^ARG_PTR_TO_DYNPTR/, "dynptr"],
  [/^ARG_(?:KPTR_XCHG_DEST|PTR_TO_KPTR)/, "kptr"],
  [/^ARG_PTR_TO_(?:UNINIT_|FIXED_SIZE_)?MEM|^ARG_PTR_TO_(?:INT|LONG)/, "memory"],
  [/^ARG_(?:ANYTHING|SCALAR)/, "number"],
];

/** @param {string | undefined} type @returns {ParamFacts} */
function paramFacts(type) {
  const kind = PARAM_KINDS.find(([pattern]) => pattern.test(type ?? ""))?.[1];
  if (type === undefined || kind === undefined) return {};
  return {
    kind,
    ...(/OR_NULL|OR_ZERO|PTR_MAYBE_NULL/.test(type) && { optional: /** @type {const} */ (true) }),
    ...(/UNINIT|MEM_WRITE/.test(type) && { written: /** @type {const} */ (true) }),
    ...(/OBJ_RELEASE/.test(type) && { releases: /** @type {const} */ (true) }),
  };
}
