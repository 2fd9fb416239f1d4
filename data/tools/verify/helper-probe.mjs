// @ts-check
/** Who may call a helper, by licence, sleepable or not, and with which capabilities: asks the running kernel's verifier. */

import { entryFor } from "./support/base.mjs";
import { call, exit, set } from "./support/insns.mjs";
import { capsWithout, kernelConfig, runningRelease, whyNotHere, withKernel } from "./support/kernel.mjs";
import { loadable } from "./support/loading.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Helper} Helper */
/** @typedef {import("./support/base.mjs").Outcome} Outcome */
/** @typedef {import("./support/programs.mjs").Program} Program */
/** @typedef {"may call" | "may not call" | "only under the GPL" | "only if sleepable" | "not on this target" | "no such helper"} Verdict */

/**
 * What was asked.
 *
 * @typedef {object} Asked
 * @property {Program} program
 * @property {Helper} helper
 * @property {boolean} gpl
 * @property {string} [without] a capability that was withheld
 */

/** The verifier's words, in the order in which it looks at them. @type {readonly (readonly [RegExp, Verdict])[]} */
const WORDS = [
  [/invalid func /, "no such helper"],
  [/cannot use helper|unknown func /, "may not call"],
  [/GPL-restricted/, "only under the GPL"],
  [/not allowed in probe/, "not on this target"],
  [/might sleep/, "only if sleepable"],
];

/** @param {{ errno: number, log: string }} answer @returns {Verdict | undefined} undefined where it did not get that far */
export function verdictOf({ errno, log }) {
  const found = WORDS.find(([pattern]) => pattern.test(log))?.[1];
  // It looks at the call's arguments next.
  return found ?? (errno === 0 || /\bR[0-9]\b/.test(log) || log.includes("helper") ? "may call" : undefined);
}

/**
 * @param {Asked} asked
 * @param {string} release
 * @param {ReadonlySet<string> | undefined} config
 * @returns {Verdict | "no opinion"}
 */
export function expected({ program, helper, gpl, without }, release, config) {
  const entry = entryFor(helper.allowed, program.label, release);
  if (entry === "no opinion") return entry;
  if (entry === undefined) return "may not call";
  if (config && helper.config?.some((option) => !config.has(option))) return "may not call";
  if (without !== undefined && helper.needs?.includes(without)) return "may not call";
  if (entry.gpl && !gpl) return "only under the GPL";
  if (entry.sleepable && !program.sleepable) return "only if sleepable";
  return "may call";
}

/** What only sleepable programs may call, no program may of a kind that never sleeps. @param {Verdict | undefined} verdict @param {Verdict | undefined} otherwise what a program under the GPL and with all rights was told @param {boolean} maySleep */
export function settled(verdict, otherwise, maySleep) {
  return otherwise === "only if sleepable" && !maySleep ? "may not call" : verdict;
}

/** @param {readonly (Asked & { verdict: Verdict | undefined })[]} answers @param {string} release @param {ReadonlySet<string> | undefined} config @returns {Outcome} */
export function compare(answers, release, config) {
  let compared = 0;
  /** @type {string[]} */
  const disagreements = [];
  for (const { verdict, ...asked } of answers) {
    const ours = expected(asked, release, config);
    if (ours === "no opinion") continue;
    compared++;
    if (!same(ours, verdict))
      disagreements.push(`${nameOf(asked)}: we say ${ours}, the kernel ${verdict ?? "nothing"}`);
  }
  return { compared, disagreements };
}

/** A table that hands a helper to sleepable programs only says to others that they may not call it. @param {Verdict} ours @param {Verdict | undefined} theirs */
function same(ours, theirs) {
  return ours === theirs || (ours === "only if sleepable" && theirs === "may not call");
}

/** @param {Asked} asked */
function nameOf({ program, helper, gpl, without }) {
  return `${helper.name} in ${program.name}${gpl ? "" : " without the GPL"}${without ? ` without ${without}` : ""}`;
}

/** @param {import("./support/base.mjs").Base} base @returns {Outcome} */
export function run(base) {
  const reason = whyNotHere();
  if (reason) return { compared: 0, disagreements: [], cannot: [reason] };
  return withKernel((ask) => {
    const { loadable: kinds, leftOut } = loadable(base, ask);
    /** @type {readonly Helper[]} */
    const helpers = base("helpers");
    const trivial = (/** @type {number} */ value) => set(0, value) + exit;
    const ways = kinds.flatMap(({ program, returns, question, maySleep }) =>
      WAYS.map((way) => ({
        program,
        maySleep,
        returns,
        way,
        put: (/** @type {string} */ insns) => question({ insns, ...way.body }),
      })),
    );
    // Some kinds need the GPL, or the capability, for themselves.
    const open = ask(ways.map(({ put, returns }) => put(trivial(returns)))).map(({ errno }) => errno === 0);
    const asked = ways
      .filter((_, index) => open[index])
      .flatMap(({ program, maySleep, way, put }) =>
        helpers.map((helper) => ({
          program,
          maySleep,
          helper,
          ...way.means,
          question: put(call(helper.id) + trivial(0)),
        })),
      );
    const verdicts = ask(asked.map(({ question }) => question)).map(verdictOf);
    // The first way is the one with the GPL and all rights.
    const key = (/** @type {Asked} */ { program, helper }) => `${program.name} ${helper.name}`;
    const first = new Map(asked.map((one, index) => /** @type {const} */ ([key(one), verdicts[index]])).reverse());
    const judged = asked.map(({ question: _, maySleep, ...rest }, index) => ({
      ...rest,
      verdict: settled(verdicts[index], first.get(key(rest)), maySleep),
    }));
    return { ...compare(judged, runningRelease(), kernelConfig()), leftOut };
  });
}

/** CAP_SYS_ADMIN stands for the two that were once a part of it. */
const WAYS = /** @type {const} */ ([
  { means: { gpl: true }, body: { licence: "GPL" } },
  { means: { gpl: false }, body: { licence: "none" } },
  {
    means: { gpl: true, without: "CAP_PERFMON" },
    body: { licence: "GPL", caps: capsWithout(["CAP_PERFMON", "CAP_SYS_ADMIN"]) },
  },
  { means: { gpl: true, without: "CAP_SYS_ADMIN" }, body: { licence: "GPL", caps: capsWithout(["CAP_SYS_ADMIN"]) } },
]);
