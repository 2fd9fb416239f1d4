// @ts-check
/** Which fields of its context a program may read and write, and what it gets: loads programs that do so. */

import { entryFor } from "./support/base.mjs";
import { copy, exit, load, set, store } from "./support/insns.mjs";
import { runningRelease, whyNotHere, withKernel } from "./support/kernel.mjs";
import { loadable } from "./support/loading.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").ContextFact} ContextFact */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").ContextField} ContextField */
/** @typedef {import("./support/base.mjs").Outcome} Outcome */

/**
 * @typedef {object} Touched
 * @property {string} name the program
 * @property {string} label
 * @property {string} struct
 * @property {ContextField} field
 * @property {number} at which element of an array, or which word of a structure
 * @property {boolean} write
 * @property {boolean | undefined} done undefined where the verifier says something else
 * @property {string} [got] what it takes the value read for
 */

/** Structures that a program reaches through a field of its context. @type {Readonly<Record<string, { type: string, struct: string, field: string }>>} */
const REACHED = { bpf_flow_keys: { type: "FLOW_DISSECTOR", struct: "__sk_buff", field: "flow_keys" } };

/** The verifier's name for a value, and ours. @type {Readonly<Record<string, string>>} */
const POINTERS = {
  pkt: "packet",
  pkt_end: "packet end",
  pkt_meta: "packet metadata",
  flow_keys: "flow keys",
  sock: "socket",
  sock_or_null: "socket or null",
  sock_common: "common socket fields",
  sock_common_or_null: "common socket fields or null",
};

/** @param {readonly Touched[]} touched @param {string} release @returns {Outcome} */
export function compare(touched, release) {
  let compared = 0;
  /** @type {string[]} */
  const disagreements = [];
  for (const one of touched) {
    const { label, field, write, done, got } = one;
    const entry = entryFor(field.access, label, release);
    if (entry === "no opinion") continue;
    compared++;
    const ours =
      entry !== undefined && (write ? entry.write === true && !(entry.first && one.at > 0) : !entry.unreadable);
    const theirs = done === undefined ? "refuses something else" : done ? "yes" : "no";
    if (ours !== done) disagreements.push(`${whatIs(one)}: we say ${ours ? "yes" : "no"}, the kernel ${theirs}`);
    else if (got !== undefined && got !== (field.pointer ?? "number"))
      disagreements.push(`${whatIs(one)}: we say it is a ${field.pointer ?? "number"}, the kernel a ${got}`);
  }
  return { compared, disagreements };
}

/** @param {Touched} touched */
function whatIs({ name, struct, field, at, write }) {
  return `${name} ${write ? "writes" : "reads"} ${struct}.${field.name}${at > 0 ? `[${at}]` : ""}`;
}

/** What the log says of the register that was read into. @param {string} log */
export function gotIn(log) {
  const [, register] = /\bR2_?w?=(?:(\w+)\(|\w)/.exec(log) ?? [];
  if (register === undefined) return /\bR2/.test(log) ? "number" : undefined;
  if (register === "scalar" || register === "inv") return "number";
  const kernel = /^(?:trusted_|rcu_)?ptr_(?:or_null_)?/.test(register) ? "kernel structure" : undefined;
  return POINTERS[register] ?? kernel ?? register;
}

/** @param {{ errno: number, log: string }} answer @returns {boolean | undefined} */
export function doneIn({ errno, log }) {
  if (errno === 0) return true;
  return /invalid bpf_context access|access beyond|only read is supported|cannot write/.test(log) ? false : undefined;
}

/** Where a field's elements stand. A structure within is looked at word by word. @param {ContextField} field */
export function places({ offset, size, count = 1 }) {
  const width = Math.min(size, 8);
  const each = Array.from({ length: Math.max(count, 1) * Math.max(1, Math.floor(size / width)) }, (_, at) => at);
  return each.map((at) => ({ at, width, off: offset + at * width }));
}

/** @param {import("./support/base.mjs").Base} base @returns {Outcome} */
export function run(base) {
  const reason = whyNotHere();
  if (reason) return { compared: 0, disagreements: [], cannot: [reason] };
  /** @type {readonly ContextFact[]} */
  const contexts = base("contexts");
  return withKernel((ask) => {
    const { loadable: kinds, leftOut } = loadable(base, ask);
    const asked = kinds.flatMap((kind) =>
      contexts
        .filter(({ programTypes }) => programTypes.includes(`BPF_PROG_TYPE_${kind.program.type}`))
        .flatMap((context) => questionsFor(kind, context, contexts)),
    );
    const answers = ask(asked.map(({ question }) => question));
    const touched = asked.map(({ question: _, ...rest }, index) => {
      const answer = answers[index] ?? { errno: -1, log: "" };
      const done = doneIn(answer);
      const got = done && !rest.write && !(rest.struct in REACHED) ? gotIn(answer.log) : undefined;
      return { ...rest, done, ...(got !== undefined && { got }) };
    });
    return { ...compare(touched, runningRelease()), leftOut };
  });
}

/** @param {import("./support/loading.mjs").Loadable} kind @param {ContextFact} context @param {readonly ContextFact[]} contexts */
function questionsFor({ program: { name, label }, returns, question }, { name: struct, fields }, contexts) {
  const reach = wayTo(struct, contexts);
  const end = set(0, returns) + exit;
  return fields.flatMap((field) =>
    places(field).flatMap(({ at, width, off }) =>
      [false, true].map((write) => {
        // What a call would leave in r2 is told apart from what was read: nothing was in it before.
        const touch = write ? set(2, 0) + store(width, 3, off, 2) : load(width, 2, 3, off);
        return { name, label, struct, field, at, write, question: question({ insns: reach + touch + end, level: 2 }) };
      }),
    ),
  );
}

/** Brings the structure into r3. @param {string} struct @param {readonly ContextFact[]} contexts */
function wayTo(struct, contexts) {
  const way = REACHED[struct];
  if (way === undefined) return copy(3, 1);
  const field = contexts.find(({ name }) => name === way.struct)?.fields.find(({ name }) => name === way.field);
  if (field === undefined) throw new Error(`the facts have no ${way.struct}.${way.field}`);
  return load(field.size, 3, 1, field.offset);
}
