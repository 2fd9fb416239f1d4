// @ts-check
/** Contexts: the fields of what a program is given, who may read or write them, release by release. */

import { intervals } from "../kernel/availability.mjs";
import { contextTables } from "../kernel/context-tables.mjs";
import { programContexts } from "../kernel/contexts.mjs";
import { grouped } from "../kernel/helper-facts.mjs";
import { layoutOf } from "../kernel/layout.mjs";
import { withoutComments } from "../kernel/source.mjs";
import { kernelTrees } from "../kernel/trees.mjs";
import { firstReleases } from "../releases.mjs";
import { extract as programTypes } from "./program-types.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").ContextFact} ContextFact */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").ContextField} ContextField */
/** @typedef {import("../kernel/contexts.mjs").ProgramContext} ProgramContext */
/** @typedef {import("../kernel/layout.mjs").Member} Member */

/** A program behind a device map's entry sees one field more. @type {ProgramContext} */
const BEHIND_DEVMAP = { label: "XDP/BPF_XDP_DEVMAP", progType: "BPF_PROG_TYPE_XDP", attachType: "BPF_XDP_DEVMAP" };

/** Structures that a program reaches through a pointer in its context, and may read whole. @type {Readonly<Record<string, readonly string[]>>} */
const REACHED = { bpf_flow_keys: ["BPF_PROG_TYPE_FLOW_DISSECTOR"] };

/**
 * @param {import("../upstream.mjs").Upstreams} upstreams
 * @returns {{ entries: ContextFact[], disagreements: string[] }}
 */
export function extract(upstreams) {
  const trees = kernelTrees(upstreams).map(({ kernel }) => ({ kernel, tables: contextTables(kernel) }));
  const newest = trees.at(-1);
  if (newest === undefined) throw new Error("data/upstream.json pins no kernel tree");
  const types = new Map(programTypes(upstreams).entries.map(({ name, since }) => [name, since]));
  const contexts = [...programContexts([]), BEHIND_DEVMAP].filter(({ progType }) => newest.tables.structOf(progType));
  const structs = [...new Set(contexts.map(({ progType }) => newest.tables.structOf(progType) ?? ""))];
  const since = firstReleases(upstreams, (header) => fieldsIn(header, [...structs, ...Object.keys(REACHED)]));
  const releases = trees.map(({ kernel }) => kernel);

  const entries = [...structs, ...Object.keys(REACHED)].sort().flatMap((struct) => {
    const layout = newest.tables.layout(struct);
    if (layout === undefined) return [];
    const mine = contexts.filter(({ progType }) => newest.tables.structOf(progType) === struct);
    return [
      {
        name: struct,
        programTypes: REACHED[struct] ?? [...new Set(mine.map(({ progType }) => progType))].sort(),
        size: layout.size,
        fields: layout.members.map((member) => fieldOf(struct, member, mine)),
        source: ["linux:include/uapi/linux/bpf.h", ...(struct in REACHED ? [] : ["linux:*_is_valid_access"])],
      },
    ];
  });
  return { entries, disagreements: [] };

  /** @param {string} struct @param {Member} member @param {readonly ProgramContext[]} mine @returns {ContextField} */
  function fieldOf(struct, member, mine) {
    const first = since.get(`${struct}.${member.name}`);
    const pointer = mine.map((context) => newest?.tables.access(context, member).pointer).find(Boolean);
    const whole = REACHED[struct];
    // The verifier lets such a structure be read and written everywhere.
    const label = whole?.map((type) => type.replace("BPF_PROG_TYPE_", ""));
    if (label)
      return { ...describe(member, first?.version), access: [{ in: label, since: first?.version ?? "", write: true }] };
    const found = mine.flatMap((context) => {
      const parts = intervals(releases, (index) => stateIn(index, struct, member.name, context), [
        first && !first.oldest ? first.version : undefined,
        types.get(context.progType),
      ]);
      return parts.map(({ state, interval }) => ({ label: context.label, state, interval }));
    });
    return {
      ...describe(member, first?.version),
      ...(pointer && { pointer: pointerKind(pointer) }),
      access: grouped(
        found,
        mine.map(({ label }) => label),
      ).map(({ labels, state, interval }) => ({
        in: labels,
        ...interval,
        ...(state.includes("w") && { write: /** @type {const} */ (true) }),
        ...(state.includes("1") && { first: /** @type {const} */ (true) }),
        ...(!state.includes("r") && { unreadable: /** @type {const} */ (true) }),
      })),
    };
  }

  /** @param {number} index @param {string} struct @param {string} name @param {ProgramContext} context */
  function stateIn(index, struct, name, context) {
    const tables = trees[index]?.tables;
    const member = tables?.layout(struct)?.members.find((one) => one.name === name);
    if (!tables || !member) return undefined;
    const { read, write, first } = tables.access(context, member);
    return read || write ? `${read ? "r" : ""}${write ? "w" : ""}${first ? "1" : ""}` : undefined;
  }
}

/** @param {Member} member @param {string | undefined} since */
function describe({ name, type, from, size, count }, since) {
  return { name, type, offset: from, size, ...(count !== undefined && { count }), ...(since && { since }) };
}

/** @param {string} header @param {readonly string[]} structs @returns {string[]} */
function fieldsIn(header, structs) {
  const text = withoutComments(header);
  return structs.flatMap((struct) => {
    try {
      return layoutOf(text, struct)?.members.map(({ name }) => `${struct}.${name}`) ?? [];
    } catch {
      return [];
    }
  });
}

/** The verifier's name for what a field points to, in words. @param {string} register */
function pointerKind(register) {
  const optional = /OR_NULL|MAYBE_NULL/.test(register);
  const kind = [
    [/PACKET_META/, "packet metadata"],
    [/PACKET_END/, "packet end"],
    [/PACKET/, "packet"],
    [/FLOW_KEYS/, "flow keys"],
    [/SOCK_COMMON/, "common socket fields"],
    [/SOCKET/, "socket"],
    [/BTF_ID/, "kernel structure"],
  ].find(([pattern]) => /** @type {RegExp} */ (pattern).test(register))?.[1];
  return `${kind ?? register}${optional ? " or null" : ""}`;
}
