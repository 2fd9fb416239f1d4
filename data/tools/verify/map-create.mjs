// @ts-check
/** What a map's definition must say: creates maps that keep our rules and maps that break one of them. */

import { compareVersions } from "../versions.mjs";
import { question, runningRelease, whyNotHere, withKernel } from "./support/kernel.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").MapRules} MapRules */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").NumberRule} NumberRule */
/** @typedef {import("./support/base.mjs").Outcome} Outcome */
/** @typedef {{ key: number, value: number, max: number, flags: readonly string[], extra?: number, inner?: false, btf?: false }} Definition `false`: not given, though it is needed */
/** @typedef {{ name: string, what: string, definition: Definition, fits: boolean }} Case */

/** Small: what the kernel allocates stays allocated until the map is gone, and some types allocate all of it at once. */
const SIZES = [0, 1, 4, 5, 8, 12, 16, 20, 256, 260, 261, 512];
const ENTRIES = [0, 1, 2, 3, 100, 4096, 8192];
/** As few bytes are still cheap, however a type allocates. Beyond, only what must be refused is tried. */
const CHEAP = 65536;
/** One of each pair for the user's side, one for programs. */
const OPPOSED = [
  ["BPF_F_RDONLY", "BPF_F_WRONLY"],
  ["BPF_F_RDONLY_PROG", "BPF_F_WRONLY_PROG"],
];
/** No number to verify: it depends on the machine. */
const PAGE = 4096;

/** These cannot be made by hand: the loader and the kernel agree on their types. */
const NOT_BY_HAND = new Set(["BPF_MAP_TYPE_STRUCT_OPS", "BPF_MAP_TYPE_INSN_ARRAY"]);

/** @param {NumberRule} rule @param {number} number */
export function fits({ exactly, min, max, multipleOf, anyOf, powerOfTwoPages }, number) {
  if (exactly !== undefined && number !== exactly) return false;
  if (anyOf !== undefined && !anyOf.includes(number)) return false;
  if (min !== undefined && number < min) return false;
  if (max !== undefined && number > max) return false;
  if (multipleOf !== undefined && number % multipleOf !== 0) return false;
  return !powerOfTwoPages || (number % PAGE === 0 && Number.isInteger(Math.log2(number / PAGE)));
}

/** A number that keeps a rule. @param {NumberRule} rule */
function good(rule) {
  const found = [4, 16, 8, 0, 1, PAGE].find((number) => fits(rule, number));
  if (found === undefined) throw new Error(`no number keeps ${JSON.stringify(rule)}`);
  return found;
}

/** The numbers to try for a rule: common ones, and both sides of its limit. @param {NumberRule} rule @param {readonly number[]} common */
function tried({ max }, common) {
  const limit = max === undefined ? [] : [max, max + 1].filter((number) => number > max || number <= CHEAP);
  return [...new Set([...common, ...limit])];
}

/** @param {MapRules & { name: string }} rules @param {readonly string[]} flags that exist @returns {Case[]} */
export function casesFor({ name, key, value, entries, flags: allowed, requires = [], btf, inner, extra }, flags) {
  const base = { key: good(key), value: good(value), max: good(entries), flags: requires };
  const one = (
    /** @type {string} */ what,
    /** @type {Partial<Definition>} */ change,
    /** @type {boolean} */ keeps,
  ) => ({
    name,
    what,
    definition: { ...base, ...change },
    fits: keeps,
  });
  return [
    one("as it should be", {}, true),
    ...tried(key, SIZES).map((size) => one(`key ${size}`, { key: size }, fits(key, size))),
    ...tried(value, SIZES).map((size) => one(`value ${size}`, { value: size }, fits(value, size))),
    ...tried(entries, ENTRIES).map((max) => one(`${max} entries`, { max }, fits(entries, max))),
    ...flags
      .filter((flag) => !requires.includes(flag))
      .map((flag) => one(flag, { flags: [...requires, flag] }, allowed.includes(flag))),
    ...requires.map((flag) => one(`without ${flag}`, { flags: requires.filter((other) => other !== flag) }, false)),
    ...OPPOSED.map((pair) => one(pair.join(" and "), { flags: [...requires, ...pair] }, false)),
    ...(inner ? [one("without an inner map", { inner: false }, false)] : []),
    ...(btf ? [one("without BTF", { btf: false }, false)] : []),
    ...(extra === undefined ? [one("map_extra 1", { extra: 1 }, false)] : []),
  ];
}

/** @param {readonly (Case & { errno: number })[]} asked @returns {Outcome} */
export function compare(asked) {
  const disagreements = asked.flatMap(({ name, what, fits: ours, errno }) =>
    ours === (errno === 0)
      ? []
      : [
          `${name.replace("BPF_MAP_TYPE_", "")}, ${what}: we say ${ours ? "yes" : "no"}, the kernel ${errno === 0 ? "yes" : `error ${errno}`}`,
        ],
  );
  return { compared: asked.length, disagreements };
}

/** BTF with `int`, which is type 1, `char`, and from type 3 on an array of `char` for each size. @param {readonly number[]} sizes */
function btfOf(sizes) {
  const names = "\0int\0char\0";
  const int = (/** @type {number} */ name, /** @type {number} */ size) => [name, 1 << 24, size, size * 8];
  const array = (/** @type {number} */ size) => [0, 3 << 24, 0, 2, 1, size];
  const types = [...int(1, 4), ...int(5, 1), ...sizes.flatMap(array)];
  // The magic number, version 1, and where types and names stand.
  const words = [0x1eb9f, 24, 0, types.length * 4, types.length * 4, names.length, ...types];
  const bytes = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, index * 4);
  return Buffer.concat([bytes, Buffer.from(names, "latin1")]).toString("hex");
}

/** @param {import("./support/base.mjs").Base} base @returns {Outcome} */
export function run(base) {
  const reason = whyNotHere();
  if (reason) return { compared: 0, disagreements: [], cannot: [reason] };
  const release = runningRelease();
  const there = (/** @type {string | undefined} */ since) =>
    since !== undefined && compareVersions(since, release) <= 0;
  const types = new Map(base("map-types").map(({ name, number, since }) => [name, { number, since }]));
  const known = base("flags").filter(({ since }) => there(since));
  const values = new Map(known.map(({ name, value }) => [name, Number(value)]));
  /** @type {(MapRules & { name: string })[]} */
  const rules = base("map-rules");
  const asked = rules.filter(({ name }) => !NOT_BY_HAND.has(name) && there(types.get(name)?.since));
  // Every flag that some type takes, tried on all of them.
  const flags = [...new Set(rules.flatMap((rule) => rule.flags))].filter((flag) => values.has(flag)).sort();
  const cases = asked.flatMap((rule) => casesFor(rule, flags).map((one) => ({ ...one, rule })));
  // A value of no bytes has no type; it is refused whatever stands there.
  const sizes = [...new Set(cases.map(({ definition }) => definition.value))].filter((size) => size > 0);
  const questions = cases.map(({ rule, definition: { key, value, max, flags: set, extra, inner, btf } }) =>
    question("map", {
      type: types.get(rule.name)?.number,
      key,
      value,
      max,
      flags: set.reduce((sum, flag) => sum | (values.get(flag) ?? 0), 0),
      extra,
      ...(rule.inner && inner !== false && { inner: 1 }),
      ...(rule.btf && btf !== false && { btf: 1, keytype: 1, valuetype: 3 + Math.max(0, sizes.indexOf(value)) }),
    }),
  );
  const lead = [`btf data=${btfOf(sizes)}`, "inner type=1 key=4 value=4 max=1"];
  const answers = withKernel((ask) => ask([...lead, ...questions])).slice(lead.length);
  const left = rules.length - asked.length;
  return {
    ...compare(cases.map((one, index) => ({ ...one, errno: answers[index]?.errno ?? -1 }))),
    leftOut: left > 0 ? [`${left} types that are not made by hand, or that ${release} does not have`] : [],
  };
}
