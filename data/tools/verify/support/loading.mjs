// @ts-check
/** Turns a kind of program into a question to the kernel, and finds out which kinds it loads at all. */

import { KIND, readBtf } from "./btf.mjs";
import { exit, set } from "./insns.mjs";
import { question, vmlinuxBtf } from "./kernel.mjs";
import { programs } from "./programs.mjs";

/** @typedef {import("./base.mjs").Base} Base */
/** @typedef {import("./kernel.mjs").Ask} Ask */
/** @typedef {import("./programs.mjs").Program} Program */
/** @typedef {{ insns: string, licence?: "GPL" | "none", level?: number, caps?: string, sleepable?: boolean }} Body */

/**
 * @typedef {object} Loadable
 * @property {Program} program
 * @property {number} returns a value it may return
 * @property {boolean} maySleep the same program, declared sleepable, loads too
 * @property {(body: Body) => string} question
 */

const BPF_F_SLEEPABLE = 1 << 4;
const BPF_F_XDP_HAS_FRAGS = 1 << 5;

/**
 * Which programs load here, and why the others do not.
 *
 * @param {Base} base
 * @param {Ask} ask
 * @returns {{ loadable: Loadable[], leftOut: string[] }}
 */
export function loadable(base, ask) {
  const asking = questionsOf(base);
  /** @type {Loadable[]} */
  const found = [];
  /** @type {string[]} */
  const leftOut = [];
  for (const program of programs()) {
    const put = asking(program);
    const answers = put === undefined ? [] : ask([0, 1].map((value) => put({ insns: set(0, value) + exit })));
    const returns = answers.findIndex(({ errno }) => errno === 0);
    if (put !== undefined && returns >= 0) {
      const [asleep] = ask([put({ insns: set(0, returns) + exit, sleepable: true })]);
      found.push({ program, returns, question: put, maySleep: asleep?.errno === 0 });
    } else leftOut.push(`${program.name}: ${put === undefined ? "no such target" : why(answers[0])}`);
  }
  return { loadable: found, leftOut };
}

/** @param {import("./kernel.mjs").Answer | undefined} answer */
function why(answer) {
  return (
    answer?.log.split("|").find((line) => line !== "" && !/^\d+:|^processed/.test(line)) ?? `error ${answer?.errno}`
  );
}

/** @param {Base} base @returns {(program: Program) => ((body: Body) => string) | undefined} nothing where the target is missing */
function questionsOf(base) {
  const number = numbersIn([...base("program-types"), ...base("attach-types")]);
  const btf = vmlinuxBtf();
  const find = btf ? readBtf(btf) : () => undefined;
  return ({ type, attachType, target, sleepable, frags }) => {
    const found = target && find(target.name, target.kind);
    if (target && !found) return undefined;
    const operation = found?.kind === KIND.STRUCT ? found.members.indexOf(attachType ?? "") : undefined;
    const fields = {
      type: number(`BPF_PROG_TYPE_${type}`),
      attach: operation ?? (attachType && number(attachType)) ?? 0,
      target: found?.id,
    };
    return ({ insns, licence = "GPL", level = 1, caps, sleepable: asleep = sleepable }) => {
      const flags = (asleep ? BPF_F_SLEEPABLE : 0) | (frags ? BPF_F_XDP_HAS_FRAGS : 0);
      return question("prog", { ...fields, flags, licence, level, caps, insns });
    };
  };
}

/** @param {readonly { name: string, number: number }[]} entries @returns {(name: string) => number} */
export function numbersIn(entries) {
  const numbers = new Map(entries.map(({ name, number }) => [name, number]));
  return (name) => {
    const found = numbers.get(name);
    if (found === undefined) throw new Error(`the facts have no ${name}`);
    return found;
  };
}
