// @ts-check
/** Program types, map types and helpers per program type: what `bpftool feature probe` finds in the running kernel. */

import { spawnSync } from "node:child_process";
import { entryFor, holds } from "./support/base.mjs";
import { runningRelease, whyNotHere } from "./support/kernel.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Helper} Helper */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").EnumFact} EnumFact */
/** @typedef {import("./support/base.mjs").Outcome} Outcome */

/**
 * @typedef {object} Probe As bpftool prints it.
 * @property {Readonly<Record<string, boolean>>} program_types
 * @property {Readonly<Record<string, boolean>>} map_types
 * @property {Readonly<Record<string, readonly string[]>>} helpers
 */

/** How libbpf's probe loads a type of which one program may call what another may not. @type {Readonly<Record<string, string>>} */
const PROBED_AS = {
  CGROUP_SKB: "BPF_CGROUP_INET_INGRESS",
  CGROUP_SOCK: "BPF_CGROUP_INET_SOCK_CREATE",
  CGROUP_SOCK_ADDR: "BPF_CGROUP_INET4_CONNECT",
  CGROUP_SOCKOPT: "BPF_CGROUP_GETSOCKOPT",
};

/** @param {Probe} probe @param {{ helpers: readonly Helper[], programTypes: readonly EnumFact[], mapTypes: readonly EnumFact[] }} facts @param {string} release @returns {Outcome} */
export function compare(probe, facts, release) {
  const parts = [
    compareTypes("program type", named(probe.program_types, "prog"), facts.programTypes, release),
    compareTypes("map type", named(probe.map_types, "map"), facts.mapTypes, release),
    understood(probe) ? compareHelpers(probe, facts.helpers, release) : { compared: 0, disagreements: [] },
  ];
  return {
    compared: parts.reduce((sum, part) => sum + part.compared, 0),
    disagreements: parts.flatMap((part) => part.disagreements),
    ...(!understood(probe) && {
      cannot: [
        "helpers: this bpftool is older than the kernel's words of refusal; set HOOKPOINT_BPFTOOL to a newer one",
      ],
    }),
  };
}

/** A bpftool that does not know how the kernel says no believes that every program may call everything. @param {Probe} probe */
export function understood({ helpers }) {
  const lists = Object.values(helpers).filter((list) => list.length > 0);
  return new Set(lists.map(String)).size > 1;
}

/** `have_xdp_prog_type` is `XDP`. @param {Readonly<Record<string, boolean>>} types @param {string} kind @returns {[string, boolean][]} */
function named(types, kind) {
  return Object.entries(types).map(([key, value]) => [
    key.slice("have_".length, -`_${kind}_type`.length).toUpperCase(),
    value,
  ]);
}

/** @param {string} what @param {readonly [string, boolean][]} found @param {readonly EnumFact[]} facts @param {string} release @returns {Outcome} */
function compareTypes(what, found, facts, release) {
  const since = new Map(facts.map((fact) => [fact.name.replace(/^BPF_(?:PROG|MAP)_TYPE_/, ""), fact.since]));
  const disagreements = found.flatMap(([name, there]) => {
    const first = since.get(name);
    const ours = first !== undefined && holds({ since: first }, release) === true;
    return ours === there ? [] : [`${what} ${name}: ${opposed(ours, there)}`];
  });
  return { compared: found.length, disagreements };
}

/** @param {Probe} probe @param {readonly Helper[]} helpers @param {string} release @returns {Outcome} */
function compareHelpers(probe, helpers, release) {
  const asked = new Set(Object.values(probe.helpers).flat());
  let compared = 0;
  /** @type {string[]} */
  const disagreements = [];
  for (const [key, list] of Object.entries(probe.helpers)) {
    // A type that the probe could not load at all.
    if (list.length === 0) continue;
    const type = key.replace("_available_helpers", "").toUpperCase();
    const attachType = PROBED_AS[type];
    const label = attachType ? `${type}/${attachType}` : type;
    for (const helper of helpers.filter(({ name }) => asked.has(name))) {
      const entry = entryFor(helper.allowed, label, release);
      if (entry === "no opinion") continue;
      compared++;
      const there = list.includes(helper.name);
      const sleepable = entry?.sleepable || helper.sleeps ? " (sleeps)" : "";
      if ((entry !== undefined) !== there)
        disagreements.push(`${helper.name}${sleepable} in ${label}: ${opposed(entry !== undefined, there)}`);
    }
  }
  return { compared, disagreements };
}

/** @param {boolean} ours @param {boolean} theirs */
function opposed(ours, theirs) {
  return `we say ${ours ? "yes" : "no"}, bpftool ${theirs ? "yes" : "no"}`;
}

/** @param {import("./support/base.mjs").Base} base @returns {Outcome} */
export function run(base) {
  const reason = whyNotHere();
  if (reason) return { compared: 0, disagreements: [], cannot: [reason] };
  const bpftool = process.env["HOOKPOINT_BPFTOOL"] || "bpftool";
  const { stdout, error } = spawnSync(bpftool, ["-j", "feature", "probe", "full"], { encoding: "utf8" });
  if (error) return { compared: 0, disagreements: [], cannot: [`needs bpftool: ${error.message}`] };
  const facts = { helpers: base("helpers"), programTypes: base("program-types"), mapTypes: base("map-types") };
  return compare(JSON.parse(stdout), facts, runningRelease());
}
