// @ts-check
/** Holds what a rule says of its examples against what clang, libbpf and the kernel do with them. */

/** @typedef {import("../../server/src/analysis/rule.ts").Example} Example */
/** @typedef {import("./toolbox.mjs").Toolbox} Toolbox */
/** @typedef {{ problems: string[], told: string }} Judgement */

const MUCH = 1500;

/** @param {string} name @param {Example} example @param {Toolbox} tools @returns {Promise<Judgement>} */
export async function judge(name, { bad, good, refused, unshown }, tools) {
  /** @type {string[]} */
  const problems = [];
  const goodOne = await attempt(`${name}-good`, good, tools);
  if (goodOne.by !== undefined && unshown === undefined)
    problems.push(`good is refused by ${goodOne.by}:\n${goodOne.says.slice(-MUCH)}`);
  const badOne = await attempt(`${name}-bad`, bad, tools);
  if (refused === undefined) {
    if (badOne.by !== undefined && unshown === undefined)
      problems.push(`bad is refused by ${badOne.by}, which the rule does not say:\n${badOne.says.slice(-MUCH)}`);
  } else if (badOne.by === undefined) {
    problems.push("bad is not refused");
  } else if (badOne.by !== refused.by || !badOne.says.includes(refused.says)) {
    problems.push(`bad is refused by ${badOne.by}, not with "${refused.says}":\n${badOne.says.slice(-MUCH)}`);
  }
  const told = refused ? `: ${refused.by} says "${refused.says}"` : unshown ? `: cannot be shown here, ${unshown}` : "";
  return { problems, told };
}

/** @param {string} name @param {string} text @param {Toolbox} tools @returns {Promise<{ by?: "clang" | "libbpf" | "kernel", says: string }>} */
async function attempt(name, text, { build, load }) {
  const built = await build(name, text);
  if (!built.ok) return { by: "clang", says: built.says };
  const { ok, says } = await load(built.object);
  if (ok) return { says: `${built.says}${says}` };
  // The verifier's log is between these; without it libbpf itself has refused, or the kernel without a word.
  const byKernel = /BEGIN PROG LOAD LOG|BPF program load failed: |failed to create: /.test(says);
  return { by: byKernel ? "kernel" : "libbpf", says };
}
