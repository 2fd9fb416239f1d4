// @ts-check
/** The header of the installed libbpf: names, numbers and signatures of the helpers it knows. */

import { existsSync, readFileSync } from "node:fs";

/** @typedef {import("./support/base.mjs").Outcome} Outcome */
/** @typedef {{ name: string, id: number, returns: string, params: readonly { type: string, name: string }[] }} Signed */

const HEADER = "/usr/include/bpf/bpf_helper_defs.h";

/** @param {string} header @param {readonly Signed[]} ours @returns {Outcome} */
export function compare(header, ours) {
  const known = new Map(ours.map((helper) => [helper.name, helper]));
  const theirs = declarationsIn(header);
  const disagreements = theirs.flatMap(({ name, id, text }) => {
    const helper = known.get(name);
    if (helper === undefined) return [`${name}: in libbpf, not with us`];
    const mine = textOf(helper);
    return [
      ...(helper.id === id ? [] : [`${name}: #${helper.id} with us, #${id} in libbpf`]),
      ...(mine === text ? [] : [`${name}: we say ${mine}, libbpf ${text}`]),
    ];
  });
  // Numbers are given out in order: an older libbpf has the first ones, without gaps.
  const last = Math.max(0, ...theirs.map(({ id }) => id));
  const has = new Set(theirs.map(({ name }) => name));
  const missing = ours.filter(({ id, name }) => id <= last && !has.has(name));
  return {
    compared: theirs.length * 2 + missing.length,
    disagreements: [...disagreements, ...missing.map(({ name }) => `${name}: with us, not in libbpf`)],
  };
}

/** @param {string} header */
function declarationsIn(header) {
  const found = header.matchAll(/^static (.*?)\(\* ?(?:const )?(bpf_\w+)\)\((.*)\) = \(void \*\) ?(\d+);/gm);
  return [...found].map(([, returns = "", name = "", params = "", id]) => ({
    name,
    id: Number(id),
    text: plain(`${returns} ${name}(${params})`),
  }));
}

/** @param {Signed} helper */
function textOf({ name, returns, params }) {
  const list = params.map((param) => `${param.type} ${param.name}`).join(", ");
  return plain(`${returns} ${name}(${list === "" ? "void" : list})`);
}

/** Blanks and attributes are no part of a type. @param {string} text */
function plain(text) {
  return text
    .replace("__bpf_fastcall", "")
    .replace(/\s*([*(),])\s*/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
}

/** @param {import("./support/base.mjs").Base} base @returns {Outcome} */
export function run(base) {
  if (!existsSync(HEADER)) return { compared: 0, disagreements: [], cannot: [`needs libbpf's headers (${HEADER})`] };
  return compare(readFileSync(HEADER, "utf8"), base("helpers"));
}
