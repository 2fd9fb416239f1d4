// @ts-check
/** Holds what a rule says of its examples against what clang, libbpf and the kernel do with them. */

/** @typedef {import("../../server/src/analysis/rule.ts").Example} Example */
/** @typedef {import("./toolbox.mjs").Toolbox} Toolbox */
/** @typedef {{ problems: string[], told: string }} Judgement */

const MUCH = 1500;

/** @typedef {(series: string, object: string) => Promise<import("./toolbox.mjs").Outcome>} AskGuest loads an object into the kernel of a guest */

/**
 * @param {string} name @param {Example} example @param {Toolbox} tools
 * @param {AskGuest} [askGuest] without it, what needs a guest is built only
 * @returns {Promise<Judgement>}
 */
export async function judge(name, example, tools, askGuest) {
  const { bad, good, refused, unshown } = example;
  const series = refused?.on;
  const load =
    series === undefined ? tools.load : askGuest && ((/** @type {string} */ object) => askGuest(series, object));
  const why = unshown ?? (load === undefined ? `it needs Linux ${series} in a guest` : undefined);
  /** @type {string[]} */
  const problems = [];
  const goodOne = await attempt(`${name}-good`, good, tools, load);
  if (goodOne.by !== undefined && why === undefined)
    problems.push(`good is refused by ${goodOne.by}:\n${goodOne.says.slice(-MUCH)}`);
  const badOne = await attempt(`${name}-bad`, bad, tools, load);
  if (refused === undefined || why !== undefined) {
    // What cannot be shown is to be C all the same. What is better may need newer headers.
    if (badOne.by !== undefined && (why === undefined || badOne.by === "clang"))
      problems.push(`bad is refused by ${badOne.by}, which the rule does not say:\n${badOne.says.slice(-MUCH)}`);
  } else if (badOne.by === undefined) {
    problems.push("bad is not refused");
  } else if (badOne.by !== refused.by || !badOne.says.includes(refused.says)) {
    problems.push(`bad is refused by ${badOne.by}, not with "${refused.says}":\n${badOne.says.slice(-MUCH)}`);
  }
  const who = series === undefined ? refused?.by : `Linux ${series}`;
  const told = why ? `: cannot be shown here, ${why}` : refused ? `: ${who} says "${refused.says}"` : "";
  return { problems, told };
}

/**
 * @param {string} name @param {string} text @param {Toolbox} tools @param {Toolbox["load"] | undefined} load
 * @returns {Promise<{ by?: "clang" | "libbpf" | "kernel", says: string }>}
 */
async function attempt(name, text, { build }, load) {
  const built = await build(name, text);
  if (!built.ok) return { by: "clang", says: built.says };
  if (load === undefined) return { says: built.says };
  const { ok, says } = await load(built.object);
  if (ok) return { says: `${built.says}${says}` };
  // The verifier's log is between these; without it libbpf itself has refused, or the kernel without a word.
  const byKernel = /BEGIN PROG LOAD LOG|BPF program load failed: |failed to create: /.test(says);
  return { by: byKernel ? "kernel" : "libbpf", says };
}
