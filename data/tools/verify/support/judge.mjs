// @ts-check
/** Holds the disagreements of a check against the explanations on record. */

/** @typedef {import("./base.mjs").Outcome} Outcome */
/** @typedef {{ check: string, what: string, because: string }} Explanation `what` is a regular expression for the whole disagreement */

/**
 * @typedef {object} Verdict
 * @property {string} check
 * @property {Outcome} outcome
 * @property {readonly { because: string, found: readonly string[] }[]} explained
 * @property {readonly string[]} unexplained
 * @property {readonly string[]} stale explanations that explain nothing
 * @property {boolean} passed
 */

/** @param {string} check @param {Outcome} outcome @param {readonly Explanation[]} explanations @param {boolean} [ci] where every check must run @returns {Verdict} */
export function judge(check, outcome, explanations, ci = process.env["CI"] === "true") {
  const mine = explanations.filter((one) => one.check === check);
  const used = mine.map(({ what, because }) => {
    const pattern = new RegExp(`^(?:${what})$`);
    return { what, because, found: outcome.disagreements.filter((disagreement) => pattern.test(disagreement)) };
  });
  const known = new Set(used.flatMap(({ found }) => found));
  const unexplained = outcome.disagreements.filter((disagreement) => !known.has(disagreement));
  // What did not run has nothing to explain.
  const ran = outcome.compared > 0;
  const blocked = (outcome.cannot ?? []).length > 0;
  return {
    check,
    outcome,
    explained: used.filter(({ found }) => found.length > 0),
    unexplained,
    stale: ran ? used.filter(({ found }) => found.length === 0).map(({ what }) => what) : [],
    passed: unexplained.length === 0 && !(ci && blocked),
  };
}

/** @param {Verdict} verdict @returns {string[]} */
export function report({ check, outcome, explained, unexplained, stale }) {
  const { compared, disagreements, cannot = [], leftOut = [] } = outcome;
  const known = disagreements.length - unexplained.length;
  const agreeing = compared - disagreements.length;
  return [
    `${check}: ${compared} compared, ${agreeing} agree, ${known} explained, ${unexplained.length} unexplained`,
    ...cannot.map((reason) => `  not done here: ${reason}`),
    ...leftOut.map((what) => `  left out: ${what}`),
    ...explained.flatMap(({ because, found }) => [`  explained: ${because}`, ...found.map((one) => `    ${one}`)]),
    ...stale.map((what) => `  explains nothing any more: ${what}`),
    ...unexplained.map((one) => `  UNEXPLAINED: ${one}`),
  ];
}
